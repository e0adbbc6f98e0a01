import type { Source } from '@agent-ci/core/errors'
import type { Example } from '@agent-ci/core/example'
import { digestOf } from '@agent-ci/core/json'
import type { Results } from '@agent-ci/core/results'
import { cut, visible } from '@agent-ci/core/untrusted'
import { AGENT_CI_VERSION } from '@agent-ci/core/version'
import { groupByExample, tellingTrial } from './example-runs.ts'
import { countOf } from './numbers.ts'
import { fallText } from './safety.ts'
import type { TrialStream } from './trial-view.ts'
import { expectedText, problemWith } from './wording.ts'

/**
 * What code scanning takes of a run: 25,000 results, and 10 MB after gzip. Text that nobody can compress is the worst case, so the bytes
 * are counted before it (docs.github.com, "SARIF results exceed one or more limits").
 */
const MOST_RESULTS = 25_000
const MOST_BYTES = 10_000_000
/** The tool, the notification and the brackets around the results. */
const FRAME_BYTES = 1_000_000
const MOST_RULES = 1_000

/** Text without markup: in SARIF's, brackets are links and braces stand for arguments (2.1.0, 3.11.5 and 3.11.6). */
function plain(text: string, max: number): string {
  return visible(cut(text, max))
    .replaceAll(/\s*\n\s*/g, ' ↵ ')
    .replaceAll(/[\\[\]]/g, '\\$&')
    .replaceAll(/[{}]/g, '$&$&')
}

interface Rule {
  readonly id: string
  readonly shortDescription: { readonly text: string }
  readonly fullDescription: { readonly text: string }
  readonly help: { readonly text: string }
  readonly defaultConfiguration: { readonly level: 'error' | 'warning' }
  readonly properties: { readonly tags: readonly string[] }
}

interface Finding {
  readonly rule: Rule
  readonly level: 'error' | 'warning'
  readonly text: string
  readonly source: Source
  /** What stays the same from run to run, wherever the example's line moves. */
  readonly identity: string
}

const HELP = {
  scorer: 'What was expected and what came, in full and with the tool calls, is in report.html of the run.',
  agent: 'The agent gave no answer by a fault of its own; its message is in report.html of the run.',
  gate: 'The value, its interval and what this run could have seen are in the summary of the run.',
} as const

