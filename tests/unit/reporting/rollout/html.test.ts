import { createHash } from 'node:crypto'
import { MOST_CHECKS } from '@agent-ci/reporting/rollout/checks-table'
import { renderRolloutHtml } from '@agent-ci/reporting/rollout/html'
import { MOST_DECISIONS } from '@agent-ci/reporting/rollout/plots'
import { ROLLOUT_STYLE } from '@agent-ci/reporting/rollout/style'
import { type Point, thinPoints } from '@agent-ci/reporting/rollout/time-plot'
import { describe, expect, test } from '@jest/globals'
import { HOSTILE } from '../fixtures.ts'
import { paused, promoted, rolledBack, simulateRollout, withoutData, withTexts } from './rollouts.ts'

const wordsOf = (html: string): string =>
  html
    .replaceAll(/<(svg|style|script).*?<\/\1>/gs, ' ')
    .replaceAll(/<[^>]+>/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim()
const sectionOf = (html: string, id: string): string =>
  wordsOf(new RegExp(`<section aria-labelledby="${id}">.*?</section>`, 's').exec(html)?.[0] ?? '')
const plotsOf = (html: string) =>
  [...html.matchAll(/<svg class="timeplot".*?<title>(.*?)<\/title>.*?<\/svg>/gs)].map(([whole, title = '']) => ({
    title,
    whole,
  }))

describe('the page', () => {
  test('begins with what became of the rollout and why', () => {
    const html = renderRolloutHtml(rolledBack)
    expect(wordsOf(/<header.*?<\/header>/s.exec(html)?.[0] ?? '')).toBe(
      '✗ agent-service in production — rolled back at 25 %' +
        ' error rate 10.3 % against 2.7 % of stable over 58 requests, evidence 1299 of 33' +
        ' Verdict failed Release r-42 (1.4.2) Before r-41 (1.4.1) Strategy canary' +
        ' Started 2026-11-20 08:00:00 UTC Took 3 min 15 s See the run',
    )
    expect(sectionOf(html, 'metrics')).toBe(
      'Metrics at 2026-11-20 08:02:50 UTC Metric Value Limit Result Reason' +
        ' error-rate 10.3 % 5.0 % fail the canary answers with more errors than stable' +
        ' latency-p95 1.2 s 5.0 s pass within its limit cost-per-request – $0.0200 no data, not counted no series answers',
    )
    expect(sectionOf(html, 'steps')).toBe(
      'Steps Step Asked Real Took Checks Canary requests Canary errors Stable errors Canary p95 Stable p95 Evidence' +
        ' 1 of 5 10 % 10 % 1 min 30 s 3 35 8.6 % 1.2 % 1.4 s 1.4 s 8.5' +
        ' 2 of 5 25 % 25 % 1 min 1 s 2 58 10.3 % 2.7 % 1.2 s 1.1 s 1,299',
    )
  })

  test('names its style and its script by hash, and allows nothing else', () => {
    const html = renderRolloutHtml(paused)
    const [, policy = ''] = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(html) ?? []
    const hash = (tag: string) => {
      const inner = [...html.matchAll(new RegExp(`<${tag}>([\\s\\S]*?)</${tag}>`, 'g'))].map(([, text = '']) => text)
      expect(inner).toHaveLength(1)
      return `'sha256-${createHash('sha256').update(inner[0]!).digest('base64')}'`
    }
    expect(policy).toBe(
      `default-src 'none'; script-src ${hash('script')}; style-src ${hash('style')}; base-uri 'none'; form-action 'none'`,
    )
    expect(html).not.toMatch(/ style=| on\w+=|javascript:/)
  })

  test('links to the web and to nothing else', () => {
    const html = renderRolloutHtml(
      { ...promoted, run_url: 'javascript:alert(1)' },
      { artifactUrl: 'https://example.com/a' },
    )
    expect(html.match(/<a href="[^"]*"/g)).toEqual(['<a href="https://example.com/a"'])
  })

  test('shows no plot where nothing was checked', () => {
    const html = renderRolloutHtml({ ...promoted, outcome: 'refused', steps: [], checks: [] })
    expect(html).not.toContain('class="timeplot"')
    expect(wordsOf(html)).toContain('Nothing was checked.')
    expect(wordsOf(html)).toContain('No step was begun: no traffic moved.')
  })

  test('shows nothing measured as nothing, not as 0', () => {
    const html = renderRolloutHtml(withoutData)
    const empty = plotsOf(html).filter(({ whole }) => whole.includes('>No data<'))
    expect(empty.map(({ title }) => title)).toEqual([
      'Error rate of canary and stable over time',
      'Latency of canary and stable over time, p50 and p95',
      'Evidence that the canary is worse over time, as an e-value',
      'Requests per second of canary and stable over time',
    ])
    expect(html).not.toContain('NaN')
  })

  test('holds the checks it can, the last one and those that found something among them', () => {
    const { checks } = rolledBack
    const many = Array.from({ length: 10_000 }, (_, at) => ({
      ...checks[at === 7_001 ? 4 : 0]!,
      at: new Date(Date.parse(rolledBack.started_at) + at * 1_000).toISOString(),
    }))
    const html = renderRolloutHtml({ ...rolledBack, checks: many, ended_at: many.at(-1)!.at })
    const times = [...html.matchAll(/<tr data-at="(\d+)">/g)].map(
      ([, at]) => (Number(at) - Date.parse(rolledBack.started_at)) / 1_000,
    )
    expect(times.length).toBeLessThanOrEqual(MOST_CHECKS + 1)
    expect(times).toContain(7_001)
    expect(times.at(-1)).toBe(9_999)
    expect(wordsOf(html)).toMatch(
      /8,7\d\d more checks left out to keep this page quick; timeline.json has all 10,000\./,
    )
  })
})

describe('the plots', () => {
  test('mark each step and the last decisions, and name the decisions as the events do', () => {
    const html = renderRolloutHtml(promoted)
    const [strip] = plotsOf(html)
    expect(strip!.title).toBe('Steps and decisions: 1: 10 %, 2: 25 %, D1, 3: 50 %, D2, 4: 75 %, D3, 5: 100 %, D4, D5')
    expect(sectionOf(html, 'events')).toContain('decision D5 advance after step 5')
    const decisions = Array.from({ length: MOST_DECISIONS + 3 }, () => promoted.events.at(-1)!).map((event) => ({
      ...event,
    }))
    const crowded = renderRolloutHtml({ ...promoted, events: decisions })
    expect(plotsOf(crowded)[0]!.title.match(/D\d+/g)).toHaveLength(MOST_DECISIONS)
  })

  test('have a gap where a check measured nothing', () => {
    const checks = promoted.checks.map((check, at) =>
      at === 3 ? { ...check, canary: { ...check.canary, error_rate: null } } : check,
    )
    const pathOf = (html: string) =>
      /<path class="canary" d="([^"]*)"/.exec(
        plotsOf(html).find(({ title }) => title.startsWith('Error rate'))!.whole,
      )![1]!
    expect(pathOf(renderRolloutHtml(promoted)).match(/M/g)).toHaveLength(1)
    expect(pathOf(renderRolloutHtml({ ...promoted, checks })).match(/M/g)).toHaveLength(2)
  })

  test('end on the weight that the rollout left', () => {
    const titles = [promoted, rolledBack, paused].map((timeline) => plotsOf(renderRolloutHtml(timeline))[1]!.title)
    expect(titles.map((title) => title.replace(/.*; /, ''))).toEqual([
      'at the end 100 %',
      'at the end 0 %',
      'at the end 25 %',
    ])
  })

  test('say where a limit lies far above them', () => {
    expect(renderRolloutHtml({ ...promoted, limits: { error_rate: 0.05, p95_ms: 60_000 } })).toContain(
      '>limit of p95 60 s, above this plot</text>',
    )
    expect(renderRolloutHtml({ ...promoted, limits: { error_rate: null, p95_ms: null } })).not.toContain('>limit')
  })

  test('of 2,000 checks draw few points, the highest and the lowest among them', () => {
    const points = Array.from(
      { length: 2_000 },
      (_, at): Point => [at, at === 777 ? 9 : at === 1_234 ? -9 : at === 1_500 ? null : 1],
    )
    const thinned = thinPoints(points)
    expect(thinned.length).toBeLessThanOrEqual(610)
    for (const at of [0, 777, 1_234, 1_500, 1_999]) expect(thinned).toContainEqual(points[at])
    expect(thinned.map(([at]) => at)).toEqual(thinned.map(([at]) => at).toSorted((a, b) => a - b))
    const long = renderRolloutHtml(simulateRollout({ checksPerStep: 400, requestsPerSecond: 2 }))
    expect(Buffer.byteLength(long)).toBeLessThan(2_000_000)
  })
})

