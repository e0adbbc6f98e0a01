import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { RolloutTimeline } from '@agent-ci/core/rollout-timeline'
import { renderRolloutHtml } from '@agent-ci/reporting/rollout/html'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type Browser, chromium, type Page } from 'playwright-core'
import { HOSTILE } from '../unit/reporting/fixtures.ts'
import {
  paused,
  promoted,
  rolledBack,
  simulateRollout,
  withoutData,
  withTexts,
} from '../unit/reporting/rollout/rollouts.ts'

const CHROMIUM = '/usr/bin/chromium'
const available = existsSync(CHROMIUM)
if (!available) {
  const reason = `${CHROMIUM} is missing: install Debian's chromium to test the rollout's page in a real browser`
  if (process.env.CI === 'true') throw new Error(reason)
  process.stderr.write(`skipped: ${reason}\n`)
}

let browser: Browser
let directory: string
let files = 0

beforeAll(async () => {
  if (!available) return
  directory = mkdtempSync(join(tmpdir(), 'rollout-in-browser-'))
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
async function open(timeline: RolloutTimeline, javaScriptEnabled = true) {
  const file = join(directory, `rollout-${++files}.html`)
  writeFileSync(file, renderRolloutHtml(timeline))
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

/** What the readout says of the check that it shows. */
const readout = (page: Page, name: string) =>
  page
    .locator('#readout div', { has: page.locator('dt', { hasText: new RegExp(`^${name}$`) }) })
    .locator('dd')
    .textContent()

/** Pairs of texts of one plot that cover each other. */
const overlaps = (page: Page) =>
  page.evaluate(() =>
    Array.from(document.querySelectorAll('svg.timeplot')).flatMap((svg) => {
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

const long = simulateRollout({ checksPerStep: 400, requestsPerSecond: 2 })
const brief = simulateRollout({ checksPerStep: 1 })
const inBrowser = available ? describe : describe.skip

inBrowser("a rollout's page in a browser", () => {
  test.each([
    ['promoted', promoted],
    ['rolled back', rolledBack],
    ['paused', paused],
    ['without data', withoutData],
    ['of 5 checks', brief],
    ['of 2,000 checks', long],
  ])('%s is readable: no label covers another, nothing scrolls sideways, all plots have names', async (_, timeline) => {
    const { page, misdeeds, close } = await open(timeline)
    expect(await page.getByRole('heading', { level: 1 }).count()).toBe(1)
    expect(await page.locator('svg.timeplot').count()).toBe(6)
    expect(await overlaps(page)).toEqual([])
    for (const width of [360, 1280]) {
      await page.setViewportSize({ width, height: 800 })
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width)
      const sizes = await page
        .locator('svg.timeplot text')
        .evaluateAll((texts) => texts.map((text) => text.getBoundingClientRect().height))
      expect(Math.min(...sizes)).toBeGreaterThanOrEqual(9)
    }
    expect(await page.locator('svg:not([role=img]), svg:not(:has(> title))').count()).toBe(0)
    expect(misdeeds).toEqual([])
    await close()
  })

  test('shows the check that the pointer is nearest to', async () => {
    const { page, misdeeds, close } = await open(rolledBack)
    expect(await readout(page, 'Time')).toBe('08:02:50')
    const plot = page.locator('svg.timeplot').nth(2)
    const box = (await plot.boundingBox())!
    const at = (seconds: number) => ((62 + (seconds / 195) * (1_000 - 62 - 14)) / 1_000) * box.width
    await plot.hover({ position: { x: at(83), y: 60 } })
    expect(await readout(page, 'Time')).toBe('08:01:20')
    expect(await readout(page, 'Canary error rate')).toBe('5.3 %')
    expect(await page.locator('.cursor').first().getAttribute('visibility')).toBe('visible')
    await plot.hover({ position: { x: 2, y: 60 } })
    expect(await readout(page, 'Time')).toBe('08:00:50')
    expect(misdeeds).toEqual([])
    await close()
  })

  test('is read with keys alone', async () => {
    const { page, close } = await open(rolledBack)
    await page.locator('#plots').focus()
    await page.keyboard.press('Home')
    expect(await readout(page, 'Time')).toBe('08:00:50')
    await page.keyboard.press('ArrowRight')
    expect(await readout(page, 'Time')).toBe('08:01:20')
    await page.keyboard.press('End')
    expect(await readout(page, 'Worst metric')).toBe('fail: error-rate')
    await close()
  })

  test('without script shows all but the readout', async () => {
    const { page, misdeeds, close } = await open(rolledBack, false)
    expect(await page.locator('#readout').isVisible()).toBe(false)
    expect(await page.locator('svg.timeplot').count()).toBe(6)
    expect(await page.locator('#check-table tbody tr').count()).toBe(5)
    expect(misdeeds).toEqual([])
    await close()
  })
})

inBrowser.each(Object.entries(HOSTILE))("a rollout's page in a browser, of hostile text (%s)", (_, text) => {
  test('runs nothing, asks for nothing, and shows the text as text', async () => {
    const { page, misdeeds, close } = await open(withTexts(text))
    await page.locator('#plots').focus()
    await page.keyboard.press('ArrowLeft')
    expect(await page.evaluate(() => '__pwned' in window)).toBe(false)
    expect(await page.locator('script').count()).toBe(1)
    expect(await page.locator('main img, main iframe, main form, main script, main a').count()).toBe(0)
    expect(await page.locator('main').innerText()).toContain('pwned')
    expect(misdeeds).toEqual([])
    await close()
  })
})
