import { createHash } from 'node:crypto'
import { listByExample } from '@agent-ci/reporting/example-runs'
import { exampleRow } from '@agent-ci/reporting/html/examples'
import { MOST_NOTABLE, MOST_PASSING, MOST_UNRUN, renderHtml } from '@agent-ci/reporting/html/page'
import { STYLE } from '@agent-ci/reporting/html/style'
import type { TrialView, UnrunView } from '@agent-ci/reporting/trial-view'
import { describe, expect, test } from '@jest/globals'
import {
  errored,
  failing,
  gate,
  HOSTILE,
  hostileRun,
  latencyGate,
  lost,
  PROBES,
  results,
  resultsOf,
  streamOf,
  textOf,
  view,
  views,
  wrong,
} from './fixtures.ts'
import {
  ADVICE,
  comparedRun,
  comparedViews,
  incomparableRun,
  stoppedGoodRun,
  stoppedRun,
  unsureRun,
  unsureViews,
} from './runs.ts'

const page = (run: typeof results, all: readonly (TrialView | UnrunView)[]): Promise<string> =>
  textOf(renderHtml(run, streamOf(all)))
const rowsOf = (html: string): string[] =>
  [...html.matchAll(/<details class="example" data-is="([^"]*)"/g)].map(([, kinds = '']) => kinds)
const row = (...of: TrialView[]): string => exampleRow(listByExample(of)[0]!, [2, 0])
const many = (count: number, of: (each: TrialView) => TrialView): TrialView[] =>
  Array.from({ length: count }, (_, index) => of(view(index)))

describe('a row of the page', () => {
  test('of a failing example says everything', () => {
    expect(row(failing[0]!)).toBe(
      '<details class="example" data-is="failed" data-tags="2 0"><summary>' +
        '<span><span class="status failed">failed</span></span><b>account-004</b>' +
        '<span><i>expected </i>A duplicate charge is refunded within 5 days.</span>' +
        '<span><i>got </i>You can close your account in the settings.</span>' +
        '<span><i>latency </i>1.3 s</span></summary>' +
        '<div class="body"><div><h3>Input</h3><pre>Why was I charged twice in March?</pre></div>' +
        '<div class="sides"><div><h3>Expected</h3><pre>A duplicate charge is refunded within 5 days.</pre></div>' +
        '<div><h3>Got</h3><pre>You can close your account in the settings.</pre></div></div>' +
        '<div class="sides"><div><h3>Tools expected</h3><ul class="tools"><li><code>find_invoice({&#34;month&#34;: &#34;March&#34;})</code></li></ul></div>' +
        '<div><h3>Tools called</h3><ul class="tools"><li><code>find_invoice({&#34;month&#34;: &#34;March&#34;})</code></li></ul></div></div>' +
        '<div><h3>Scores</h3><ul class="scores"><li><b>exact</b><span class="status failed">failed</span><span>0.000</span><span>differs from the expected answer</span></li>' +
        '<li><b>tools</b><span class="status passed">passed</span><span>1.000</span><span>every expected tool was called</span></li></ul></div>' +
        '<p class="facts"><span>Source <b><code>data/golden.jsonl:4</code></b></span><span>Tags <b><span class="tag">account</span></b></span>' +
        '<span>Latency <b>1.3 s</b></span><span>Tokens <b>420 in, 60 out</b></span><span>Cost <b>$0.0021</b></span></p></div></details>\n',
    )
  })

  test('names the expected tool that was not called', () => {
    expect(row(views[50]!)).toContain(
      '<code>find_invoice({&#34;month&#34;: &#34;March&#34;})</code> <span class="status failed">not called</span></li>',
    )
    expect(row(views[50]!)).toContain('data-is="passed wrong-tools"')
  })

  test('of an unmeasured example shows the error in the place of the answer', () => {
    expect(row(errored[0]!)).toContain(
      '<h3>Error: not measured (rate-limit)</h3><pre>429 Too Many Requests: retry after 60 s</pre>',
    )
  })

  test('of a chat shows who said what', () => {
    const chat = {
      ...failing[0]!.example,
      input: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'Hi' },
      ],
    }
    expect(row({ ...failing[0]!, example: chat })).toContain(
      '<h3>Input</h3><div class="said"><span class="role">system</span><pre>Be brief.</pre></div><div class="said"><span class="role">user</span><pre>Hi</pre></div></div>',
    )
  })

  test('of a flaky example lists its repeats', () => {
    const good = view(3)
    const text = row(good, { ...failing[0]!, trial: { ...failing[0]!.trial, repeat: 1 } })
    expect(text).toContain('data-is="failed flaky"')
    expect(text).toContain('<span class="status flaky">flaky 1/2</span>')
    expect(text.match(/<th scope="row">[12]<\/th>/g)).toHaveLength(2)
  })

  test('cuts a long text and says by how much', () => {
    expect(row(wrong(view(0), 'y'.repeat(10_000)))).toContain('y… (6000 more characters)</pre>')
  })
})

