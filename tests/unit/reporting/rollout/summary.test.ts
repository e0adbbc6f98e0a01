import { renderRolloutSummary } from '@agent-ci/reporting/rollout/summary'
import { describe, expect, test } from '@jest/globals'
import { HOSTILE } from '../fixtures.ts'
import { paused, promoted, rolledBack, simulateRollout, withoutData, withTexts } from './rollouts.ts'

test('the summary of a rollout that was taken back', () => {
  expect(renderRolloutSummary(rolledBack, { reportPath: 'out/rollout.html' }).split('\n')).toEqual([
    '## ❌ failed — agent-service in production rolled back at 25 %: error rate 10.3 % against 2.7 % of stable over 58 requests, evidence 1299 of 33',
    '',
    'Release <code>r&#45;42 &#40;1.4.2&#41;</code> in the place of <code>r&#45;41 &#40;1.4.1&#41;</code> · canary, 2 of 5 steps · 3 min 15 s',
    '',
    '### What the release changes',
    '',
    '- <code>image agent&#58;1.4.1 &#8594; agent&#58;1.4.2</code>',
    '- <code>model claude&#45;a &#8594; claude&#45;b</code>',
    '- <code>prompt triage 7 &#8594; 8</code>',
    '',
    '### Steps',
    '',
    '| step | asked | real | took | requests, canary / stable | error rate, canary / stable | p95, canary / stable | evidence |',
    '|---|---|---|---|---|---|---|---|',
    '| 1/5 | 10 % | 10 % | 1 min 30 s | 35 / 325 | 8.6 % / 1.2 % | 1.4 s / 1.4 s | 8.5 of 33 |',
    '| 2/5 | 25 % | 25 % | 1 min 1 s | 58 / 182 | 10.3 % / 2.7 % | 1.2 s / 1.1 s | 1,299 of 33 |',
    '',
    '### Metrics at 2026-11-20 08:02:50 UTC',
    '',
    '| metric | value | limit | result | reason |',
    '|---|---|---|---|---|',
    '| **<code>error&#45;rate</code>** | 10.3 % | 5.0 % | fail | the canary answers with more errors than stable |',
    '| <code>latency&#45;p95</code> | 1.2 s | 5.0 s | pass | within its limit |',
    '| <code>cost&#45;per&#45;request</code> | – | $0.0200 | no data, not counted | no series answers |',
    '',
    '### How it went',
    '',
    '```mermaid',
    '%%{init: {"xyChart": {"width": 900, "height": 260}, "themeVariables": {"xyChart": {"plotColorPalette": "#0072b2"}}}}%%',
    'xychart-beta',
    '  title "Canary weight"',
    '  x-axis "minutes" 0 --> 3.25',
    '  y-axis "%" 0 --> 100',
    '  line [0, 0, 0, 0, 0, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 25, 25, 25, 25, 25, 25, 25, 25, 25, 25, 25, 25, 25, 25, 0, 0, 0, 0, 0, 0, 0]',
    '```',
    '',
    '```mermaid',
    '%%{init: {"xyChart": {"width": 900, "height": 260}, "themeVariables": {"xyChart": {"plotColorPalette": "#d55e00, #0072b2, #888888"}}}}%%',
    'xychart-beta',
    '  title "Error rate: canary orange, stable blue, limit grey"',
    '  x-axis "minutes" 0.833 --> 2.833',
    '  y-axis "%" 0 --> 15.714',
    '  line [14.286, 14.286, 14.286, 5.263, 5.263, 5.263, 8.571, 8.571, 6.667, 6.667, 6.667, 10.345]',
    '  line [2.655, 2.655, 2.655, 1.81, 1.81, 1.81, 1.231, 1.231, 5.556, 5.556, 5.556, 2.747]',
    '  line [5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5]',
    '```',
    '',
    '<details><summary>7 events</summary>',
    '',
    '- <code>2026&#45;11&#45;20 08&#58;00&#58;00 UTC</code> phase: Preflight',
    '- <code>2026&#45;11&#45;20 08&#58;00&#58;20 UTC</code> phase: Healthy: 2 of 2 pods are ready',
    '- <code>2026&#45;11&#45;20 08&#58;00&#58;20 UTC</code> phase: Step 1: 10 % of the traffic',
    '- <code>2026&#45;11&#45;20 08&#58;01&#58;50 UTC</code> decision: advance after step 1',
    '- <code>2026&#45;11&#45;20 08&#58;01&#58;50 UTC</code> phase: Step 2: 25 % of the traffic',
    '- <code>2026&#45;11&#45;20 08&#58;02&#58;50 UTC</code> decision: roll back: error rate 10.3 % against 2.7 % of stable over 58 requests, evidence 1299 of 33',
    '- <code>2026&#45;11&#45;20 08&#58;02&#58;51 UTC</code> phase: RolledBack: weight 0 %',
    '',
    '</details>',
    '',
    'Report: <code>out&#47;rollout.html</code> · [Run](https://github.com/acme/agent/actions/runs/1)',
    '',
  ])
})

