import { renderNightlySummary } from '@agent-ci/reporting/nightly/summary'
import { SUMMARY_BYTES } from '@agent-ci/reporting/summary'
import { describe, expect, test } from '@jest/globals'
import { HOSTILE } from '../fixtures.ts'
import { calm, finding, hostileTrend, LAST_NIGHT, nightBefore, results } from './nights.ts'

const firstLine = (markdown: string): string => markdown.split('\n')[0]!

const history = [
  {
    key: finding,
    unit: finding.unit,
    points: [0.91, 0.92, null, 0.9, 0.85].map((value, at) => ({
      night: nightBefore(4 - at),
      value,
      n: value === null ? 0 : 200,
      comparable: 'a',
      runUrl: null,
    })),
  },
]

describe('the summary of a night', () => {
  test('says everything, the verdict first', () => {
    const links = { reportPath: 'agent-ci-results/trend.html', trendUrl: 'https://acme.github.io/support/' }
    expect(
      renderNightlySummary(results, history, links),
    ).toBe(`## ❌ failed — accuracy of golden with opus is 6.2 points worse than its baseline of 0.912: the provider moved

Night 2026-11-25; 2 evaluations; 6 series: 1 regressed, 1 suspect, 1 stale, 1 warming up, 1 improved, 1 steady; cost $2.43.

> The leg golden with sonnet was run again after a timeout

### 1 series regressed

| series | tonight | baseline | change | run again | cause | why |
|---|---|---|---|---|---|---|
| accuracy of <code>golden</code> with <code>opus</code> | 0.850, 200 trials | 0.912 ± 0.012, 28 nights | 6.2 points worse, p 0.00042 | 0.845, 200 trials, p 0.0011 | the provider moved | The control arm fell too, from 0.912 to 0.848 |

### Night by night: accuracy of <code>golden</code> with <code>opus</code>

\`\`\`mermaid
%%{init: {"xyChart": {"width": 900, "height": 260}, "themeVariables": {"xyChart": {"plotColorPalette": "#0072b2, #888888"}}}}%%
xychart-beta
  title "From 2026-11-21 to 2026-11-25: blue, baseline grey"
  x-axis "measured nights" 1 --> 4
  y-axis "%" 83.95 --> 93.05
  line [91, 92, 90, 85]
  line [91.2, 91.2, 91.2, 91.2]
\`\`\`

<details><summary>1 suspect: flagged, and not confirmed</summary>

| series | tonight | baseline | change | run again | cause | why |
|---|---|---|---|---|---|---|
| latency p95 of <code>golden</code> with <code>opus</code> | 1.8 s, 200 trials | 1.5 s ± 90 ms, 28 nights | 210 ms worse over a week, p 0.021 | not run again | – | Three more runs were as fast as the baseline |

</details>

- 1 series warming up: fewer nights than a baseline needs (accuracy of <code>golden</code> with <code>sonnet</code>, prompts <code>v2</code>)
- 1 series stale: dataset, judge or model is another one than the baseline’s; bless a run to set a new one (accuracy of <code>refunds</code> with <code>opus</code>)

### 2 evaluations

| evaluation | arm | verdict | accuracy | latency p95 | cost | coverage | answered by |
|---|---|---|---|---|---|---|---|
| <code>golden</code> with <code>opus</code> | current | ❌ failed: accuracy 0.850 misses >= 0.9 | 0.850 | 1.8 s | $1.23 | 100.0 % | <code>opus&#45;2026&#45;10&#45;01</code> |
| <code>golden</code> with <code>opus</code> | control | ✅ passed | 0.848 | 1.8 s | $1.20 | 99.5 % | <code>opus&#45;2026&#45;10&#45;01</code> |

### 1 incident

- **open** since 2026-11-24: accuracy of golden with opus fell

<details><summary>2 examples in quarantine: they flip from night to night, inform, and block nothing</summary>

| example | dataset | flips | owner | until |
|---|---|---|---|---|
| <code>refunds&#45;012</code> | <code>golden</code> | 31.0 % of nights | <code>&#64;acme&#47;support</code> | 2026-12-09 |
| <code>billing&#45;051</code> | <code>golden</code> | 25.0 % of nights | nobody | 2026-12-01 |

</details>

[Trend page](https://acme.github.io/support/) · Trend page: <code>agent&#45;ci&#45;results&#47;trend.html</code> · [Run](https://github.com/acme/support/actions/runs/7)
`)
  })

  test('of a calm night is short', () => {
    expect(
      renderNightlySummary({ ...calm, run: null }, []),
    ).toBe(`## ✅ passed — no series regressed: 1 improved, 1 steady

Night 2026-11-25; 1 evaluation; 2 series: 1 improved, 1 steady; cost $2.43.

### 1 evaluation

| evaluation | arm | verdict | accuracy | latency p95 | cost | coverage | answered by |
|---|---|---|---|---|---|---|---|
| <code>golden</code> with <code>opus</code> | control | ✅ passed | 0.848 | 1.8 s | $1.20 | 99.5 % | <code>opus&#45;2026&#45;10&#45;01</code> |
`)
  })

  test('of a calm night shows the series that stands worst against its baseline', () => {
    const [improved, steady] = calm.series
    const nights = [improved!, steady!].map((key) => ({ ...history[0]!, key, unit: key.unit }))
    expect(renderNightlySummary(calm, nights)).toContain(
      '\n### Night by night: tool accuracy of <code>golden</code> with <code>opus</code>\n\nThe series that stands worst against its baseline.\n\n```mermaid\n',
    )
  })

  test('of the first night says so', () => {
    const first = {
      ...calm,
      verdict: 'errored' as const,
      reason: 'No leg was measured',
      series: [],
      legs: [],
      run: null,
    }
    expect(renderNightlySummary({ ...first, cost_usd: null }, [])).toBe(
      '## ⚠️ errored — No leg was measured\n\nNight 2026-11-25; 0 evaluations; no series yet; cost unknown.\n',
    )
  })

  test.each([
    [
      'a week',
      { ...finding, scale: 'week' as const, cause: 'us' as const },
      '## ❌ failed — accuracy of golden with opus is 6.2 points worse over a week than its baseline of 0.912: we moved',
    ],
    [
      'an unknown size',
      { ...finding, drop: null, cause: null },
      '## ❌ failed — accuracy of golden with opus regressed',
    ],
    [
      'latency',
      {
        ...finding,
        metric: 'latency_p95_ms',
        unit: 'ms' as const,
        drop: 640,
        baseline: { ...finding.baseline!, mean: 1_200 },
        cause: 'unknown' as const,
      },
      '## ❌ failed — latency p95 of golden with opus is 640 ms worse than its baseline of 1.2 s: who moved is not known',
    ],
  ])('puts %s in its first line', (_, worst, line) => {
    expect(firstLine(renderNightlySummary({ ...results, series: [worst] }, []))).toBe(line)
  })

  test('counts what else regressed, and tells one cause once', () => {
    const series = [finding, { ...finding, dataset: 'refunds' }, { ...finding, dataset: 'billing' }]
    expect(firstLine(renderNightlySummary({ ...results, series }, []))).toMatch(/; 2 more series regressed$/)
    const shift = { median_t: -2.1, series: 3, reason: '3 of 3 series fell alike, by 6 points in the median' }
    const markdown = renderNightlySummary({ ...results, series, fleet_shift: shift }, [])
    expect(firstLine(markdown)).toBe('## ❌ failed — 3 of 3 series fell alike, by 6 points in the median')
    expect(markdown).toContain('\n> Most series moved alike: 3 of 3 series fell alike, by 6 points in the median\n')
  })

  test('that failed without a regression says why', () => {
    const reason = '12 examples are in quarantine, more than 10'
    expect(firstLine(renderNightlySummary({ ...calm, verdict: 'failed', reason }, []))).toBe(`## ❌ failed — ${reason}`)
  })

  test('shows the last 30 measured nights, and no chart of fewer than two', () => {
    const points = Array.from({ length: 50 }, (_, at) => ({
      night: nightBefore(49 - at),
      value: at % 7 === 3 ? null : 0.9,
      n: 200,
      comparable: 'a',
      runUrl: null,
    }))
    const of = (shown: typeof points) => renderNightlySummary(results, [{ ...history[0]!, points: shown }])
    const [, values = ''] = /^ {2}line \[(.*)\]$/m.exec(of(points)) ?? []
    expect(values.split(', ')).toHaveLength(30)
    expect(of(points)).toContain(`title "From 2026-10-22 to ${LAST_NIGHT}: blue, baseline grey"`)
    expect(of(points.slice(0, 4).slice(-2))).not.toContain('mermaid')
  })

  test.each([
    ['usd', 0.0042, 0.0061, '  y-axis "millionths of a dollar" 3915 --> 6385'],
    ['usd', 4.2, 6.1, '  y-axis "dollars" 3.915 --> 6.385'],
    ['ms', 1_200, 1_500, '  y-axis "ms" 1155 --> 1545'],
    ['ms', 12_000, 15_000, '  y-axis "seconds" 11.55 --> 15.45'],
    ['tokens', 12_000, 15_000, '  y-axis "tokens" 11550 --> 15450'],
    ['fraction', 1, 0.99, '  y-axis "%" 98.7 --> 100'],
  ] as const)('gives an axis of %s digits that tell the nights apart (%d)', (unit, value, mean, axis) => {
    const worst = { ...finding, unit, value, baseline: { ...finding.baseline!, mean } }
    const points = [0, 1].map((at) => ({ ...history[0]!.points[0]!, night: nightBefore(1 - at), value }))
    const markdown = renderNightlySummary({ ...results, series: [worst] }, [{ key: worst, unit, points }])
    expect(markdown.split('\n')).toContain(axis)
  })

  test('keeps within its bytes, cut on a row', () => {
    const series = Array.from({ length: 2_000 }, (_, at) => ({
      ...finding,
      dataset: `dataset-${at}`,
      reason: `${'why '.repeat(90)}${at}`,
    }))
    const legs = Array.from({ length: 2_000 }, (_, at) => ({ ...results.legs[0]!, dataset: `dataset-${at}` }))
    const long = { ...results, series, legs }
    expect(Buffer.byteLength(renderNightlySummary(long, []))).toBeLessThanOrEqual(SUMMARY_BYTES)
    const small = renderNightlySummary(long, [], {}, 20_000)
    expect(Buffer.byteLength(small)).toBeLessThanOrEqual(20_000)
    expect(small).toMatch(/… and 1,\d\d\d more regressed ones: see `results\.json` among the run’s files/)
    for (const row of small.match(/^\| accuracy of .*$/gm) ?? []) expect(row).toMatch(/\|$/)
  })
})