describe('the page', () => {
  test('says the verdict in words and shows every example', async () => {
    const html = await page({ ...results, verdict: 'failed', gates: [gate, latencyGate] }, views)
    expect(html).toContain('<h1>failed — latency p95 1.8 s misses &#60;= 1.5 s</h1>')
    expect(rowsOf(html)).toHaveLength(60)
    expect(html).not.toContain('left out')
  })

  test('begins with what went wrong', async () => {
    const order = rowsOf(await page(results, views))
    expect(order.slice(0, 8)).toEqual([
      'failed',
      'failed',
      'errored',
      'failed',
      'failed',
      'errored',
      'failed',
      'passed wrong-tools',
    ])
    expect(new Set(order.slice(8))).toEqual(new Set(['passed']))
  })

  test('names its style and its script by hash, and allows nothing else', async () => {
    const html = await page(results, views)
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

  test('says what is unknown and never shows it as 0', async () => {
    const unmeasured = many(3, (each) => lost(each, 'network', 'down'))
    const html = await page(resultsOf(unmeasured, { verdict: 'errored', reason: 'Nothing was measured' }), unmeasured)
    expect(html).toContain('<h1>errored — Nothing was measured</h1>')
    expect(html).toContain('<span class="name">Accuracy</span><b class="unknown">unknown</b>')
    expect(html).toContain('No latency was measured.')
  })

  test('links to the web and to nothing else', async () => {
    const links = { runUrl: 'https://github.com/o/r/actions/runs/1', artifactUrl: 'javascript:alert(1)' }
    const html = await textOf(renderHtml(results, views, { links }))
    expect(html.match(/<a href="[^"]*"/g)).toEqual(['<a href="https://github.com/o/r/actions/runs/1"'])
  })

  test('holds the rows it can and says how many it left out', async () => {
    const all = [
      ...many(MOST_NOTABLE + 5, (each) => wrong(each, 'no')),
      ...many(MOST_PASSING + 7, (each) => ({ ...each, example: { ...each.example, id: `ok-${each.example.id}` } })),
    ]
    const html = await page(resultsOf(all), all)
    const kinds = rowsOf(html)
    expect(kinds.filter((kind) => kind === 'failed')).toHaveLength(MOST_NOTABLE)
    expect(kinds.filter((kind) => kind === 'passed')).toHaveLength(MOST_PASSING)
    expect(html).toContain('12 more examples left out to keep this page quick; trials.jsonl beside it has all 3,012.')
  })

  test('at its most rows of usual length is below 5 MB', async () => {
    const answer = 'The charge of March 3rd was entered twice because the first request timed out. '.repeat(3)
    const all = [
      ...many(MOST_NOTABLE, (each) => wrong(each, answer)),
      ...many(MOST_PASSING, (each) => ({ ...each, example: { ...each.example, id: `ok-${each.example.id}` } })),
    ]
    const html = await page(resultsOf(all), all)
    expect(rowsOf(html)).toHaveLength(3_000)
    expect(Buffer.byteLength(html)).toBeLessThan(5_000_000)
  })

  test('however long the texts are stays one that a browser opens', async () => {
    const all = many(1_500, (each) => wrong(each, '<'.repeat(5_000)))
    expect(Buffer.byteLength(await page(resultsOf(all), all))).toBeLessThan(25_000_000)
  })
})

describe('the page of a run with a baseline', () => {
  const part = (html: string) => /<section aria-labelledby="comparison">.*?<\/section>/s.exec(html)?.[0] ?? ''

  test('says which baseline, what changed, and what got worse, each regressed example a link to its row', async () => {
    const html = await page(comparedRun, comparedViews)
    const section = part(html)
    expect(
      section
        .replaceAll(/<svg.*?<\/svg>/gs, 'chart')
        .replaceAll(/<[^>]+>/g, ' ')
        .replaceAll(/\s+/g, ' '),
    ).toBe(
      ' 1 critical example broken since the baseline failed Baseline runs/main Commit 4f920a8d31c0 Finished 2026-11-19 17:31:08 UTC' +
        ' Fingerprint not the same: code, prompts shipping-038 always passed before and never passes now.' +
        ' −7.5 points of accuracy, confidence interval −13.9 to −0.5 chart A drop of less than 3 points is tolerated.' +
        ' A drop of 11.9 points or more would have been noticed with a chance of 80 %.' +
        ' 7 regressed 49 unchanged 2 improved chart latency mean 671 ms before, 763 ms now: +92 ms (+83 ms to +101 ms)' +
        ' cost per trial $0.0023 before, $0.0021 now: −$0.00020 (−$0.00022 to −$0.00018)' +
        ' 7 regressed examples Example Passed before Passed now Run again Finding' +
        ' shipping-038 critical 3 of 3 0 of 3 0 of 8 broken: never passes any more' +
        ' account-004 3 of 3 0 of 3 0 of 8 confirmed by new runs refunds-012 3 of 3 0 of 3 1 of 8 confirmed by new runs' +
        ' refunds-027 2 of 3 0 of 3 – not run again refunds-032 3 of 3 2 of 3 – not run again' +
        ' smalltalk-045 3 of 3 1 of 3 – not run again refunds-022 3 of 3 1 of 3 7 of 8 flaky: new runs do not confirm it' +
        ' 2 improved examples Example Passed before Passed now account-049 1 of 3 3 of 3 shipping-053 1 of 3 2 of 3' +
        ' 4 examples not compared 2 changed (same id, other content) billing-006 billing-041' +
        ' 1 only in the baseline billing-retired 1 only in this run refunds-new ',
    )
    const links = [...section.matchAll(/<a href="#(example-\d+)">([^<]*)<\/a>/g)]
    expect(links).toHaveLength(9)
    for (const [, anchor, id] of links)
      expect(html).toMatch(new RegExp(`<b>${id}</b>(?:(?!</summary>).)*</summary><div class="body" id="${anchor}">`))
  })

  test('links to no row that it does not hold, and keeps its lists to what a browser opens', async () => {
    const regressions = many(700, (each) => each).map(({ example: { id } }) => ({
      ...comparedRun.comparison!.regressions[1]!,
      id: `gone-${id}`,
    }))
    const only_baseline = regressions.map(({ id }) => id)
    const comparison = { ...comparedRun.comparison!, regressions, improvements: [], only_baseline }
    const section = part(await page({ ...comparedRun, comparison }, comparedViews))
    expect(section).not.toContain('<a href="#example-')
    expect(section.match(/confirmed by new runs/g)).toHaveLength(500)
    expect(section).toContain('and 200 more examples in results.json')
    expect(section).toContain('and 500 more in results.json')
  })

  test('of two runs that cannot be compared shows no chart of nothing', async () => {
    const section = part(await page(incomparableRun, comparedViews))
    expect(section).toContain('No example could be compared with the baseline.')
    expect(section).not.toContain('<svg')
  })
})

describe('the page of a run that stopped early', () => {
  test('gives what was still possible, and no share', async () => {
    const html = await page(stoppedRun.results, stoppedRun.views)
    expect(html).toContain('<span class="name">Accuracy</span><b class="wide">0.0 – 80.5 %</b>')
    expect(html).toContain('<span class="name">Tool accuracy</span><b class="unknown">not estimated</b>')
    expect(html).toContain('<td class="number">0.000 – 0.805 possible</td>')
    expect(html).toContain('<th scope="col">Still possible</th>')
    const [above = ''] = html.slice(html.indexOf('<body>')).split('<h2 id="latency">')
    expect(above.replaceAll(/<[^>]+>/g, ' ')).not.toMatch(/confidence|interval|unknown/i)
  })

  test('gives of a percentile what it could still have come to', async () => {
    const html = await page(stoppedGoodRun.results, stoppedGoodRun.views)
    expect(html).toContain('<td class="number">585 ms – 589 ms possible</td>')
  })

  test('shows what it did not run last, and not too much of that', async () => {
    const kinds = rowsOf(await page(stoppedGoodRun.results, stoppedGoodRun.views))
    expect(kinds.slice(0, 5)).toEqual(['failed', 'failed', 'failed', 'failed', 'passed'])
    expect(kinds.slice(-5)).toEqual(['passed', 'not-run', 'not-run', 'not-run', 'not-run'])
    const unrun = many(MOST_UNRUN + 20, (each) => each).map(({ example }) => ({ trial: null, example }))
    const html = await textOf(renderHtml(results, streamOf([...unrun, ...views])))
    expect(rowsOf(html)).toHaveLength(60 + MOST_UNRUN)
    expect(html).toContain('20 more examples left out')
  })
})

test('the page of an inconclusive run says beside the gate what to do next, and what becomes of the job', async () => {
  const html = await page(unsureRun, unsureViews)
  expect(html).toContain(`cannot be told from this run.<p class="advice">${ADVICE}</p></td>`)
  expect(html).toContain(
    'The setting on-inconclusive decides whether such a run fails its job; by default what was observed counts, so that this job passes.',
  )
})

describe.each(Object.entries({ ...HOSTILE, ...PROBES }))('a page of hostile text (%s)', (_, text) => {
  test('has the elements of a page of tame text', async () => {
    const tags = (html: string) =>
      [...html.replace(/<script>[\s\S]*<\/script>|<style>[\s\S]*<\/style>/g, '').matchAll(/<\/?[a-z][^>]*>/g)].map(
        ([tag]) => tag,
      )
    const { results: run, views: all } = hostileRun(text)
    const { results: tame, views: others } = hostileRun('pwned')
    const html = await page(run, all)
    expect(html).toContain('pwned')
    expect(tags(html)).toEqual(tags(await page(tame, others)))
    expect(html).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/)
    expect(html.isWellFormed()).toBe(true)
  })
})

describe('the colours of the page', () => {
  const schemes = STYLE.split('@media (prefers-color-scheme: dark)')
  const colours = (css: string) =>
    new Map([...css.matchAll(/--([\w-]+): (#[0-9a-f]{6})/g)].map(([, name = '', hex = '']) => [name, hex]))
  const luminance = (hex: string) => {
    const [red = 0, green = 0, blue = 0] = [1, 3, 5]
      .map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255)
      .map((channel) => (channel <= 0.03928 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
  }
  const contrast = (a: string, b: string) => {
    const [dark = 0, light = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y)
    return (light + 0.05) / (dark + 0.05)
  }
  const pairs = [
    ...['ink', 'soft', 'accent', 'failed'].flatMap((text) =>
      ['sheet', 'ground', 'sunk'].map((ground) => [text, ground]),
    ),
    ...['passed', 'failed', 'errored', 'inconclusive', 'idle'].map((text) => [text, `${text}-tint`]),
    ...['failed-tint', 'passed-tint'].map((ground) => ['soft', ground]),
    ['sheet', 'ink'],
    ['passed', 'sheet'],
  ] as [string, string][]

  test.each([
    ['light', 0],
    ['dark', 1],
  ] as const)('are readable when it is %s (WCAG AA)', (_, at) => {
    const named = colours(schemes[at]!)
    for (const [text, ground] of pairs) {
      const ratio = contrast(named.get(text)!, named.get(ground)!)
      expect({ text, ground, enough: ratio >= 4.5, ratio }).toMatchObject({ enough: true })
    }
  })
})
