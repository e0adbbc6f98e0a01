import { renderNightlyConsole } from '@agent-ci/reporting/nightly/console'
import { describe, expect, test } from '@jest/globals'
import { HOSTILE } from '../fixtures.ts'
import { calm, finding, hostileTrend, results } from './nights.ts'

const files = ['agent-ci-results/trend.html']

describe('a night on a terminal', () => {
  test('says everything, the verdict first', () => {
    expect(renderNightlyConsole(results, { colour: false, files })).toBe(`
✗ failed accuracy of golden with opus is 6.2 points worse than its baseline of 0.912: the provider moved
  Night 2026-11-25; 2 evaluations; 6 series: 1 regressed, 1 suspect, 1 stale, 1 warming up, 1 improved, 1 steady; cost $2.43.

  regressed accuracy of golden with opus  the provider moved
    tonight   0.850, 200 trials
    baseline  0.912 ± 0.012, 28 nights
    change    6.2 points worse, p 0.00042
    why       The control arm fell too, from 0.912 to 0.848

  suspect latency p95 of golden with opus
    tonight   1.8 s, 200 trials
    baseline  1.5 s ± 90 ms, 28 nights
    change    210 ms worse over a week, p 0.021
    why       Three more runs were as fast as the baseline

  evaluation        arm      accuracy  p95    cost   coverage
  golden with opus  current  0.850     1.8 s  $1.23  100.0 %   ✗ failed
  golden with opus  control  0.848     1.8 s  $1.20  99.5 %    ✓ passed

  The leg golden with sonnet was run again after a timeout
  2 examples in quarantine

  agent-ci-results/trend.html
`)
  })

  test('of a calm night is short', () => {
    expect(renderNightlyConsole(calm, { colour: false })).toBe(`
✓ passed no series regressed: 1 improved, 1 steady
  Night 2026-11-25; 1 evaluation; 2 series: 1 improved, 1 steady; cost $2.43.

  evaluation        arm      accuracy  p95    cost   coverage
  golden with opus  control  0.848     1.8 s  $1.20  99.5 %    ✓ passed

`)
  })

  test('names the first ten, and counts the rest', () => {
    const series = Array.from({ length: 40 }, (_, at) => ({ ...finding, dataset: `dataset-${at}` }))
    const legs = Array.from({ length: 12 }, () => results.legs[0]!)
    const shown = renderNightlyConsole({ ...results, series, legs }, { colour: false })
    expect(shown.match(/^ {2}regressed /gm)).toHaveLength(10)
    expect(shown).toContain('\n  30 more series to look at\n')
    expect(shown).toContain('\n  2 more evaluations\n')
  })

  test('is in colour where that is wanted', () => {
    const shown = renderNightlyConsole(calm, { colour: true })
    expect(shown).toContain('\u001b[1m\u001b[32m✓ passed\u001b[0m\u001b[0m no series regressed')
  })
})

describe.each(Object.entries(HOSTILE))('a night of hostile text on a terminal (%s)', (_, text) => {
  const of = (words: string) => renderNightlyConsole(hostileTrend(words).results, { colour: false, files: [words] })

  test('gets no command and no control, and as many lines as of any other text', () => {
    const shown = of(text)
    expect(shown).toContain('pwned')
    expect(shown).not.toMatch(/^\s*::|##\[/m)
    expect(shown).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b\u2028-\u202e\u2066-\u2069]/)
    expect(shown.isWellFormed()).toBe(true)
    expect(shown.split('\n')).toHaveLength(of('pwned').split('\n').length)
  })
})
