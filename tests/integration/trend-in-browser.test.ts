import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { seriesAnchor } from '@agent-ci/reporting/nightly/series-anchor'
import type { Trend } from '@agent-ci/reporting/nightly/trend'
import { renderTrendPage } from '@agent-ci/reporting/nightly/trend-page'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type Browser, chromium, type Locator, type Page } from 'playwright-core'
import { HOSTILE, textOf } from '../unit/reporting/fixtures.ts'
import {
  hostileTrend,
  nightBefore,
  results,
  simulateFinding,
  simulateSeries,
  simulateTrend,
} from '../unit/reporting/nightly/nights.ts'

const CHROMIUM = '/usr/bin/chromium'
const available = existsSync(CHROMIUM)
if (!available) {
  const reason = `${CHROMIUM} is missing: install Debian's chromium to test the trend page in a real browser`
  if (process.env.CI === 'true') throw new Error(reason)
  process.stderr.write(`skipped: ${reason}\n`)
}

let browser: Browser
let directory: string
const written = new Map<Trend, string>()

beforeAll(async () => {
  if (!available) return
  directory = mkdtempSync(join(tmpdir(), 'trend-in-browser-'))
  browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-sync'],
  })
})

afterAll(async () => {
  if (!available) return
  await browser.close()
  rmSync(directory, { recursive: true })
})

/** A page that is opened, and whatever it did that a report must not do. */
async function open(
  trend: Trend,
  {
    javaScriptEnabled = true,
    hash = '',
    dark = false,
  }: { javaScriptEnabled?: boolean; hash?: string; dark?: boolean } = {},
) {
  const file = written.get(trend) ?? join(directory, `trend-${written.size}.html`)
  if (!written.has(trend)) writeFileSync(file, await textOf(renderTrendPage(trend)))
  written.set(trend, file)
  const url = pathToFileURL(file).href
  const context = await browser.newContext({
    javaScriptEnabled,
    colorScheme: dark ? 'dark' : 'light',
    viewport: { width: 1280, height: 900 },
  })
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
  await page.goto(url + hash)
  return { page, misdeeds, close: () => context.close() }
}

const full = simulateTrend(200, 365)
const shown = (page: Page) => page.locator('.card:not([hidden])').count()
const names = (page: Page) =>
  page
    .locator('.card:not([hidden]) .plot')
    .evaluateAll((plots) => plots.map((plot) => (plot as HTMLElement).dataset.name))
const drawn = (page: Page) => page.locator('.plot svg').count()
const plotOf = async (card: Locator) => {
  await card.scrollIntoViewIfNeeded()
  await card.locator('.plot svg').waitFor()
  return card.locator('.plot svg')
}
const labelsOf = (card: Locator) => card.locator('.plot svg text').allTextContents()

/** Pairs of texts of one plot that cover each other. */
const overlaps = (page: Page) =>
  page.evaluate(() =>
    Array.from(document.querySelectorAll('.plot svg')).flatMap((svg) => {
      const boxes = Array.from(svg.querySelectorAll('text'), (each) => ({
        text: each.textContent,
        box: each.getBoundingClientRect(),
      }))
      return boxes.flatMap((a, at) =>
        boxes
          .slice(at + 1)
          .filter(
            (b) =>
              a.box.left < b.box.right &&
              b.box.left < a.box.right &&
              a.box.top < b.box.bottom - 3 &&
              b.box.top < a.box.bottom - 3,
          )
          .map((b) => `${a.text} | ${b.text}`),
      )
    }),
  )

const inBrowser = available ? describe : describe.skip

