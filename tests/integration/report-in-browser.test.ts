import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Results } from '@agent-ci/core/results'
import { renderHtml } from '@agent-ci/reporting/html/page'
import type { TrialView, UnrunView } from '@agent-ci/reporting/trial-view'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type Browser, chromium, type Page } from 'playwright-core'
import {
  gate,
  HOSTILE,
  hostileRun,
  latencyGate,
  PROBES,
  resultsOf,
  streamOf,
  textOf,
  view,
  views,
  wrong,
} from '../unit/reporting/fixtures.ts'
import { comparedRun, comparedViews, stoppedRun, unsureRun, unsureViews } from '../unit/reporting/runs.ts'

const CHROMIUM = '/usr/bin/chromium'
const available = existsSync(CHROMIUM)
if (!available) {
  const reason = `${CHROMIUM} is missing: install Debian's chromium to test the report in a real browser`
  if (process.env.CI === 'true') throw new Error(reason)
  process.stderr.write(`skipped: ${reason}\n`)
}

let browser: Browser
let directory: string
let files = 0

beforeAll(async () => {
  if (!available) return
  directory = mkdtempSync(join(tmpdir(), 'report-in-browser-'))
  browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
})

afterAll(async () => {
  if (!available) return
  await browser.close()
  rmSync(directory, { recursive: true })
})

/** A page that is opened, and whatever it did that a report must not do. */
async function open(results: Results, all: readonly (TrialView | UnrunView)[], javaScriptEnabled = true) {
  const file = join(directory, `report-${++files}.html`)
  writeFileSync(file, await textOf(renderHtml(results, streamOf(all))))
  const url = pathToFileURL(file).href
  const context = await browser.newContext({ javaScriptEnabled, viewport: { width: 1280, height: 900 } })
  const page = await context.newPage()
  const misdeeds: string[] = []
  page.on('console', (message) => misdeeds.push(`console ${message.type()}: ${message.text()}`))
  page.on('pageerror', (error) => misdeeds.push(`error: ${error.message}`))
  page.on('dialog', (dialog) => {
    misdeeds.push(`dialog: ${dialog.message()}`)
    return dialog.dismiss()
  })
  page.on('request', (request) => {
    if (request.url() !== url) misdeeds.push(`request: ${request.url()}`)
  })
  await page.goto(url)
  return { page, misdeeds, close: () => context.close() }
}

const run = resultsOf(views, { verdict: 'failed', gates: [gate, latencyGate] })
const shownIds = (page: Page) => page.locator('.example:not([hidden]) > summary > b').allTextContents()
const shown = (page: Page) => page.locator('.example:not([hidden])').count()

const inBrowser = available ? describe : describe.skip

