import { bar, intervalChart, latencyHistogram, niceStep } from '@agent-ci/reporting/charts'
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
