import type { Results } from '@agent-ci/core/results'
import type { Trial } from '@agent-ci/core/trial'
import { cut, forXml } from '@agent-ci/core/untrusted'
import { type ExampleRuns, groupByExample, tellingTrial } from './example-runs.ts'
import { countOf } from './numbers.ts'
import type { TrialStream } from './trial-view.ts'
import { expectedText, problemOf, problemWith, toolText } from './wording.ts'

/** JUnit's counts stand before its cases, so they are made in a pass of their own. */
export interface JUnitTotals {
  readonly tests: number
  readonly failures: number
  readonly errors: number
  readonly skipped: number
  readonly timeMs: number
}

const timeMsOf = (trials: readonly Trial[]): number =>
  trials.reduce((sum, { reply }) => sum + (reply.replayed ? 0 : reply.latencyMs), 0)

/** The counts for `renderJUnit`, by the same rule; holds one example at a time. */
export async function countJUnit(stream: TrialStream): Promise<JUnitTotals> {
  const totals = { tests: 0, failures: 0, errors: 0, skipped: 0, timeMs: 0 }
  for await (const { status, trials } of groupByExample(stream)) {
    totals.tests++
    totals.timeMs += timeMsOf(trials)
    if (status === 'failed') totals.failures++
    if (status === 'errored') totals.errors++
    if (status === 'not run') totals.skipped++
  }
  return totals
}

const seconds = (ms: number): string => (ms / 1_000).toFixed(3)
const attribute = (name: string, text: string, max = 1_000): string => ` ${name}="${forXml(cut(text, max))}"`

function explain(runs: ExampleRuns, trial: Trial): { message: string; body: string } {
  const { example, trials } = runs
  const expected = expectedText(example)
  const { failure, output, toolCalls } = trial.reply
  const passes = trials.filter(({ outcome }) => outcome === 'passed').length
  const lines = [
    trials.length > 1 && `${passes} of ${countOf(trials.length, 'repeat')} passed`,
    expected !== '' && `expected: ${cut(expected, 4_000)}`,
    failure ? `error: ${cut(failure.message, 4_000)}` : `got: ${cut(output, 4_000)}`,
    example.expectedTools && `tools expected: ${cut(example.expectedTools.map(toolText).join(', '), 4_000)}`,
    example.expectedTools && `tools called: ${toolCalls ? cut(toolCalls.map(toolText).join(', '), 4_000) : 'unknown'}`,
    ...trial.scores
      .filter((score) => score.passed !== true)
      .map((score) => `${cut(score.scorer, 80)}: ${cut(score.reason, 1_000)}`),
  ]
  const problem = problemWith(example, trial)
  const message = failure
    ? `${problem}: ${failure.message}`
    : expected === ''
      ? problem
      : `${problem}: expected ${cut(expected, 120)}, got ${cut(output, 120)}`
  return { message, body: lines.filter(Boolean).join('\n') }
}

function testCase(suite: string, runs: ExampleRuns): string {
  const { example, trials, status } = runs
  const open =
    `    <testcase${attribute('name', example.id)}${suite} time="${seconds(timeMsOf(trials))}"` +
    `${attribute('file', example.source.file)} line="${example.source.line}"`
  if (status === 'passed') return `${open}/>\n`
  const trial = tellingTrial(runs)
  if (status === 'not run' || !trial) return `${open}>\n      <skipped message="never run"/>\n    </testcase>\n`
  const { message, body } = explain(runs, trial)
  const [element, type] =
    status === 'failed' ? ['failure', problemOf(trial) ?? 'failed'] : ['error', trial.reply.failure?.kind ?? 'scorer']
  return `${open}>\n      <${element}${attribute('type', type)}${attribute('message', message, 500)}>${forXml(body)}</${element}>\n    </testcase>\n`
}

/**
 * A run as JUnit XML: a test case an example (its repeats together), `failure` for wrong, `error` for could not be measured, `skipped`
 * for never run. `totals` come from `countJUnit` over the same trials.
 */
export async function* renderJUnit(results: Results, trials: TrialStream, totals: JUnitTotals): AsyncGenerator<string> {
  const { dataset } = results
  const properties = {
    verdict: results.verdict,
    dataset: dataset.digest,
    agent: results.agent,
    model: results.model ?? 'unknown',
    seed: results.seed,
  }
  const { tests, failures, errors, skipped, timeMs } = totals
  const counts = ` tests="${tests}" failures="${failures}" errors="${errors}" skipped="${skipped}" time="${seconds(timeMs)}"`
  const suite = attribute('classname', dataset.name)
  yield '<?xml version="1.0" encoding="UTF-8"?>\n'
  yield `<testsuites name="agent-ci"${counts}>\n`
  yield `  <testsuite${attribute('name', dataset.name)}${counts}${attribute('timestamp', results.started_at)}>\n    <properties>\n`
  for (const [name, value] of Object.entries(properties)) {
    yield `      <property${attribute('name', name)}${attribute('value', value)}/>\n`
  }
  yield '    </properties>\n'
  for await (const runs of groupByExample(trials)) yield testCase(suite, runs)
  yield '  </testsuite>\n</testsuites>\n'
}
