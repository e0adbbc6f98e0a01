import type { RolloutCheck } from '@agent-ci/core/rollout-timeline'
import {
  evidenceBar,
  renderCheck,
  renderEvent,
  renderRolloutEnd,
  TABLE_WIDTH,
} from '@agent-ci/reporting/rollout/console'
import { rolloutFacts } from '@agent-ci/reporting/rollout/summary'
import { describe, expect, test } from '@jest/globals'
import { HOSTILE } from '../fixtures.ts'
import { promoted, rolledBack, withoutData, withTexts } from './rollouts.ts'

const plain = { stepsPlanned: 5, colour: false }
const table = (checks: readonly RolloutCheck[], options = plain): string[] =>
  checks.flatMap((check, at) => renderCheck(check, checks[at - 1], options))
const withoutColour = (line: string): string => line.replaceAll(/\u001b\[\d+m/g, '')

describe('the live table', () => {
  test('has a head for each step and a line for each check', () => {
    expect(table(rolledBack.checks)).toEqual([
      '                 ----- weight % -----  ----------- canary ------------  ----------- stable ------------',
      '    time   step  asked  route  served     reqs    errs    rate     p95     reqs    errs    rate     p95  evidence/33     worst metric',
      '08:00:50    1/5     10     10     5.8        7       1  14.3 %   1.3 s      113       3   2.7 %   1.4 s  ██░░░░░░ 2.7    pass',
      '08:01:20    1/5     10     10      10       12       0   5.3 %   1.4 s      108       1   1.8 %   1.4 s  ░░░░░░░░ 1.3    pass',
      '08:01:50    1/5     10     10    13.3       16       2   8.6 %   1.4 s      104       0   1.2 %   1.4 s  ████░░░░ 8.5    pass',
      '                 ----- weight % -----  ----------- canary ------------  ----------- stable ------------',
      '    time   step  asked  route  served     reqs    errs    rate     p95     reqs    errs    rate     p95  evidence/33     worst metric',
      '08:02:20    2/5     25     25      25       30       2   6.7 %   1.3 s       90       5   5.6 %   1.2 s  ███████░ 23     pass',
      '08:02:50    2/5     25     25    23.3       28       4  10.3 %   1.2 s       92       0   2.7 %   1.1 s  ████████ 1,299  fail error-rate',
    ])
  })

  test('shows nothing measured as nothing, not as 0', () => {
    expect(renderCheck(withoutData.checks[0]!, undefined, plain)[2]).toBe(
      '08:00:50    1/5     10     10       –        –       –       –       –        –       –       –       –  ░░░░░░░░ –      no data error-rate',
    )
  })

  test('is as wide with great numbers', () => {
    const [check] = rolledBack.checks
    const arm = { requests: 123_456_789, errors: 99_999, error_rate: 1, p50_ms: 1, p95_ms: 3_600_000, p99_ms: 1 }
    const great: RolloutCheck = {
      ...check!,
      step: 10,
      weight: { asked: 100, route: 99.95, served: 33.333 },
      canary: arm,
      stable: arm,
      evidence: { value: 1e300, limit: 33 },
      metrics: [{ ...check!.metrics[0]!, name: 'a-metric-of-a-very-long-name-indeed', result: 'inconclusive' }],
    }
    const [, head, line] = renderCheck(great, undefined, { ...plain, stepsPlanned: 12 })
    expect(line!.length).toBeLessThanOrEqual(TABLE_WIDTH)
    expect(line!.indexOf('█')).toBe(head!.indexOf('evidence'))
  })

  test('has the same words with colours', () => {
    const coloured = table(rolledBack.checks, { ...plain, colour: true })
    expect(coloured.join('')).toContain('\u001b[31mfail error-rate\u001b[0m')
    expect(coloured.map(withoutColour)).toEqual(table(rolledBack.checks))
  })

  test('names the worst of the metrics that count', () => {
    const [check] = promoted.checks
    const metric = check!.metrics[0]!
    const metrics = [
      { ...metric, name: 'shown-only', result: 'fail' as const, dry_run: true },
      { ...metric, name: 'a', result: 'insufficient' as const },
      { ...metric, name: 'b', result: 'error' as const },
      { ...metric, name: 'c', result: 'inconclusive' as const },
    ]
    expect(renderCheck({ ...check!, metrics }, check, plain)[0]).toMatch(/ error b$/)
  })
})

test.each([
  [null, '░░░░░░░░'],
  [0.01, '░░░░░░░░'],
  [1, '░░░░░░░░'],
  [10, '████░░░░'],
  [99, '███████░'],
  [100, '████████'],
  [1e9, '████████'],
])('evidence of %p against 100 is a bar %s', (value, bar) => {
  expect(evidenceBar({ value, limit: 100 })).toBe(bar)
})

test('events are lines with their time and kind', () => {
  expect(rolledBack.events.slice(2).map((event) => renderEvent(event, { colour: false }))).toEqual([
    '08:00:20  phase     Step 1: 10 % of the traffic',
    '08:01:50  decision  advance after step 1',
    '08:01:50  phase     Step 2: 25 % of the traffic',
    '08:02:50  decision  roll back: error rate 10.3 % against 2.7 % of stable over 58 requests, evidence 1299 of 33',
    '08:02:51  phase     RolledBack: weight 0 %',
  ])
})

test('the end of a rollout without steps speaks of none', () => {
  const rolling = { ...promoted, strategy: 'rolling' as const, steps_planned: 0, steps: [], checks: [] }
  expect(renderRolloutEnd(rolling, { colour: false }).join('\n')).not.toMatch(/\d steps|check/)
  expect(rolloutFacts(rolling)).not.toMatch(/step/)
})

test('the end says what became of the rollout, why, and where the files are', () => {
  expect(renderRolloutEnd(rolledBack, { colour: false, files: ['out/rollout.html'] })).toEqual([
    '✗ failed agent-service in production rolled back at 25 %: error rate 10.3 % against 2.7 % of stable over 58 requests, evidence 1299 of 33',
    '  release r-42 (1.4.2), in the place of r-41 (1.4.1)',
    '  2 of 5 steps, 5 checks, 3 min 15 s',
    '  out/rollout.html',
  ])
})

test.each(Object.entries(HOSTILE))('hostile text (%s) stays text on its line', (_, text) => {
  const timeline = withTexts(text)
  const lines = [
    ...table(timeline.checks),
    ...timeline.events.map((event) => renderEvent(event, { colour: false })),
    ...renderRolloutEnd(timeline, { colour: false }),
  ]
  for (const line of lines) {
    expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/)
    expect(line).not.toMatch(/^\s*::|##\[/)
  }
})
