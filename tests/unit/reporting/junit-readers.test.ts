import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { countJUnit, renderJUnit } from '@agent-ci/reporting/junit'
import type { TrialView, UnrunView } from '@agent-ci/reporting/trial-view'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { parse } from 'junit2json'
import { parse as parseResults } from 'test-results-parser'
import { validateXML } from 'xmllint-wasm'
import { example, HOSTILE, hostileRun, results, streamOf, textOf, views } from './fixtures.ts'

const unrun: UnrunView = { trial: null, example: { ...example, id: 'billing-061' } }

const render = async (run: typeof results, all: readonly (TrialView | UnrunView)[]): Promise<string> =>
  textOf(renderJUnit(run, streamOf(all), await countJUnit(streamOf(all))))

let xml: string
let directory: string
beforeAll(async () => {
  xml = await render(results, [...views, unrun])
  directory = mkdtempSync(join(tmpdir(), 'junit-readers-'))
})
afterAll(() => rmSync(directory, { recursive: true, force: true }))

/**
 * The schema of Jenkins' xUnit plugin, as pytest ships it. It lacks what others read: a case's `file` and `line` (GitLab, CircleCI), and
 * `skipped` of all suites together.
 */
const problemsOf = async (text: string): Promise<readonly string[]> => {
  const schema = readFileSync(join(import.meta.dirname, '../../fixtures/junit/junit-10.xsd'), 'utf8')
  const within = text
    .replaceAll(/(<testcase [^>]*?) file="[^"]*" line="\d+"/g, '$1')
    .replace(/(<testsuites [^>]*?) skipped="\d+"/, '$1')
  const { errors } = await validateXML({ xml: within, schema })
  return errors.map(({ message }) => message)
}

describe('JUnit', () => {
  test("is valid by the schema of Jenkins' xUnit plugin", async () => {
    expect(await problemsOf(xml)).toEqual([])
  })

  test('would be refused by that schema where it had what the schema does not know', async () => {
    expect(await problemsOf(xml.replace('<testsuite ', '<testsuite surprise="1" '))).toEqual([
      expect.stringContaining("The attribute 'surprise' is not allowed"),
    ])
  })

  test.each(Object.entries(HOSTILE))('of hostile text (%s) is valid too', async (_, text) => {
    const { results: run, views: all } = hostileRun(text)
    expect(await problemsOf(await render(run, all))).toEqual([])
  })

  test('is read by junit2json', async () => {
    const report = await parse(xml)
    if (!report || !('testsuite' in report)) throw new Error('no suites were read')
    const [suite] = report.testsuite!
    expect(suite).toMatchObject({ name: 'golden', tests: 61, failures: 5, errors: 2, skipped: 1 })
    const cases = suite!.testcase!
    const having = (kind: 'failure' | 'error' | 'skipped') => cases.filter((each) => each[kind]).map(({ name }) => name)
    expect(having('failure')).toHaveLength(5)
    expect(having('error')).toEqual(['refunds-017', 'account-039'].map(() => expect.any(String)))
    expect(having('skipped')).toEqual(['billing-061'])
    expect(cases.find(({ failure }) => failure)!.failure![0]!.inner).toContain('expected: A duplicate charge')
  })

  test('is read by test-results-parser', () => {
    const file = join(directory, 'junit.xml')
    writeFileSync(file, xml)
    // Its total leaves out what was skipped.
    const report = parseResults({ type: 'junit', files: [file] })
    expect(report).toMatchObject({ total: 60, failed: 5, errors: 2, skipped: 1, passed: 53 })
    expect(report.suites[0]!.cases.filter(({ status }) => status === 'FAIL').length).toBeGreaterThanOrEqual(5)
  })
})
