import { parseMetricsFile } from '@agent-ci/delivery/analysis/metrics-file'
import { describe, expect, test } from '@jest/globals'

const parse = (text: string) => parseMetricsFile(text, 'metrics.yaml')

describe('a metrics file', () => {
  test('names packs, arms and own metrics', async () => {
    const file = await parse(`packs: [http]
arms:
  canary: {release: green}
  stable: {release: blue}
metrics:
  - name: refusals
    kind: counter-ratio
    unit: session
    total: agent_responses_total{selector}
    bad: agent_responses_total{selector,outcome=~"refusal|a{2}"}
    max: 5%
    interval: 1m
    on_no_data: fail
  - name: judge
    kind: value
    query: sum(increase(score_sum{selector}[$w])) / (sum(increase(score_count{selector}[$w])) > 0)
    min: 0.8
    min_ratio: 0.97
    window: 10m
    failure_limit: 2
  - name: first-token
    kind: latency
    buckets: ttft_bucket{selector}
    p95: {max_ratio: 1.25, max: 3}
  - name: strangers
    kind: empty
    query: count by (model)(x{$c}) unless on (model) count by (model)(x{$s})
    evidence: count(x{$c})
    on_violation: inconclusive
`)
    expect(file.packs).toEqual(['http'])
    expect(file.arms?.canary).toEqual([{ label: 'release', operator: '=', value: 'green' }])
    expect(file.metrics).toMatchObject([
      {
        kind: 'counterRatio',
        unit: 'session',
        limits: { max: 0.05 },
        intervalMs: 60_000,
        onNoData: 'fail',
        consecutiveErrorLimit: 4,
      },
      { kind: 'value', limits: { min: 0.8, minRatio: 0.97 }, windowMs: 600_000, failureLimit: 2, minSamples: 0 },
      { kind: 'latency', quantiles: [{ q: 0.95, limits: { max: 3, maxRatio: 1.25 } }] },
      { kind: 'empty', onViolation: 'inconclusive', finding: 'strangers found' },
    ])
  })

  test('may be JSON', async () => {
    expect(await parse('{"packs":["genai"]}')).toEqual({ packs: ['genai'], arms: undefined, metrics: [] })
  })
})

const counter = '\n    kind: counter-ratio\n    total: x{selector}\n    bad: x{selector,e="1"}\n    max: 0.1'

describe('a wrong metrics file is refused with the line', () => {
  test.each([
    ['', 'metrics.yaml:1: The file is empty. An analysis of nothing would never fail.'],
    ['metrics: []', 'metrics.yaml:1: The file names no metric.'],
    ['packs: [htp]', 'metrics.yaml:1: packs.0 is "htp".'],
    ['metric: []', 'metrics.yaml:1: "metric" is not a key of the file.'],
    [
      'metrics:\n  - name: a\n    kind: ratio',
      'metrics.yaml:3: metrics.0.kind is "ratio". Expected one of error-rate, counter-ratio, latency, value, empty, kayenta.',
    ],
    [
      `metrics:\n  - name: a${counter}\n    on-no-data: fail`,
      'metrics.yaml:7: "on-no-data" is not a key of metrics.0. Unknown keys are refused because a misspelt one would be ignored silently. Did you mean "on_no_data"?',
    ],
    [`metrics:\n  - name: a${counter}\n    on_no_data: promote`, 'metrics.yaml:7: metrics.0.on_no_data is "promote".'],
    [
      `metrics:\n  - name: A b${counter}`,
      'metrics.yaml:2: metrics.0.name is "A b". Expected small letters, digits and dashes.',
    ],
    [`metrics:\n  - name: a${counter}\n    interval: 30 parsecs`, 'metrics.yaml:7: interval is "30 parsecs".'],
    [
      `metrics:\n  - name: a${counter}\n    dry_run: true`,
      'metrics.yaml:1: Every metric is a dry run. An analysis in which nothing decides would never fail.',
    ],
    [`metrics:\n  - name: a${counter}\n  - name: a${counter}`, 'metrics.yaml:7: a is named twice.'],
    [
      'metrics:\n  - name: a\n    kind: counter-ratio\n    total: sum(x{selector})\n    bad: x{selector}',
      'metrics.yaml:4: metrics.0.total is "sum(x{selector})". Expected a selector of raw counters: rate() and increase() are no counts, and a sum over pods hides restarts.',
    ],
    [
      'metrics:\n  - name: a\n    kind: counter-ratio\n    total: x{track="canary"}\n    bad: x{selector}',
      'metrics.yaml:4: metrics.0.total has no {selector}.',
    ],
    [
      'metrics:\n  - name: a\n    kind: value\n    query: x{$c}\n    max_ratio: 2',
      'metrics.yaml:4: metrics.0.query cannot be asked for stable.',
    ],
    [
      'metrics:\n  - name: a\n    kind: value\n    query: x{$c}',
      'metrics.yaml:2: a has no limit. It would pass whatever it reads.',
    ],
    [
      'metrics:\n  - name: a\n    kind: value\n    query: x{$c}\n    max: lots',
      'metrics.yaml:5: metrics.0.max is "lots". Expected a number or a percentage.',
    ],
    ['metrics:\n  - name: a\n   kind: b', 'metrics.yaml:3: This is not YAML:'],
    ['- a', 'metrics.yaml:1: The file is ["a"].'],
  ])('%j', async (text, message) => {
    await expect(parse(text)).rejects.toThrow(message)
  })
})