inBrowser('the trend page in a browser', () => {
  test('of 200 series and 365 nights is there at once, and draws what comes into view', async () => {
    const { page, misdeeds, close } = await open(full)
    await page.locator('.plot svg').first().waitFor()
    const { paintMs, drawnMs, heapMb } = await page.evaluate(() => ({
      paintMs: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Number.NaN,
      drawnMs: performance.now(),
      heapMb: (performance as unknown as { memory: { usedJSHeapSize: number } }).memory.usedJSHeapSize / 1e6,
    }))
    process.stderr.write(
      `200 series x 365 nights: first paint ${paintMs.toFixed(0)} ms, first plots by ${drawnMs.toFixed(0)} ms, heap ${heapMb.toFixed(0)} MB\n`,
    )
    expect(paintMs).toBeLessThan(3_000)
    expect(await shown(page)).toBe(200)
    const first = await drawn(page)
    expect(first).toBeGreaterThan(2)
    expect(first).toBeLessThan(60)
    await plotOf(page.locator('.card').last())
    expect(await drawn(page)).toBeLessThan(200)
    expect(misdeeds).toEqual([])
    await close()
  }, 60_000)

  test('filters by state, dataset, model, metric and text, and orders by name', async () => {
    const { page, misdeeds, close } = await open(full)
    const count = page.locator('#count')
    expect(await count.textContent()).toBe('200 of 200 series')
    await page.getByRole('button', { name: /^regressed/ }).click()
    expect(await names(page)).toEqual([
      'accuracy of golden with sonnet',
      'latency p95 of shipping with sonnet',
      'tool accuracy of multi-turn with opus',
    ])
    expect(await page.locator('[data-state][aria-pressed=true]').textContent()).toMatch(/^regressed/)
    await page.getByRole('button', { name: /^all \d|^all200/ }).click()
    await page.getByRole('combobox', { name: 'dataset' }).selectOption('refunds')
    expect(await shown(page)).toBe(20)
    await page.getByRole('combobox', { name: 'model' }).selectOption('haiku')
    expect(await shown(page)).toBe(4)
    await page.getByRole('combobox', { name: 'metric' }).selectOption('cost per trial')
    expect(await names(page)).toEqual(['cost per trial of refunds with haiku'])
    for (const name of ['dataset', 'model', 'metric']) await page.getByRole('combobox', { name }).selectOption('')
    await page.getByLabel('Search in all texts').fill('SMALLTALK latency small-2')
    expect(await names(page)).toEqual(['latency p95 of smalltalk with small-2'])
    await page.getByLabel('Search in all texts').fill('nothing like it')
    expect(await page.getByText('No series matches.').isVisible()).toBe(true)
    expect(await count.textContent()).toBe('0 of 200 series')
    await page.getByLabel('Search in all texts').fill('')
    const worstFirst = await names(page)
    await page.getByRole('combobox', { name: 'order' }).selectOption('by name')
    expect(await names(page)).toEqual(worstFirst.toSorted((a, b) => a!.localeCompare(b!)))
    await page.getByRole('combobox', { name: 'order' }).selectOption('worst first')
    expect(await names(page)).toEqual(worstFirst)
    expect(misdeeds).toEqual([])
    await close()
  }, 60_000)

  test('shows 90 nights, fewer or all', async () => {
    const { page, misdeeds, close } = await open(full)
    const card = page.locator('.card').first()
    await plotOf(card)
    expect((await labelsOf(card)).filter((label) => !/%$/.test(label))).toEqual(['Sep', 'Oct', 'Nov'])
    expect(await card.locator('.week').count()).toBe(0)
    await page.getByRole('button', { name: '30 nights' }).click()
    await card.getByText('Nov 25').waitFor()
    expect((await labelsOf(card)).filter((label) => !/%$/.test(label))).toEqual([
      'Nov 25',
      'Nov 18',
      'Nov 11',
      'Nov 4',
      'Oct 28',
    ])
    await page.getByRole('button', { name: 'all', exact: true }).click()
    await card.getByText('2026', { exact: true }).waitFor()
    expect(await card.locator('.week').count()).toBe(1)
    expect(await page.locator('[data-days][aria-pressed=true]').textContent()).toBe('all')
    expect(misdeeds).toEqual([])
    await close()
  })

  test('opens a series to its full width, with a table of all its nights and their runs', async () => {
    const { page, misdeeds, close } = await open(full)
    const card = page
      .locator('.card', { hasText: 'golden · opus' })
      .filter({ has: page.getByRole('heading', { name: 'accuracy', exact: true }) })
    const plot = await plotOf(card)
    const before = (await plot.boundingBox())!.width
    await card.getByText('All nights').click()
    await card.getByRole('row', { name: /2025-11-26/ }).waitFor()
    expect((await plot.boundingBox())!.width).toBeGreaterThan(2 * before)
    expect(await card.locator('tbody tr').count()).toBe(365)
    const rows = card.locator('tbody tr')
    expect(await rows.first().locator('td, th').allTextContents()).toEqual([
      '2026-11-25',
      expect.stringMatching(/^\d\d\.\d %$/),
      expect.stringMatching(/^\d\d\.\d – \d\d\.\d %$/),
      '100',
      'run',
      'steady',
    ])
    expect(await rows.nth(1).locator('td').last().textContent()).toBe('after release v1.9.0')
    expect(await rows.nth(59).locator('td').last().textContent()).toBe(
      'baseline blessed by mona: the new retriever answers shorter',
    )
    expect(await rows.nth(13).locator('td').first().textContent()).toBe('not measured')
    expect(await rows.first().getByRole('link').getAttribute('href')).toBe(
      'https://github.com/acme/support/actions/runs/9020782',
    )
    expect(await labelsOf(card)).toContain('v1.9.0')
    await card.getByText('All nights').click()
    await page.waitForFunction(
      (wide) => document.querySelector('.card .plot svg')!.getBoundingClientRect().width < wide,
      before * 1.5,
    )
    expect(misdeeds).toEqual([])
    await close()
  })

  test('reads a night under the pointer, and the reason again when it leaves', async () => {
    const { page, misdeeds, close } = await open(full)
    const card = page.locator('.card').first()
    const plot = await plotOf(card)
    const readout = card.locator('.readout')
    const reason = await readout.textContent()
    expect(reason).toMatch(/^the provider moved; /)
    const { width } = (await plot.boundingBox())!
    await plot.hover({ position: { x: width - 12, y: 60 } })
    expect(await readout.textContent()).toMatch(
      /^2026-11-25 · \d\d\.\d % \(\d\d\.\d – \d\d\.\d %\) · 200 trials · regressed, the provider moved, incident opened$/,
    )
    await plot.hover({ position: { x: width - 22, y: 60 } })
    expect(await readout.textContent()).toMatch(/^2026-11-2[234] /)
    expect(await card.locator('.cursor').getAttribute('visibility')).toBe('visible')
    await page.getByRole('heading', { level: 1 }).hover()
    expect(await readout.textContent()).toBe(reason)
    expect(await card.locator('.cursor').getAttribute('visibility')).toBe('hidden')
    expect(misdeeds).toEqual([])
    await close()
  })

  test('marks what earlier nights found, and an incident from its first night to its end', async () => {
    const { page, misdeeds, close } = await open(simulateTrend(8, 60))
    const card = page
      .locator('.card', { hasText: 'golden · opus' })
      .filter({ has: page.getByRole('heading', { name: 'accuracy', exact: true }) })
    await plotOf(card)
    expect(await card.locator('.found.regressed').count()).toBe(2)
    // Begins, lasts, ends.
    expect((await card.locator('path.incident').getAttribute('d'))?.match(/V/g)).toHaveLength(2)
    const fallen = page.locator('.card.regressed').first()
    await plotOf(fallen)
    expect((await fallen.locator('path.incident').getAttribute('d'))?.match(/V/g)).toHaveLength(1)
    await card.getByText('All nights').click()
    const happened = (night: string) =>
      card
        .getByRole('row', { name: new RegExp(night) })
        .locator('td')
        .last()
    expect(await happened('2026-11-01').textContent()).toContain('regressed, we moved, incident opened')
    expect(await happened('2026-11-02').textContent()).toBe('regressed, we moved')
    expect(await happened('2026-11-05').textContent()).toContain('steady, incident closed')
    expect(misdeeds).toEqual([])
    await close()
  })

  test('can be worked with keys alone', async () => {
    const { page, misdeeds, close } = await open(full)
    await page.keyboard.press('Tab')
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Skip to the series')
    const card = page.locator('.card').first()
    await plotOf(card)
    await card.locator('.plot').focus()
    await page.keyboard.press('ArrowLeft')
    expect(await card.locator('.readout').textContent()).toMatch(/^2026-11-25 · /)
    await page.keyboard.press('ArrowLeft')
    expect(await card.locator('.readout').textContent()).toMatch(
      /^2026-11-24 · .* · suspect, the provider moved · after release v1.9.0$/,
    )
    await page.keyboard.press('Home')
    expect(await card.locator('.readout').textContent()).toMatch(/^2026-08-28 · /)
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await card.getByRole('table').waitFor()
    expect(misdeeds).toEqual([])
    await close()
  })

  test('leaves a gap where a night is missing, and where nights cannot be compared', async () => {
    const key = { dataset: 'golden', model: null, prompts: null, metric: 'accuracy' }
    const plan = { key, unit: 'fraction', level: 0.9, sd: 0, n: 100 } as const
    const whole = simulateSeries(plan, 30)
    const torn = simulateSeries({ ...plan, key: { ...key, dataset: 'torn' }, missing: [5, 6, 12], changed: 20 }, 30)
    const series = [whole, torn]
    const { page, close } = await open({ results: { ...results, series: series.map(simulateFinding) }, series })
    const linesOf = async (dataset: string) => {
      const card = page.locator('.card', { hasText: dataset })
      await plotOf(card)
      return ((await card.locator('.values').getAttribute('d')) ?? '').match(/M/g)?.length
    }
    expect(await linesOf('golden')).toBe(1)
    expect(await linesOf('torn')).toBe(4)
    expect(await page.locator('.card', { hasText: 'torn' }).locator('line.broken').count()).toBe(1)
    await close()
  })

  test.each<[string, Trend, number]>([
    ['of one night', simulateTrend(4, 1), 4],
    ['of three nights', simulateTrend(4, 3), 4],
    ['of five weeks', simulateTrend(12, 35), 12],
    ['of a year', simulateTrend(8, 365), 8],
    ['whose history is missing', { results, series: [] }, 6],
    ['without a night', { results: null, series: [] }, 0],
  ])(
    '%s is readable: no label covers another, nothing scrolls sideways, all plots have names',
    async (_, trend, plots) => {
      for (const width of [360, 1280]) {
        const { page, misdeeds, close } = await open(trend)
        await page.setViewportSize({ width, height: 900 })
        for (const card of await page.locator('.card').all()) await plotOf(card)
        if (plots > 0) {
          await page.locator('.card summary').first().click()
          await page.locator('.card.open table').waitFor()
        }
        expect(await page.locator('.plot svg').count()).toBe(plots)
        expect(await page.locator('.plot svg:not([role=img]), .plot svg:not([aria-label])').count()).toBe(0)
        expect(await overlaps(page)).toEqual([])
        expect(
          await page
            .locator('.plot text')
            .evaluateAll((texts) => texts.filter((text) => /NaN|undefined|Infinity/.test(text.outerHTML)).length),
        ).toBe(0)
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width)
        expect(misdeeds).toEqual([])
        await close()
      }
    },
    60_000,
  )

  test('leads an alert’s link to its series', async () => {
    const id = seriesAnchor({ dataset: 'tools', model: 'haiku', prompts: null, metric: 'accuracy' })
    const { page, misdeeds, close } = await open(full, { hash: `#${id}` })
    await plotOf(page.locator(`#${id}`))
    expect(await page.locator(`#${id}`).evaluate((card) => card.getBoundingClientRect().top)).toBeLessThan(900)
    expect(await page.evaluate(() => scrollY)).toBeGreaterThan(1_000)
    expect(misdeeds).toEqual([])
    await close()
  })

  test('without script shows the last night in words', async () => {
    const { page, misdeeds, close } = await open(simulateTrend(8, 40), { javaScriptEnabled: false })
    expect(await page.locator('#filters').isVisible()).toBe(false)
    expect(await page.getByText('The plots and the tables of nights need JavaScript').isVisible()).toBe(true)
    expect(await page.locator('.card .figures b').count()).toBe(8)
    expect(misdeeds).toEqual([])
    await close()
  })

  test('has its own colours in the dark', async () => {
    const { page, misdeeds, close } = await open(simulateTrend(4, 40), { dark: true })
    const card = page.locator('.card').first()
    await plotOf(card)
    expect(await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).toBe('rgb(15, 20, 26)')
    expect(await card.locator('.values').evaluate((line) => getComputedStyle(line).stroke)).toBe('rgb(111, 155, 240)')
    expect(misdeeds).toEqual([])
    await close()
  })
})

inBrowser.each(Object.entries(HOSTILE))('the trend page in a browser, of hostile text (%s)', (_, text) => {
  test('runs nothing, asks for nothing, and shows the text as text', async () => {
    const { page, misdeeds, close } = await open(hostileTrend(text))
    for (const card of await page.locator('.card').all()) {
      await plotOf(card)
      await card.locator('summary').click()
      await card.locator('tbody tr').first().waitFor()
      await card.locator('.plot').focus()
      for (const key of ['ArrowLeft', 'ArrowLeft']) await page.keyboard.press(key)
      const readout = await card.locator('.readout').textContent()
      expect(readout).toContain(`${nightBefore(1)} · `)
      expect(readout).toContain('baseline blessed by ')
    }
    await page.getByLabel('Search in all texts').fill('pwned')
    expect(await shown(page)).toBe(6)
    expect(await page.evaluate(() => '__pwned' in window)).toBe(false)
    expect(await page.locator('main img, main iframe, main object, main form, main script, main a').count()).toBe(0)
    expect(await page.locator('.nights').first().textContent()).toContain('pwned')
    expect(await page.locator('.plot text.mark').first().textContent()).not.toBe('')
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(1280)
    expect(misdeeds).toEqual([])
    await close()
  }, 60_000)
})