describe('the first line', () => {
  test.each([
    [promoted, '## ✅ passed — agent-service in production promoted: every step kept its limits'],
    [withoutData, '## ⚠️ errored — agent-service in production rolled back at 10 %: no data of error-rate at 5 checks'],
    [
      paused,
      '## ❔ inconclusive — agent-service in production paused at 25 %: the time of step 2 is over, and 294 requests of the canary do not show that its error rate is below 5 %',
    ],
    [
      { ...rolledBack, outcome: 'rollback-failed' as const, reason: 'the Deployment is gone' },
      '## ❌ failed — agent-service in production not rolled back: it could not be: the Deployment is gone',
    ],
  ])('says the verdict, the outcome and why (%#)', (timeline, line) => {
    expect(renderRolloutSummary(timeline).split('\n')[0]).toBe(line)
  })
})

describe('the plots', () => {
  const charts = (text: string) => [...text.matchAll(/```mermaid\n(.*?)\n```/gs)].map(([, chart = '']) => chart)

  test('leave out the error rate where there is none', () => {
    expect(charts(renderRolloutSummary(withoutData)).map((chart) => /title "(.*)"/.exec(chart)?.[1])).toEqual([
      'Canary weight',
    ])
  })

  test('of 2,000 checks have 48 points, and the highest error rate is one of them', () => {
    const long = simulateRollout({ checksPerStep: 400, requestsPerSecond: 2 })
    const peak = Math.max(...long.checks.map(({ canary }) => canary.error_rate ?? 0))
    const [, errors = ''] = charts(renderRolloutSummary(long))
    const lines = [...errors.matchAll(/line \[(.*)\]/g)].map(([, values = '']) => values.split(', ').map(Number))
    expect(lines.map((values) => values.length)).toEqual([48, 48, 48])
    expect(Math.max(...lines[0]!)).toBeCloseTo(100 * peak, 2)
  })

  test('hold nothing that the user named', () => {
    for (const chart of charts(renderRolloutSummary(withTexts('pwned')))) expect(chart).not.toContain('pwned')
  })
})

test('says that no traffic moved where no step was begun', () => {
  const refused = { ...promoted, outcome: 'refused' as const, steps: [], checks: [], reason: 'no receipt' }
  const text = renderRolloutSummary(refused)
  expect(text).toContain('No step was begun: no traffic moved.')
  expect(text).not.toContain('```mermaid')
})

test('is cut between rows, keeps its verdict and steps, and says what is left out', () => {
  const event = { ...rolledBack.events[0]!, text: 'Preflight '.repeat(50) }
  const text = renderRolloutSummary({ ...rolledBack, events: new Array(400).fill(event) }, {}, 20_000)
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(20_000)
  expect(text).toMatch(/^## ❌/)
  expect(text).toContain('| 2/5 |')
  expect(text).toMatch(
    /… and \d+ more events: see `rollout.html` and `timeline.json` among the run’s files\n\n<\/details>/,
  )
})

test.each(Object.entries(HOSTILE))('hostile text (%s) makes no element, link or row', (_, text) => {
  const summary = renderRolloutSummary(withTexts(text))
  expect(summary).not.toMatch(/\]\(|@pwned|```\npwned|<(?!\/?(?:code|details|summary)>)[a-z]/)
  const rows = (whole: string) => whole.match(/^\|/gm)?.length
  expect(rows(summary)).toBe(rows(renderRolloutSummary(withTexts('tame'))))
})
