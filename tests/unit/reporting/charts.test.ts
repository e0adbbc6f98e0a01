import { bar, changeChart, intervalChart, latencyHistogram, niceStep, splitBar } from '@agent-ci/reporting/charts'
import { describe, expect, test } from '@jest/globals'

const columnsOf = (svg: string): number[] =>
  [...svg.matchAll(/<title>([\d,]+) trials?: /g)].map(([, count = '']) => Number(count.replaceAll(',', '')))
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

describe('charts', () => {
  test('a bar is as long as its share', () => {
    expect(bar(2 / 3, 'a < b').text).toBe(
      '<svg class="bar" role="img" viewBox="0 0 100 8" preserveAspectRatio="none"><title>a &#60; b</title><rect class="track" width="100" height="8"/><rect class="fill" width="66.67" height="8"/></svg>',
    )
  })

  test('an interval has its value and its threshold where they belong', () => {
    expect(intervalChart(0.9, [0.8, 0.95], 0.7, 't').text).toBe(
      '<svg class="interval" role="img" width="160" height="28" viewBox="0 0 160 28"><title>t</title><line class="axis" x1="0" x2="160" y1="14" y2="14"/><line class="range" x1="65.6" x2="152" y1="14" y2="14"/><line class="limit-line" x1="8" x2="8" y1="2" y2="26"/><circle class="value" cx="123.2" cy="14" r="4.5"/></svg>',
    )
  })

  test('an interval of one point is drawn in the middle', () => {
    expect(intervalChart(1, [1, 1], 1, 't').text).toContain('<circle class="value" cx="80"')
  })

  test('a range without a value is drawn as what is still possible', () => {
    const { text } = intervalChart(null, [0, 0.845], 0.85, 't')
    expect(text).toContain('<line class="possible" x1="8" x2="151.15"')
    expect(text).not.toMatch(/circle|class="range"/)
  })

  test('parts of a whole lie side by side, and an empty one is not drawn', () => {
    const parts = [
      { kind: 'regressed', count: 1 },
      { kind: 'unchanged', count: 0 },
      { kind: 'improved', count: 3 },
    ]
    expect(splitBar(parts, 't').text).toBe(
      '<svg class="bar" role="img" viewBox="0 0 100 8" preserveAspectRatio="none"><title>t</title><rect class="regressed-part" x="0" width="25" height="8"/><rect class="improved-part" x="25" width="75" height="8"/></svg>',
    )
  })

  test.each([
    [1, 1],
    [1.1, 2],
    [2.1, 2.5],
    [3, 5],
    [7, 10],
    [0.03, 0.05],
    [200, 200],
  ])('the round step for %d is %d', (least, step) => expect(niceStep(least)).toBeCloseTo(step, 12))
})

describe('the chart of a change', () => {
  const numbers = (svg: string, pattern: RegExp) => [...svg.matchAll(pattern)].map(([, value]) => Number(value))

  test('has the drop, its interval, no change and the margin in their order', () => {
    const { text } = changeChart(-7.5, [-13.9, -0.5], 3, 't')
    const [low = 0, high = 0] = /class="range" x1="([\d.]+)" x2="([\d.]+)"/.exec(text)!.slice(1).map(Number)
    const [zero = 0] = numbers(text, /class="zero-line" x1="([\d.]+)"/g)
    const [margin = 0] = numbers(text, /class="limit-line" x1="([\d.]+)"/g)
    const [value = 0] = numbers(text, /<circle class="value" cx="([\d.]+)"/g)
    expect([low, value, margin, high, zero]).toEqual([low, value, margin, high, zero].toSorted((a, b) => a - b))
    expect(text).toContain('>margin −3</text>')
    expect((zero - value) / (zero - margin)).toBeCloseTo(2.5, 1)
  })

  test.each([
    ['of nothing', 0, [0, 0], 3],
    ['with a bound that nobody knows', -50, [null, -10], 3],
    ['with both bounds unknown', 20, [null, null], 3],
    ['of everything', -100, [-100, -100], 3],
    ['that may be the largest of all', 1, [-100, 100], 100],
    ['without a margin', 0.01, [0.005, 0.02], 0],
  ] as const)('%s is drawn within its frame', (_, change, interval, margin) => {
    const { text } = changeChart(change, interval, margin, 't')
    expect(text).not.toMatch(/NaN|Infinity|undefined|null/)
    for (const x of numbers(text, / (?:x|x1|x2|cx)="(-?[\d.]+)"/g)) {
      expect(x).toBeGreaterThanOrEqual(0)
      expect(x).toBeLessThanOrEqual(460)
    }
    expect(text.includes('margin')).toBe(margin > 0)
    expect(text.match(/text-anchor="middle"/g)!.length).toBeGreaterThanOrEqual(2)
    expect(text.match(/text-anchor="middle"/g)!.length).toBeLessThanOrEqual(14)
  })
})

describe('a histogram', () => {
  const spread = Array.from({ length: 1_000 }, (_, at) => 300 + at)

  test.each([
    ['values side by side', spread],
    ['one value', [640]],
    ['equal values', [500, 500, 500]],
    ['zeros', [0, 0]],
    ['a few values far above the others', [...spread, 60_000, 90_000]],
    ['values far from zero and near to each other', [10_000, 10_001, 10_004]],
    ['a hundred thousand values', Array.from({ length: 100_000 }, (_, at) => (at * 7_919) % 4_000)],
  ])('of %s holds each once, in at most 34 columns', (_, values) => {
    const { svg } = latencyHistogram(values, [])
    const columns = columnsOf(svg.text)
    expect(sum(columns)).toBe(values.length)
    expect(columns.length).toBeLessThanOrEqual(34)
    expect(svg.text).not.toMatch(/NaN|Infinity|undefined/)
  })

  test('gathers what is far above the others in one open column', () => {
    expect(latencyHistogram([...spread, 60_000, 90_000], []).svg.text).toMatch(
      /<title>2 trials: above 1\.\d s<\/title>/,
    )
  })

  test('says which markers lie beyond it', () => {
    const near = { label: 'p50 800 ms', at: 800, kind: 'quantile' as const }
    const far = { label: 'limit p99 <= 30 s', at: 30_000, kind: 'limit' as const }
    const { svg, beyond } = latencyHistogram(spread, [near, far])
    expect(beyond).toEqual([far])
    expect(svg.text.match(/class="label /g)).toHaveLength(1)
  })

  test('stretches to a limit that is near', () => {
    const limit = { label: 'limit p95 <= 1.5 s', at: 1_500, kind: 'limit' as const }
    expect(latencyHistogram(spread, [limit]).beyond).toEqual([])
  })

  test('sets labels that would cover each other in rows of their own', () => {
    const markers = [1_000, 1_010, 1_020].map((at) => ({ label: `p ${at} ms`, at, kind: 'quantile' as const }))
    const rows = [
      ...latencyHistogram(spread, markers).svg.text.matchAll(/class="label quantile-label" x="[\d.]+" y="(\d+)"/g),
    ]
    expect(new Set(rows.map(([, y]) => y)).size).toBe(3)
  })

  test('is the same every time', () => {
    expect(latencyHistogram(spread, []).svg.text).toBe(latencyHistogram(spread, []).svg.text)
  })
})
