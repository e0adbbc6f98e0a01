import type { Json } from '@agent-ci/core/json'
import { nightlyResultsSchema } from '@agent-ci/core/nightly/results'
import { promptResultsSchema } from '@agent-ci/core/prompt-results'
import { resultsSchema } from '@agent-ci/core/results'
import { rolloutTimelineSchema } from '@agent-ci/core/rollout-timeline'
import { fromRecord, toRecord, trialRecordSchema } from '@agent-ci/core/trial-record'
import { annotationsFor } from '@agent-ci/reporting/annotations'
import { partOf, type ResultFile } from '@agent-ci/reporting/comment/part'
import { renderSection } from '@agent-ci/reporting/comment/stored-section'
import { renderConsole } from '@agent-ci/reporting/console'
import { renderHtml } from '@agent-ci/reporting/html/page'
import { countJUnit, renderJUnit } from '@agent-ci/reporting/junit'
import { renderNightlyConsole } from '@agent-ci/reporting/nightly/console'
import { renderNightlySummary } from '@agent-ci/reporting/nightly/summary'
import { renderPromptConsole } from '@agent-ci/reporting/prompts/console'
import { renderPromptSummary } from '@agent-ci/reporting/prompts/summary'
import { renderRolloutEnd } from '@agent-ci/reporting/rollout/console'
import { renderRolloutHtml } from '@agent-ci/reporting/rollout/html'
import { renderRolloutSummary } from '@agent-ci/reporting/rollout/summary'
import { renderSummary } from '@agent-ci/reporting/summary'
import { describe, expect, test } from '@jest/globals'
import type * as z from 'zod'
import { jsonNear } from '../../foreign.ts'
import fc, { PATIENCE_MS, RUNS } from '../../properties.ts'
import { failing, results, streamOf, textOf, views } from './fixtures.ts'
import { results as night } from './nightly/nights.ts'
import { promptRun } from './prompts/prompt-runs.ts'
import { rolledBack } from './rollout/rollouts.ts'
import { regressedRun } from './runs.ts'

const asJson = (value: unknown): Json => JSON.parse(JSON.stringify(value))

function expectInertMarkdown(markdown: string): void {
  expect(markdown).not.toMatch(/<script|<img|javascript:|\u001b|\u202e/)
  expect(Buffer.byteLength(markdown)).toBeLessThan(1024 * 1024)
}

function expectInertLog(text: string): void {
  expect(text).not.toMatch(/^\s*::|##\[|\u202e|\u0007/m)
}

const expectInertHtml = (page: string): void => expect(page).not.toMatch(/<img|alert\(1\)<|\u202e/)

const commented = (file: ResultFile): string =>
  renderSection(
    {
      facts: {
        key: 'k',
        run: '7',
        attempt: 1,
        sha: 'c0ffee'.padEnd(40, '0'),
        url: 'https://example.com/r',
        stamp: 's',
      },
      notes: [],
      artifactUrl: 'https://example.com/a',
      parts: [{ file: 'results.json', part: partOf(file, true) }],
    },
    60_000,
  ).markdown

/** Every kind of result file, a good one of it, and all that is made of it. */
const KINDS = {
  'an evaluation': [
    resultsSchema,
    regressedRun,
    async (run: typeof regressedRun) => {
      expectInertMarkdown(commented({ kind: 'evaluation', results: run }))
      expectInertMarkdown(renderSummary(run, failing))
      expectInertLog(renderConsole(run, failing, { colour: false }))
      for (const { message } of annotationsFor(run, failing, [])) expect(message).not.toBe('')
    },
  ],
  'a comparison of prompts': [
    promptResultsSchema,
    promptRun,
    async (run: typeof promptRun) => {
      expectInertMarkdown(commented({ kind: 'prompts', results: run }))
      expectInertMarkdown(renderPromptSummary(run, []))
      expectInertLog([renderPromptConsole(run, { colour: false })].flat().join('\n'))
    },
  ],
  'a night': [
    nightlyResultsSchema,
    night,
    async (run: typeof night) => {
      expectInertMarkdown(commented({ kind: 'nightly', results: run }))
      expectInertMarkdown(renderNightlySummary(run, []))
      expectInertLog([renderNightlyConsole(run, { colour: false })].flat().join('\n'))
    },
  ],
  'a rollout': [
    rolloutTimelineSchema,
    { ...rolledBack, checks: rolledBack.checks.slice(0, 3) },
    async (run: typeof rolledBack) => {
      expectInertMarkdown(commented({ kind: 'rollout', timeline: run }))
      expectInertMarkdown(renderRolloutSummary(run))
      expectInertLog(renderRolloutEnd(run, { colour: false }).join('\n'))
      expectInertHtml(renderRolloutHtml(run))
    },
  ],
} as const satisfies Readonly<Record<string, readonly [z.ZodType, unknown, (run: never) => Promise<void>]>>

describe('a result file of another run, whatever was changed in it, is refused or shown without harm', () => {
  test.each(Object.entries(KINDS))(
    '%s',
    async (_, [schema, good, show]) => {
      const render = show as (run: unknown) => Promise<void>
      await render(good)
      let shown = 0
      const check = async (value: Json): Promise<void> => {
        const { data } = (schema as z.ZodType).safeParse(value)
        if (data === undefined) return
        shown++
        await render(data)
      }
      await fc.assert(fc.asyncProperty(jsonNear(asJson(good)), check), { numRuns: RUNS })
      expect(shown).toBeGreaterThan(RUNS / 50)
      expect(shown).toBeLessThan(RUNS)
    },
    PATIENCE_MS,
  )
})

describe('a trial of another run, whatever was changed in its line, is refused or shown without harm', () => {
  const records = views.slice(0, 6).map(({ trial, example }) => ({ record: toRecord(trial, example), example }))

  test(
    'in the report and for JUnit',
    async () => {
      let shown = 0
      const trials = fc.tuple(...records.map(({ record }) => jsonNear(asJson(record))))
      const check = async (lines: readonly Json[]): Promise<void> => {
        const read = lines.flatMap((line, index) => {
          const { data } = trialRecordSchema.safeParse(line)
          return data ? [{ trial: fromRecord(data), example: records[index]!.example }] : []
        })
        shown += read.length
        expectInertHtml(await textOf(renderHtml(results, streamOf(read))))
        const xml = await textOf(renderJUnit(results, streamOf(read), await countJUnit(streamOf(read))))
        expect(xml).not.toMatch(/<script|<img|]]>|\ud800/)
      }
      await fc.assert(fc.asyncProperty(trials, check), { numRuns: Math.ceil(RUNS / 6) })
      expect(shown).toBeGreaterThan(0)
    },
    PATIENCE_MS,
  )
})