inBrowser('the report in a browser', () => {
  test('shows the verdict, the gates, the charts and all examples', async () => {
    const { page, misdeeds, close } = await open(run, views)
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe(
      'failed — latency p95 1.8 s misses <= 1.5 s',
    )
    expect(await page.getByRole('banner').count()).toBe(1)
    expect(await page.getByRole('main').count()).toBe(1)
    expect(await page.getByRole('img', { name: /^Latency of 58 trials/ }).count()).toBe(1)
    expect(await page.getByRole('img', { name: /accuracy/ }).count()).toBe(6)
    expect(await page.getByRole('rowheader', { name: 'latency p95' }).count()).toBe(1)
    expect(await shown(page)).toBe(60)
    expect(misdeeds).toEqual([])
    await close()
  })

  test('filters by result, tag and text, and opens what it shows', async () => {
    const { page, misdeeds, close } = await open(run, views)
    const count = page.getByRole('status')
    await page.getByRole('button', { name: /^Failing/ }).click()
    expect(await shownIds(page)).toEqual(['account-004', 'refunds-012', 'refunds-022', 'refunds-027', 'smalltalk-045'])
    expect(await count.textContent()).toBe('5 of 60 examples')
    expect(await page.locator('[aria-pressed=true]').textContent()).toMatch(/^Failing/)
    await page.getByRole('combobox', { name: 'Tag' }).selectOption({ label: 'refunds' })
    expect(await shownIds(page)).toEqual(['refunds-012', 'refunds-022', 'refunds-027'])
    await page.getByLabel('Search in all texts').fill('30 DAYS refunds')
    expect(await shownIds(page)).toEqual(['refunds-022'])

    await page.getByText('refunds-022').click()
    const details = page.locator('.example[open] .body')
    expect(await details.count()).toBe(1)
    expect(await details.isVisible()).toBe(true)
    expect(await details.innerText()).toMatch(
      /Refunds take up to 30 days\.[\s\S]*find_invoice[\s\S]*differs from the expected answer[\s\S]*data\/golden\.jsonl:22/,
    )

    await page.getByLabel('Search in all texts').fill('nothing like it')
    expect(await shown(page)).toBe(0)
    expect(await page.getByText('No example matches.').isVisible()).toBe(true)
    await page.getByLabel('Search in all texts').fill('')
    await page.getByRole('combobox', { name: 'Tag' }).selectOption('')
    await page.getByRole('button', { name: /^Wrong tools/ }).click()
    expect(await shownIds(page)).toEqual(['billing-051'])
    await page.getByRole('button', { name: /^Errored/ }).click()
    expect(await shownIds(page)).toEqual(['shipping-018', 'account-039'])
    await page.getByRole('button', { name: 'Open all shown' }).click()
    expect(await page.locator('.example[open]').count()).toBe(3)
    await page.getByRole('button', { name: /^All/ }).click()
    expect(await count.textContent()).toBe('60 of 60 examples')
    expect(misdeeds).toEqual([])
    await close()
  })

  test('leads from a regressed example to its answers, also where a filter hides them, and without script', async () => {
    for (const javaScriptEnabled of [true, false]) {
      const { page, misdeeds, close } = await open(comparedRun, comparedViews, javaScriptEnabled)
      const opened = page.locator('.example[open]')
      if (javaScriptEnabled) {
        await page.getByRole('button', { name: /^Passed/ }).click()
        expect(await page.locator('.example', { hasText: 'shipping-038' }).isVisible()).toBe(false)
      }
      await page.getByRole('link', { name: 'shipping-038' }).click()
      await opened.waitFor()
      expect(await opened.locator('> summary > b').allTextContents()).toEqual(['shipping-038'])
      const body = opened.locator('.body')
      expect(await body.evaluate((each) => each.getBoundingClientRect().top < innerHeight)).toBe(true)
      expect(misdeeds).toEqual([])
      await close()
    }
  })

  test.each([
    ['with a baseline', comparedRun, comparedViews],
    ['that stopped early', stoppedRun.results, stoppedRun.views],
    ['that is inconclusive', unsureRun, unsureViews],
  ])('of a run %s does not scroll sideways, and all its charts have names', async (_, results, all) => {
    const { page, misdeeds, close } = await open(results, all)
    for (const width of [360, 1280]) {
      await page.setViewportSize({ width, height: 800 })
      await page.locator('details.fold').evaluateAll((folds) => {
        for (const fold of folds) fold.setAttribute('open', '')
      })
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width)
    }
    expect(await page.locator('svg:not([role=img]), svg:not(:has(> title))').count()).toBe(0)
    expect(misdeeds).toEqual([])
    await close()
  })

  test('can be worked with keys alone', async () => {
    const { page, close } = await open(run, views)
    await page.keyboard.press('Tab')
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Skip to the examples')
    await page.keyboard.press('Enter')
    for (let presses = 0; presses < 12; presses++) {
      await page.keyboard.press('Tab')
      if (await page.evaluate(() => document.activeElement?.tagName === 'SUMMARY')) break
    }
    await page.keyboard.press('Enter')
    expect(await page.locator('.example[open] > summary > b').allTextContents()).toEqual(['account-004'])
    await close()
  })

  test('offers flaky examples where there are repeats', async () => {
    const repeat = (each: TrialView, at: number) => ({ ...each, trial: { ...each.trial, repeat: at } })
    const all = [view(0), view(1)].flatMap((each, index) => [
      repeat(each, 0),
      repeat(index === 0 ? wrong(each, 'no') : each, 1),
    ])
    const { page, close } = await open(resultsOf(all, { repeats: 2 }), all)
    await page.getByRole('button', { name: /^Flaky/ }).click()
    expect(await shownIds(page)).toEqual(['billing-001'])
    await close()
  })

  test('without script still shows and opens everything', async () => {
    const { page, misdeeds, close } = await open(run, views, false)
    expect(await page.locator('#filters').isVisible()).toBe(false)
    expect(await page.locator('.example').count()).toBe(60)
    await page.getByText('refunds-022').click()
    expect(await page.getByText('differs from the expected answer').locator('visible=true').count()).toBe(1)
    expect(misdeeds).toEqual([])
    await close()
  })

  test('does not scroll sideways on a telephone', async () => {
    const { page, close } = await open(run, views)
    await page.setViewportSize({ width: 360, height: 800 })
    await page.getByText('account-004').click()
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360)
    await close()
  })

  test('filters 3,000 rows at once', async () => {
    const good = Array.from({ length: 1_000 }, (_, index) => view(index))
    const bad = Array.from({ length: 2_000 }, (_, index) => wrong(view(1_000 + index), `answer ${index} `.repeat(15)))
    const all = [...good, ...bad]
    const { page, misdeeds, close } = await open(resultsOf(all), all)
    expect(await page.locator('.example').count()).toBe(3_000)
    /** Until the next frame is painted. */
    const clickMs = (label: string) =>
      page.evaluate(async (start) => {
        const button = [...document.querySelectorAll('button')].find((each) => each.textContent?.startsWith(start))
        const before = performance.now()
        button?.click()
        await new Promise((painted) => requestAnimationFrame(() => setTimeout(painted)))
        return performance.now() - before
      }, label)
    const count = page.getByRole('status')
    const first = await clickMs('Passed')
    expect(await count.textContent()).toBe('1,000 of 3,000 examples')
    const second = await clickMs('Failing')
    expect(await count.textContent()).toBe('2,000 of 3,000 examples')
    process.stderr.write(`3,000 rows: first filter ${first.toFixed(0)} ms, second ${second.toFixed(0)} ms\n`)
    expect(first).toBeLessThan(2_000)
    expect(await shown(page)).toBe(200)
    await page.getByLabel('Search in all texts').fill('refunds-2777')
    expect(await shownIds(page)).toEqual(['refunds-2777'])
    await page.getByLabel('Search in all texts').fill('')
    await page.getByRole('button', { name: 'Show all 2,000' }).click()
    expect(await shown(page)).toBe(2_000)
    expect(misdeeds).toEqual([])
    await close()
  }, 120_000)
})

