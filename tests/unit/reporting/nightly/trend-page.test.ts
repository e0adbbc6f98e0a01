import { createHash } from 'node:crypto'
import type { Trend } from '@agent-ci/reporting/nightly/trend'
import { renderTrendPage } from '@agent-ci/reporting/nightly/trend-page'
import { renderTrendSite } from '@agent-ci/reporting/nightly/trend-site'
import { describe, expect, test } from '@jest/globals'
import { HOSTILE, textOf } from '../fixtures.ts'
import { calm, finding, hostileTrend, nightBefore, results, simulateTrend } from './nights.ts'

const page = (trend: Trend): Promise<string> => textOf(renderTrendPage(trend))
const wordsOf = (html: string): string =>
  html
    .replaceAll(/<(svg|style|script).*?<\/\1>/gs, ' ')
    .replaceAll(/<[^>]+>/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim()
const sectionOf = (html: string, id: string): string =>
  wordsOf(new RegExp(`<section aria-labelledby="${id}">.*?</section>`, 's').exec(html)?.[0] ?? '')
const cardsOf = (html: string): string[] => html.match(/<article .*?<\/article>/gs) ?? []
const dataOf = (html: string) => {
  const [, text = ''] = /<script type="application\/json" id="data">(.*?)<\/script>/s.exec(html) ?? []
  return JSON.parse(text)
}

const point = (days: number, value: number | null, changes = {}) => ({
  night: nightBefore(days),
  value,
  n: value === null ? 0 : 200,
  comparable: 'a',
  runUrl: `https://ci.example/${days}`,
  ...changes,
})
const series = { key: finding, unit: finding.unit, points: [point(3, 0.9), point(1, 0.915), point(0, 0.85)] }
const one: Trend = { results: { ...results, series: [finding] }, series: [series] }

describe('the trend page', () => {
  test('begins with what became of the night and why', async () => {
    const html = await page({ ...one, results })
    expect(wordsOf(/<header.*?<\/header>/s.exec(html)?.[0] ?? '')).toBe(
      '✗ failed — accuracy of golden with opus is 6.2 points worse than its baseline of 0.912: the provider moved' +
        ' Night 2026-11-25; 2 evaluations; 6 series: 1 regressed, 1 suspect, 1 stale, 1 warming up, 1 improved, 1 steady; cost $2.43.' +
        ' Finished 2026-11-25 02:31:00 UTC See the run',
    )
    expect(sectionOf(html, 'remarks')).toBe(
      'Of the last night Incident open , since 2026-11-24: accuracy of golden with opus fell' +
        ' The leg golden with sonnet was run again after a timeout',
    )
    expect(sectionOf(html, 'legs')).toBe(
      'Evaluations of the last night Evaluation Arm Verdict Accuracy Latency p95 Cost Coverage Answered by' +
        ' golden with opus current failed 85.0 % 1.8 s $1.23 100.0 % opus-2026-10-01 accuracy 0.850 misses &#62;= 0.9' +
        ' golden with opus control passed 84.8 % 1.8 s $1.20 99.5 % opus-2026-10-01',
    )
    expect(sectionOf(html, 'quarantine')).toBe(
      'In quarantine These examples flip from night to night: they inform, and block nothing until their day.' +
        ' Example Dataset Flips Owner Until' +
        ' refunds-012 golden 31.0 % @acme/support 2026-12-09 billing-051 golden 25.0 % nobody 2026-12-01',
    )
  })

  test('has a card for each series, the worst first', async () => {
    const html = await page({ ...one, results })
    expect(cardsOf(html).map(wordsOf)).toEqual([
      'accuracy regressed golden · opus 85.0 % 200 trials 6.2 points worse the provider moved; The control arm fell too, from 0.912 to 0.848' +
        ' All nights of accuracy of golden with opus Why The control arm fell too, from 0.912 to 0.848 Cause the provider moved' +
        ' Baseline 91.2 % ± 1.2 points over 28 nights, 2026-09-01 to 2026-09-28 Change 6.2 points worse, p 0.00042 Run again 84.5 %, 200 trials, p 0.0011',
      'latency p95 suspect golden · opus 1.8 s 200 trials 210 ms worse over a week Three more runs were as fast as the baseline' +
        ' All nights of latency p95 of golden with opus Why Three more runs were as fast as the baseline' +
        ' Baseline 1.5 s ± 90 ms over 28 nights, 2026-09-01 to 2026-09-28 Change 210 ms worse over a week, p 0.021',
      'accuracy stale refunds · opus 88.0 % 200 trials The dataset changed All nights of accuracy of refunds with opus Why The dataset changed' +
        ' Baseline 91.2 % ± 1.2 points over 28 nights, 2026-09-01 to 2026-09-28',
      'accuracy warming up golden · sonnet · v2 90.0 % 100 trials 1 of 7 nights All nights of accuracy of golden with sonnet, prompts v2 Why 3 of 7 nights',
      'cost per trial improved golden · opus $0.0042 200 trials $0.0019 better Cheaper than the baseline All nights of cost per trial of golden with opus' +
        ' Why Cheaper than the baseline Baseline $0.0061 ± $0.0002 over 28 nights, 2026-09-01 to 2026-09-28 Change $0.0019 better, p 0.00042',
      'tool accuracy steady golden · opus 97.0 % 200 trials 0.2 points better All nights of tool accuracy of golden with opus' +
        ' Why Within its usual range Baseline 96.8 % ± 1.0 points over 28 nights, 2026-09-01 to 2026-09-28 Change 0.2 points better, p 0.6',
    ])
  })

  test('holds its nights as data, a gap as null, with the places of releases, blessings and findings', async () => {
    const html = await page({
      ...one,
      series: [{ ...series, points: [point(3, 0.9), point(1, 0.915), point(0, 0.85, { comparable: 'b', n: 100 })] }],
      releases: [
        { at: `${nightBefore(1)}T10:00:00Z`, label: 'v2', url: 'https://ci.example/v2' },
        { at: `${nightBefore(0)}T10:00:00Z`, label: 'v3, which no night has seen', url: null },
      ],
      blessings: [{ at: nightBefore(2), by: 'mona', reason: 'shorter answers' }],
      findings: [
        { ...finding, night: nightBefore(2), state: 'regressed', cause: 'us', incident: 'opened' },
        { ...finding, night: nightBefore(2), state: 'steady', cause: null, incident: null },
        { ...finding, night: nightBefore(1), state: 'suspect', cause: null },
        { ...finding, night: nightBefore(0), state: 'steady', cause: null, incident: 'closed' },
      ],
    })
    const { page: days, series: packed } = dataOf(html)
    expect(days).toEqual({
      start: '2026-11-22',
      days: 4,
      runs: ['https://ci.example/3', null, 'https://ci.example/1', 'https://ci.example/0'],
      states: [
        ['regressed', 'regressed'],
        ['suspect', 'suspect'],
        ['unmeasured', 'unmeasured'],
        ['stale', 'stale'],
        ['warming-up', 'warming up'],
        ['improved', 'improved'],
        ['steady', 'steady'],
      ],
      causes: ['the provider moved', 'we moved', 'the provider and we moved', 'who moved is not known'],
      incidents: ['opened', 'closed'],
      releases: [[2.33, 'v2']],
      blessings: [[1, 'mona: shorter answers']],
    })
    // Wilson's interval of 180 of 200 is 0.8506 to 0.9343.
    expect(packed).toEqual([
      {
        u: 'fraction',
        f: 0,
        q: 1e-4,
        v: [9000, null, 9150, 8500],
        l: [494, null, 469, 828],
        h: [343, null, 313, 569],
        n: [200, null, 200, 100],
        c: [3],
        b: [0.912, 0.012, -82, -55],
        m: [
          [1, 6, -1, 0],
          [2, 1, -1],
          [3, 0, 0, 1],
        ],
      },
    ])
    expect(sectionOf(html, 'marks')).toBe(
      'Releases, blessings and incidents When What Which 2026-11-25T10:00:00Z release v3, which no night has seen 2026-11-25 incident closed accuracy of golden with opus 2026-11-24T10:00:00Z release v2 2026-11-23 blessed by mona: shorter answers 2026-11-23 incident opened accuracy of golden with opus'.replaceAll(
        /(\d)T(\d\d:\d\d:\d\d)Z/g,
        '$1 $2 UTC',
      ),
    )
  })

  test('keeps five digits of what is no share, and only the runs that are not the usual one of their night', async () => {
    const slow = { ...finding, metric: 'latency_p95_ms', unit: 'ms' as const }
    const points = [point(1, 1_234.567, { runUrl: 'https://ci.example/other' }), point(0, 987.654)]
    const other = { ...series, key: { ...finding, dataset: 'b' } }
    const third = { ...series, key: { ...finding, dataset: 'c' } }
    const html = await page({ ...one, series: [series, other, third, { key: slow, unit: 'ms', points }] })
    const packed = dataOf(html).series
    expect(packed.at(-1)).toEqual({
      u: 'ms',
      f: 2,
      q: 0.1,
      v: [12_346, 9_877],
      n: 200,
      m: [],
      r: { 2: 'https://ci.example/other' },
    })
    expect(packed[0].r).toBeUndefined()
  })

  test('shows nothing after its night, nothing older than two years, and no night that is no date', async () => {
    const points = [
      point(900, 0.5),
      point(700, 0.9),
      point(0, 0.9),
      point(0, 0.85),
      point(-1, 0.1),
      { ...point(0, 0.2), night: '9999-12-31' },
      { ...point(0, 0.3), night: 'tonight' },
      { ...point(0, 0.3), night: '2026-13-45' },
    ]
    const { page: days, series: packed } = dataOf(await page({ ...one, series: [{ ...series, points }] }))
    expect(days.days).toBe(701)
    expect(packed[0].v.filter((value: number | null) => value !== null)).toEqual([9000, 8500])
  })

  test('says which series were not part of the last night', async () => {
    const html = await page({ results: calm, series: [series] })
    expect(cardsOf(html).map(wordsOf)[0]).toBe(
      'accuracy unmeasured golden · opus 85.0 % 200 trials not part of the last night All nights of accuracy of golden with opus',
    )
  })

  test('counts the nights on the way to a baseline, of the dataset as it is now', async () => {
    const warming = { ...finding, state: 'warming-up' as const, baseline: null, drop: null, cause: null, reason: '' }
    const points = [point(5, 0.9, { comparable: 'old' }), point(3, 0.9), point(2, null), point(1, 0.9), point(0, 0.9)]
    const trend: Trend = { results: { ...calm, series: [warming] }, series: [{ ...series, points }] }
    expect(cardsOf(await page(trend)).map(wordsOf)[0]).toContain(' 3 of 7 nights ')
    expect(cardsOf(await page({ ...trend, nightsNeeded: 14 })).map(wordsOf)[0]).toContain(' 3 of 14 nights ')
  })

  test.each([
    ['no night', { results: null, series: [] }, 'No night has been measured yet'],
    ['a night without series', { results: { ...calm, series: [] }, series: [] }, 'passed — 2 series are steady'],
  ])('of %s says what it will show', async (_, trend, heading) => {
    const html = await page(trend)
    expect(wordsOf(/<h1>.*?<\/h1>/s.exec(html)?.[0] ?? '')).toBe(heading)
    expect(sectionOf(html, 'series')).toBe(
      'Series No history yet The first night begins a line for each dataset, model and metric; from night 7 on there is a baseline to compare with.',
    )
  })

  test('names its style and its script by hash, and allows nothing else', async () => {
    const html = await page(one)
    const [, policy = ''] = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(html) ?? []
    const hash = (tag: string) => {
      const inner = [...html.matchAll(new RegExp(`<${tag}>([\\s\\S]*?)</${tag}>`, 'g'))].map(([, text = '']) => text)
      expect(inner).toHaveLength(1)
      return `'sha256-${createHash('sha256').update(inner[0]!).digest('base64')}'`
    }
    expect(policy).toBe(
      `default-src 'none'; script-src ${hash('script')}; style-src ${hash('style')}; base-uri 'none'; form-action 'none'`,
    )
    expect(html).not.toMatch(/ style=| on\w+=|javascript:|innerHTML/)
  })

  test('links to the web and to nothing else', async () => {
    const html = await page({
      ...one,
      results: { ...results, run: { id: '7', url: 'javascript:alert(1)' } },
      series: [{ ...series, points: [point(0, 0.85, { runUrl: 'javascript:alert(2)' })] }],
      releases: [
        { at: nightBefore(0), label: 'v1', url: 'javascript:alert(3)' },
        { at: nightBefore(0), label: 'v2', url: 'https://example.com/v2' },
      ],
    })
    expect(html.match(/<a href="[^#][^"]*"/g)).toEqual(['<a href="https://example.com/v2"'])
    expect(html).not.toContain('javascript:')
  })

  test('comes in parts, and at full size stays below 1.5 MB', async () => {
    let [parts, longest, all] = [0, 0, 0]
    for await (const part of renderTrendPage(simulateTrend(200, 365))) {
      parts++
      longest = Math.max(longest, part.length)
      all += part.length
    }
    expect(parts).toBeGreaterThan(400)
    expect(longest).toBeLessThan(40_000)
    expect(all).toBeGreaterThan(700_000)
    expect(all).toBeLessThan(1_500_000)
  }, 120_000)

  test('holds the first thousand series, and counts the rest', async () => {
    const many = Array.from({ length: 1_002 }, (_, at) => ({ ...finding, dataset: `d${at}` }))
    const html = await page({ results: { ...results, series: many }, series: [] })
    expect(cardsOf(html)).toHaveLength(1_000)
    expect(sectionOf(html, 'series')).toMatch(/ and 2 more series in the history$/)
    expect(dataOf(html).series).toHaveLength(1_000)
  })
})

describe('the site', () => {
  test('is the page, and keeps Pages from building another one', async () => {
    const files = renderTrendSite(one)
    expect(files.map(({ path }) => path)).toEqual(['index.html', '.nojekyll'])
    expect(await textOf(files[0]!.text)).toBe(await page(one))
    expect(await textOf(files[1]!.text)).toBe('')
  })
})

describe.each(Object.entries(HOSTILE))('a trend page of hostile text (%s)', (_, text) => {
  test('has the elements of a page of tame text, and data that end nothing', async () => {
    const tags = (html: string) =>
      [
        ...html
          .replaceAll(/<script[^>]*>[\s\S]*?<\/script>|<style>[\s\S]*?<\/style>/g, '')
          .matchAll(/<\/?[a-z][^>]*>/g),
      ].map(([tag]) => tag.replaceAll(/ (?:id|aria-label|data-name)="[^"]*"/g, ''))
    const html = await page(hostileTrend(text))
    expect(html).toContain('pwned')
    expect(tags(html)).toEqual(tags(await page(hostileTrend('pwned'))))
    expect(html.match(/<script/g)).toHaveLength(2)
    expect(html).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/)
    expect(html.isWellFormed()).toBe(true)
    expect(dataOf(html).series).toHaveLength(6)
  }, 120_000)
})