const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`)

function ruleOf(kind: 'scorer' | 'agent' | 'gate', name: string, says: string): Rule {
  return {
    id: `${kind}/${visible(cut(name, 100)).replaceAll(/\s+/g, ' ')}`,
    shortDescription: { text: plain(says, 200) },
    // Code scanning asks for both.
    fullDescription: { text: plain(says, 200) },
    help: { text: HELP[kind] },
    defaultConfiguration: { level: kind === 'gate' ? 'error' : 'warning' },
    properties: { tags: ['agent-ci', kind] },
  }
}

/** A path as a URI reference; one outside of the checkout stays what it is, and code scanning does not show it. */
const uriOf = (file: string): string =>
  file.toWellFormed().replaceAll('\\', '/').split('/').map(encodeURIComponent).join('/')

const resultOf = ({ rule, level, text, source, identity }: Finding) => ({
  ruleId: rule.id,
  level,
  message: { text },
  locations: [
    {
      physicalLocation: {
        artifactLocation: { uri: uriOf(source.file), uriBaseId: '%SRCROOT%' },
        region: { startLine: Math.max(1, source.line) },
      },
    },
  ],
  partialFingerprints: {
    'agentCiExample/v1': digestOf(`${identity}\n${rule.id}`).slice('sha256:'.length, 'sha256:'.length + 32),
  },
})

/** What each failing scorer, or the agent's own failure, says of an example. */
async function* findings(trials: TrialStream, dataset: string, critical: boolean): AsyncGenerator<Finding> {
  for await (const runs of groupByExample(trials)) {
    const { example, status, wrongTools } = runs
    if (example.critical !== critical || (status !== 'failed' && !wrongTools)) continue
    const trial = tellingTrial(runs)!
    const shared = {
      level: critical ? ('error' as const) : ('warning' as const),
      source: example.source,
      identity: `${dataset}\n${example.id}`,
    }
    const { failure, output } = trial.reply
    const passes = runs.trials.filter(({ outcome }) => outcome === 'passed').length
    const repeats = runs.trials.length > 1 ? ` Passed ${passes} of ${runs.trials.length} repeats.` : ''
    const head = `${plain(example.id, 100)}: ${problemWith(example, trial)}.${repeats}`
    if (failure) {
      const rule = ruleOf('agent', failure.kind, `The agent failed: ${failure.kind}`)
      yield { ...shared, rule, text: `${head} ${plain(failure.message, 300)}` }
      continue
    }
    for (const { scorer, passed, reason } of trial.scores) {
      if (passed !== false) continue
      const rule = ruleOf('scorer', scorer, `A reply did not pass the scorer ${scorer}`)
      const fall = trial.fell?.scorer === scorer ? fallText(trial) : ''
      const turn = fall === '' ? '' : ` It ${sentence(plain(fall, 300))}`
      yield { ...shared, rule, text: `${head} ${sentence(plain(reason, 200))}${turn}${shown(example, output)}` }
    }
  }
}

function shown(example: Example, output: string): string {
  const expected = expectedText(example)
  return `${expected === '' ? '' : ` Expected: ${plain(expected, 200)} |`} Got: ${plain(output, 200)}`
}

/** `accuracy[tag=billing]` of `accuracy[tag=billing] >= 0.9`: a gate with another threshold is the same finding. */
const subjectOf = (rule: string): string => rule.replace(/ (?:>=|<=|>|<) \S+$/, '')

function* failedGates(results: Results, gateSource: (rule: string) => Source | undefined): Generator<Finding> {
  const [file] = results.dataset.files
  for (const { metric, rule, reason, verdict, set_aside } of results.gates) {
    const source = gateSource(rule) ?? (file === undefined ? undefined : { file, line: 1 })
    if (verdict !== 'failed' || set_aside || !source) continue
    yield {
      rule: ruleOf('gate', metric, `A gate on ${metric} failed`),
      level: 'error',
      text: `Gate ${plain(rule, 200)} failed. ${sentence(plain(reason, 300))}`,
      source,
      identity: `${results.dataset.name}\n${subjectOf(rule)}`,
    }
  }
}

export interface SarifOptions {
  /** The run's trials from their start, as often as it is called. */
  readonly trials: () => TrialStream
  /** Where a gate is written, by its rule; a failed gate that an input gave is shown on the dataset. */
  readonly gateSource: (rule: string) => Source | undefined
}

/**
 * A run as SARIF 2.1.0 for code scanning: failed gates, then failing examples, critical ones first, each on its line of the dataset and
 * once for each scorer that it did not pass. What could not be measured is no finding. What code scanning would refuse as too much is
 * left out, and a notification says how much.
 */
export async function* renderSarif(results: Results, { trials, gateSource }: SarifOptions): AsyncGenerator<string> {
  const { name } = results.dataset
  const rules = new Map<string, Rule>()
  let count = 0
  let bytes = FRAME_BYTES
  let leftOut = 0
  yield '{\n"$schema": "https://json.schemastore.org/sarif-2.1.0.json",\n"version": "2.1.0",\n"runs": [{\n"results": ['
  async function* all(): AsyncGenerator<Finding> {
    yield* failedGates(results, gateSource)
    yield* findings(trials(), name, true)
    yield* findings(trials(), name, false)
  }
  for await (const finding of all()) {
    const { rule } = finding
    const text = JSON.stringify(resultOf(finding))
    const size = Buffer.byteLength(text) + 2
    const isNew = !rules.has(rule.id)
    if (count >= MOST_RESULTS || bytes + size > MOST_BYTES || (isNew && rules.size >= MOST_RULES)) {
      leftOut++
      continue
    }
    rules.set(rule.id, rule)
    yield `${count === 0 ? '\n' : ',\n'}${text}`
    count++
    bytes += size
  }
  const driver = { name: 'agent-ci', semanticVersion: AGENT_CI_VERSION, rules: [...rules.values()] }
  const invocation = {
    executionSuccessful: results.verdict !== 'errored',
    startTimeUtc: results.started_at,
    endTimeUtc: results.finished_at,
    toolExecutionNotifications: notificationsOf(results, leftOut),
  }
  yield `\n],\n"tool": ${JSON.stringify({ driver })},\n`
  yield `"invocations": ${JSON.stringify([invocation])},\n`
  // Several datasets of one commit are several analyses: without an id the newer replaces the older.
  yield `"automationDetails": ${JSON.stringify({ id: `agent-ci/${visible(name)}/` })},\n`
  yield `"columnKind": "utf16CodeUnits"\n}]\n}\n`
}

function notificationsOf({ counts }: Results, leftOut: number) {
  const texts = [
    counts.errored > 0 && `${countOf(counts.errored, 'trial')} could not be measured`,
    leftOut > 0 && `${countOf(leftOut, 'further finding')} left out: code scanning takes no more. results.json has all`,
  ]
  return texts.filter((text) => text !== false).map((text) => ({ level: 'warning', message: { text } }))
}
