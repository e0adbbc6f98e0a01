import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { gzipSync } from 'node:zlib'
import type { Results } from '@agent-ci/core/results'
import { renderSarif, type SarifOptions } from '@agent-ci/reporting/sarif'
import type { TrialView } from '@agent-ci/reporting/trial-view'
import { describe, expect, test } from '@jest/globals'
import { Ajv } from 'ajv'
import {
  decided,
  example,
  HOSTILE,
  hostileRun,
  results,
  resultsOf,
  streamOf,
  textOf,
  view,
  views,
  wrong,
} from './fixtures.ts'

/** The published schema, which is of draft 4: there `$id` is `id`. */
const schemaFile = createRequire(import.meta.url).resolve('@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json')
const { $schema: _, id: __, ...schema } = JSON.parse(readFileSync(schemaFile, 'utf8'))
const validate = new Ajv({ strict: false, validateFormats: false, allErrors: true, unicodeRegExp: false }).compile(
  schema,
)

interface SarifResult {
  ruleId: string
  level: string
  message: { text: string }
  locations: { physicalLocation: { artifactLocation: { uri: string }; region: { startLine: number } } }[]
  partialFingerprints: Record<string, string>
}
interface Run {
  results: SarifResult[]
  tool: { driver: { rules: { id: string }[] } }
  invocations: { executionSuccessful: boolean; toolExecutionNotifications: { message: { text: string } }[] }[]
}

async function render(
  run: Results,
  all: readonly TrialView[],
  gateSource: SarifOptions['gateSource'] = () => undefined,
) {
  const text = await textOf(renderSarif(run, { trials: () => streamOf(all), gateSource }))
  const log = JSON.parse(text) as { runs: [Run] }
  validate(log)
  expect(validate.errors).toBeNull()
  return { ...log.runs[0], bytes: Buffer.byteLength(text), gzipped: gzipSync(text).length }
}

const fingerprints = ({ results }: Pick<Run, 'results'>) =>
  results.map(({ partialFingerprints }) => partialFingerprints['agentCiExample/v1'])

describe('SARIF', () => {
  test('has a finding on the line of each failing example, by the scorer that it did not pass', async () => {
    const run = await render(results, views)
    expect(run.results.map(({ ruleId }) => ruleId)).toEqual([
      ...['scorer/exact', 'scorer/exact', 'scorer/exact', 'scorer/exact', 'scorer/exact', 'scorer/tools'],
    ])
    expect(run.results[0]).toEqual({
      ruleId: 'scorer/exact',
      level: 'warning',
      message: {
        text: 'account-004: wrong answer. differs from the expected answer. Expected: A duplicate charge is refunded within 5 days. | Got: You can close your account in the settings.',
      },
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri: 'data/golden.jsonl', uriBaseId: '%SRCROOT%' },
            region: { startLine: 4 },
          },
        },
      ],
      partialFingerprints: { 'agentCiExample/v1': expect.stringMatching(/^[0-9a-f]{32}$/) },
    })
    expect(run.tool.driver.rules.map(({ id }) => id)).toEqual(['scorer/exact', 'scorer/tools'])
  })

  test('says what could not be measured, and makes no finding of it', async () => {
    const run = await render(results, views)
    expect(run.invocations[0]!.toolExecutionNotifications.map(({ message }) => message.text)).toEqual([
      '2 trials could not be measured',
    ])
    expect(new Set(fingerprints(run)).size).toBe(6)
  })

  test('puts a critical example first, as an error', async () => {
    const late = wrong(view(9), 'no')
    const critical = { ...late, example: { ...late.example, critical: true } }
    const all = [wrong(view(2), 'no'), critical]
    const run = await render(resultsOf(all), all)
    const found = run.results.filter(({ ruleId }) => ruleId.startsWith('scorer/'))
    expect(found.map(({ level, message }) => [level, message.text.split('.')[0]])).toEqual([
      ['error', `${critical.example.id}: wrong answer (critical)`],
      ['warning', `${all[0]!.example.id}: wrong answer`],
    ])
  })

  test('shows a failed gate where it is written, else on the dataset', async () => {
    const all = Array.from({ length: 60 }, (_, i) => wrong(view(i), 'no'))
    const source = { file: 'agent-ci.yaml', line: 12 }
    const run = decided(all, ['accuracy >= 0.85'])
    const placeOf = async (gateSource: SarifOptions['gateSource']) => {
      const { results } = await render(run, all, gateSource)
      const [gate] = results.filter(({ ruleId }) => ruleId.startsWith('gate/'))
      const { artifactLocation, region } = gate!.locations[0]!.physicalLocation
      return [gate!.level, artifactLocation.uri, region.startLine]
    }
    expect(await placeOf(() => source)).toEqual(['error', 'agent-ci.yaml', 12])
    expect(await placeOf(() => undefined)).toEqual(['error', 'data/golden.jsonl', 1])
  })

  test("keeps an example's fingerprint where its line, its answer and its scorer's reason change", async () => {
    const before = wrong(view(3), 'no')
    const moved = { ...before.example, source: { file: 'data/golden.jsonl', line: 40 } }
    const after = { ...wrong(before, 'never', 'another reason'), example: moved }
    expect(fingerprints(await render(results, [after])).at(-1)).toBe(
      fingerprints(await render(results, [before])).at(-1),
    )
    const other = { ...before, example: { ...before.example, id: 'another' } }
    expect(fingerprints(await render(results, [other]))).not.toEqual(fingerprints(await render(results, [before])))
  })

  test('of a file with a space and a percent sign names it by its URI', async () => {
    const bad = wrong(view(0), 'no')
    const odd = { ...bad, example: { ...bad.example, source: { file: 'data/100% gold.jsonl', line: 1 } } }
    const { results: found } = await render(results, [odd])
    expect(found.at(-1)!.locations[0]!.physicalLocation.artifactLocation.uri).toBe('data/100%25%20gold.jsonl')
  })

  test('stays within 10 MB after gzip, and says how much is left out', async () => {
    const noise = (i: number) =>
      Buffer.from(Array.from({ length: 300 }, (_, at) => (i * 7919 + at * at * 31) % 251)).toString('base64')
    const all = Array.from({ length: 24_000 }, (_, i) => {
      const bad = wrong(view(i % 60), noise(i))
      return { ...bad, example: { ...bad.example, id: `e${i}` } }
    })
    const run = await render(results, all)
    expect(run.bytes).toBeLessThan(10_000_000)
    expect(run.gzipped).toBeLessThan(10_000_000)
    const left = 24_000 - run.results.length
    expect(left).toBeGreaterThan(0)
    expect(run.invocations[0]!.toolExecutionNotifications.at(-1)!.message.text).toContain(
      `${left.toLocaleString('en')} further findings left out`,
    )
  })

  test('has no more than 25,000 results', async () => {
    const short: TrialView = wrong({ ...view(0), example: { ...example, expected: 'a' } }, 'b', 'c')
    const all = Array.from({ length: 25_010 }, (_, i) => ({ ...short, example: { ...short.example, id: `${i}` } }))
    expect((await render(results, all)).results.length).toBeLessThanOrEqual(25_000)
  })
})

test.each(Object.entries(HOSTILE))('hostile text (%s) makes no link and no argument of a message', async (_, text) => {
  const { results: run, views: all } = hostileRun(text)
  for (const { message } of (await render(run, all)).results) {
    expect(message.text).not.toMatch(/(?<!\\)[[\]]/)
    expect(message.text.replaceAll(/\{\{|\}\}/g, '')).not.toMatch(/[{}]/)
    expect(message.text).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/)
  }
})
