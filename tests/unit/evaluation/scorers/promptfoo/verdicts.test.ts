import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { DIFFERENCES } from '../../../../fixtures/promptfoo/differences.ts'
import { PAIRS, type Pair } from '../../../../fixtures/promptfoo/pairs.ts'
import { agree, judgeOurselves, type Verdict } from '../../../../promptfoo/ours.ts'
import { PINNED } from '../../../../promptfoo/peer.ts'

const fixture = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../../../fixtures/promptfoo/verdicts.json'), 'utf8'),
) as { readonly promptfoo: string; readonly verdicts: readonly Verdict[] }

const families = [...new Set(PAIRS.map(({ family }) => family))]
const isDeliberate = (pair: Pair) => DIFFERENCES.some(({ matches }) => matches(pair))

describe("promptfoo's own verdicts", () => {
  test('were recorded with the pinned release, one for each pair', () => {
    expect(fixture.promptfoo).toBe(PINNED)
    expect(fixture.verdicts).toHaveLength(PAIRS.length)
    expect(PAIRS.length).toBeGreaterThan(1_000)
  })

  test.each(families)(
    'are ours: %s',
    async (family) => {
      const differing: unknown[] = []
      for (const [i, pair] of PAIRS.entries()) {
        if (pair.family !== family || isDeliberate(pair)) continue
        const own = await judgeOurselves(pair, import.meta.dirname)
        if (!agree(fixture.verdicts[i]!, own)) differing.push({ pair, promptfoo: fixture.verdicts[i], own })
      }
      expect(differing).toEqual([])
    },
    120_000,
  )

  test('are not ours where it is said why', async () => {
    const deliberate = [...PAIRS.entries()].filter(([, pair]) => isDeliberate(pair))
    expect(deliberate).not.toHaveLength(0)
    for (const [i, pair] of deliberate) {
      expect(agree(fixture.verdicts[i]!, await judgeOurselves(pair, import.meta.dirname))).toBe(false)
    }
  })
})