describe.each(Object.entries(HOSTILE))('the summary of a night of hostile text (%s)', (_, text) => {
  const trend = hostileTrend(text)
  const markdown = renderNightlySummary(trend.results, trend.series, {
    reportPath: text,
    artifactUrl: text,
    trendUrl: text,
  })

  test('keeps all of it in inline code', () => {
    const SAFE = String.raw`(?:[\p{L}\p{N}\p{Emoji_Presentation} ,.;?%€…↵]|&#\d+;)*`
    expect(markdown).not.toMatch(/www\./i)
    const rest = markdown
      .replaceAll(new RegExp(`<code>${SAFE}</code>`, 'gu'), 'C')
      .replace(/^```mermaid\n[^`]*\n```$/m, '')
      .replaceAll(/<details><summary>|<\/summary>|<\/details>|`results\.json`/g, '')
    expect(rest).toContain('C')
    expect(rest).not.toMatch(/[<`[\]@!\\{}~_^]|::|##\[|&#|https?:|www\.|deadbeef|GH-1/i)
    expect(rest.replaceAll('\n', '')).toMatch(/^[\P{C}]*$/u)
    for (const [table] of rest.matchAll(/(?:^\|.*\n)+/gm)) {
      const rows = table.trim().split('\n')
      expect(new Set(rows.map((row) => row.split('|').length)).size).toBe(1)
    }
  })

  test('has nothing of it in its chart', () => {
    const [chart = ''] = /^```mermaid\n[\s\S]*?\n```$/m.exec(markdown) ?? []
    expect(chart).toContain('xychart-beta')
    expect(chart).not.toContain('pwned')
  })
})