describe('the colours of the sides', () => {
  const luminance = (hex: string): number => {
    const [red = 0, green = 0, blue = 0] = [1, 3, 5]
      .map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255)
      .map((channel) => (channel <= 0.03928 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
  }
  const valuesOf = (name: string) =>
    [...ROLLOUT_STYLE.matchAll(new RegExp(`--${name}: (#[0-9a-f]{6})`, 'g'))].map(([, hex = '']) => hex)

  test.each(['canary', 'stable', 'asked'])('%s stands out from the sheet, light and dark (WCAG 1.4.11)', (name) => {
    const sheets = valuesOf('sheet')
    expect(sheets).toHaveLength(2)
    for (const [at, hex] of valuesOf(name).entries()) {
      const [dark = 0, light = 0] = [luminance(hex), luminance(sheets[at]!)].sort((a, b) => a - b)
      expect((light + 0.05) / (dark + 0.05)).toBeGreaterThanOrEqual(3)
    }
  })
})

describe.each(Object.entries(HOSTILE))('a page of hostile text (%s)', (_, text) => {
  test('has the elements of a page of tame text', () => {
    const tags = (html: string) =>
      [...html.replace(/<script>[\s\S]*<\/script>|<style>[\s\S]*<\/style>/g, '').matchAll(/<\/?[a-z][^>]*>/g)].map(
        ([tag]) => tag,
      )
    const html = renderRolloutHtml(withTexts(text))
    expect(html).toContain('pwned')
    expect(tags(html)).toEqual(tags(renderRolloutHtml(withTexts('pwned'))))
    expect(html).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/)
    expect(html.isWellFormed()).toBe(true)
  })
})
