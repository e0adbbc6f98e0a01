import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { SUITES } from '../../../../fixtures/promptfoo/suites.ts'
import { differing, evaluateOurselves, type SuiteVerdict } from '../../../../promptfoo/ours.ts'
import { withFiles } from '../harness.ts'

const { suites } = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../../../fixtures/promptfoo/evaluations.json'), 'utf8'),
) as { readonly suites: readonly { readonly name: string; readonly results: readonly SuiteVerdict[] }[] }

test.each(SUITES)(
  "a configuration asks and is judged as promptfoo's command line has it: $name",
  async ({ name, files }) => {
    const { results } = suites.find((suite) => suite.name === name)!
    expect(results).not.toHaveLength(0)
    expect(differing(results, await withFiles(files, (cwd) => evaluateOurselves(cwd)))).toEqual([])
  },
)
