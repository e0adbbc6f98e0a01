import type { ForeignFile, ForeignFormat } from '../formats/foreign.ts'
import type { RawExample } from '../raw-example.ts'
import { makeExamples } from './examples.ts'
import { readSuite } from './suite.ts'
import type { Unmapped } from './unmapped.ts'

/** The examples of a configuration of promptfoo or a file of its tests, each at the place of its test. */
async function* read(from: ForeignFile): AsyncGenerator<RawExample> {
  const { cwd, baseDir, env } = from.places
  const unmapped: Unmapped = (name, { file, line }, why) => from.unmapped(name, line, why, file)
  const suite = readSuite(from.path, cwd, { unmapped, warn: from.warn })
  if (suite.providers.length > 0) {
    const { source } = suite.providers[0]!
    unmapped(
      'providers',
      source,
      'The agent that is evaluated is the one of agent-ci; `agent-ci import promptfoo` makes one of a provider',
    )
  }
  for (const key of Object.keys(suite.evaluateOptions)) {
    unmapped(`evaluateOptions.${key}`, { file: from.file, line: 1 }, 'Write it in agent-ci.yaml under evaluation')
  }
  const deps = { baseDir, env, unmapped, signal: AbortSignal.timeout(LONGEST_MS) }
  for await (const { value, source, assertAt } of makeExamples(suite, deps)) {
    yield {
      value,
      file: source.file,
      line: source.line,
      // A problem with an assertion is shown at the assertion, where that is in the same file.
      lineOf: ([field, , key, index]) => {
        const at = field === 'scorers' && key === 'assert' && typeof index === 'number' ? assertAt(index) : source
        return at.file === source.file ? at.line : source.line
      },
    }
  }
}

/** For all `transformVars` of a file together. */
const LONGEST_MS = 600_000

export const promptfoo: ForeignFormat = { opensFile: true, read: (_, from) => read(from) }
