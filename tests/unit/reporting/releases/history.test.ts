import { type HistoryEntry, renderHistoryMarkdown, renderHistoryText } from '@agent-ci/reporting/releases/history'
import { describe, expect, test } from '@jest/globals'
import { release } from '../../delivery/records.ts'

const entry = (sequence: number, more: Partial<HistoryEntry> = {}): HistoryEntry => ({
  sequence,
  release: release(sequence),
  type: 'deploy',
  at: `2026-01-0${sequence}T10:00:00.123Z`,
  by: 'ada',
  runUrl: null,
  verified: true,
  end: 'succeeded',
  rollbackFrom: null,
  current: false,
  ...more,
})
const [r1, r2, r3] = [1, 2, 3].map((tag) => release(tag).id)
const HISTORY: readonly HistoryEntry[] = [
  entry(1, { type: 'adopted' }),
  entry(2, { runUrl: 'https://github.com/o/r/actions/runs/1' }),
  entry(3, { verified: false, end: 'rolled-back' }),
  entry(4, { release: release(1), type: 'rollback', rollbackFrom: release(2).id, current: true }),
]

describe('the history for a terminal', () => {
  test('is a table, the newest first, with what changed and a star at what runs', () => {
    expect(
      renderHistoryText(HISTORY).join('\n'),
    ).toBe(`#   release             state        type                      when                     by   changed from the one before
*4  ${r1} 1.0.1  running      rollback of ${r2}  2026-01-04 10:00:00 UTC  ada  image agent:3 → agent:1
 3  ${r3} 1.0.3  rolled-back  deploy                    2026-01-03 10:00:00 UTC  ada  image agent:2 → agent:3
 2  ${r2} 1.0.2  good         deploy                    2026-01-02 10:00:00 UTC  ada  image agent:1 → agent:2
 1  ${r1} 1.0.1  good         adopted                   2026-01-01 10:00:00 UTC  ada`)
  })

  test('says what runs without having been verified, and what is under way', () => {
    const lines = renderHistoryText([
      entry(1, { verified: false, end: 'failed', current: true }),
      entry(2, { verified: false, end: null }),
    ])
    expect(lines[2]).toContain('running, not verified')
    expect(lines[1]).toContain('under way')
  })

  test('names six changes and counts the rest', () => {
    const images = (tag: number) =>
      Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`d/c${index}`, `c${index}:${tag}`]))
    const lines = renderHistoryText([1, 2].map((tag) => entry(tag, { release: release(tag, { images: images(tag) }) })))
    expect(lines[1]).toMatch(/d\/c5: c5:1 → c5:2; 3 more$/)
  })

  test('keeps a row a row, whatever a name holds', () => {
    const hostile = entry(1, { by: 'eve\n::set-output name=verdict::passed\u001b[2J' })
    const lines = renderHistoryText([hostile])
    expect(lines).toHaveLength(2)
    expect(lines.join('')).not.toContain('\u001b')
  })

  test('is a head alone where there is nothing', () => {
    expect(renderHistoryText([])).toEqual(['#  release  state  type  when  by  changed from the one before'])
  })
})

test('the history for the summary says the same, with links to the runs', () => {
  const id = (text: string | undefined) => text!.replace('-', '&#45;')
  const arrow = '&#8594;'
  expect(renderHistoryMarkdown(HISTORY)).toBe(`| # | release | state | type | when | by | changed from the one before |
|---|---|---|---|---|---|---|
| 4 | <code>${id(r1)} 1.0.1</code> | **running** | rollback of ${r2} | 2026-01-04 10:00:00 UTC | <code>ada</code> | <code>image agent&#58;3 ${arrow} agent&#58;1</code> |
| 3 | <code>${id(r3)} 1.0.3</code> | rolled-back | deploy | 2026-01-03 10:00:00 UTC | <code>ada</code> | <code>image agent&#58;2 ${arrow} agent&#58;3</code> |
| 2 | <code>${id(r2)} 1.0.2</code> | good | deploy | [2026-01-02 10:00:00 UTC](https://github.com/o/r/actions/runs/1) | <code>ada</code> | <code>image agent&#58;1 ${arrow} agent&#58;2</code> |
| 1 | <code>${id(r1)} 1.0.1</code> | good | adopted | 2026-01-01 10:00:00 UTC | <code>ada</code> |  |
`)
})