inBrowser.each(Object.entries(HOSTILE))('the report in a browser, of hostile text (%s)', (_, text) => {
  test('runs nothing, asks for nothing, and shows the text as text', async () => {
    const { results, views: all } = hostileRun(text)
    const { page, misdeeds, close } = await open(results, all)
    for (const summary of await page.locator('.example > summary').all()) await summary.click()
    await page.getByLabel('Search in all texts').fill('pwned')
    expect(await shown(page)).toBe(2)
    expect(await page.evaluate(() => '__pwned' in window)).toBe(false)
    expect(
      await page
        .locator(
          'main img[src], main iframe, main object, main embed, main form, main a:not([href^="#example-"]), main script',
        )
        .count(),
    ).toBe(0)
    expect(await page.locator('script').count()).toBe(1)
    expect(await page.locator('.example[open] .body').first().innerText()).toContain('pwned')
    expect(misdeeds).toEqual([])
    await close()
  })
})

inBrowser('the report in a browser, of the attack suites', () => {
  test('runs nothing and asks for nothing', async () => {
    const all = Object.values(PROBES).map((text, i) => wrong(view(i), text, text))
    const { page, misdeeds, close } = await open(resultsOf(all), all)
    await page.evaluate(() => {
      for (const each of document.querySelectorAll('details')) each.open = true
    })
    expect(await page.locator('main img[src], main iframe, main a:not([href^="#example-"]), main script').count()).toBe(
      0,
    )
    expect(misdeeds).toEqual([])
    await close()
  })
})
