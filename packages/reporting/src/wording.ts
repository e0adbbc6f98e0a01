import type { Example, ExpectedTool } from '@agent-ci/core/example'
import { isJsonObject, type Json } from '@agent-ci/core/json'
import type { Reply, ToolCall } from '@agent-ci/core/reply'
import type { Results } from '@agent-ci/core/results'
import type { Trial } from '@agent-ci/core/trial'
import type { Verdict } from '@agent-ci/core/verdict'
import { comparisonPhrase } from './comparison.ts'
import { observedMeets, sampleIs } from './doubts.ts'
import { countOf, formatCount, formatMs } from './numbers.ts'
import { type GateReading, readGates } from './readings.ts'

/** `accuracy 0.917`; after an early stop there is no value, and what the run could still have come to stands in the table. */
const observed = ({ title, value, valueText }: GateReading): string =>
  value === null ? title : `${title} ${valueText}`

/** `accuracy 0.880 meets >= 0.85 as observed, but 50 examples are too few to be sure` */
function doubtful(results: Results, gate: GateReading): string {
  const met = observedMeets(gate)
  const value = observed(gate)
  if (met === null) return `${value} is too close to ${gate.thresholdText} to tell`
  return `${value} ${met ? 'meets' : 'misses'} ${gate.thresholdText} as observed, but ${sampleIs(results, gate)} too few to be sure`
}

/** The run's verdict and the number behind it: `accuracy 0.917 meets >= 0.85`. May quote tags and errors: untrusted. */
export function headline(results: Results): string {
  const [gate, ...others] = readGates(results).filter(
    ({ verdict, setAside }) => verdict === results.verdict && !setAside,
  )
  if (!gate || results.verdict === 'errored') return results.reason
  const more = (what: string) => (others.length === 0 ? '' : `, and ${countOf(others.length, 'more gate')} ${what}`)
  const compared = results.comparison ? `; ${comparisonPhrase(results.comparison)}` : ''
  const one = others.length === 1
  const value = observed(gate)
  if (results.verdict === 'passed')
    return `${value} meets ${gate.thresholdText}${more(one ? 'passes' : 'pass')}${compared}`
  if (results.verdict === 'failed')
    return `${value} misses ${gate.thresholdText}${more(one ? 'fails' : 'fail')}${compared}`
  return `${doubtful(results, gate)}${more(one ? 'is inconclusive' : 'are inconclusive')}${compared}`
}

/** A gate's verdict in a word; one that was set aside has none. */
export const verdictWord = ({ verdict, setAside }: GateReading): string => (setAside ? 'not counted' : verdict)

export const MARKS: Readonly<Record<Verdict, string>> = { passed: '✓', inconclusive: '?', failed: '✗', errored: '!' }

/** What was run and what came of it, in a sentence of plain characters. */
export function describeCounts(results: Results): string {
  const { counts, total_examples, passed_examples, repeats, stopped, shards } = results
  const measured = `${formatCount(counts.measured)} of ${countOf(counts.planned, 'planned trial')} measured`
  const each = repeats > 1 ? ` (${formatCount(repeats)} repeats each)` : ''
  // Calls that were in flight at the end were broken off: they count as not made.
  const ended = counts.measured + counts.errored
  const left = counts.planned - ended
  const parts = [
    stopped &&
      `Stopped early: every gate was decided after ${formatCount(ended)} of ${countOf(counts.planned, 'trial')}${each}, so the other ${left === 1 ? 'one was' : `${formatCount(left)} were`} not made`,
    `${formatCount(passed_examples)} of ${countOf(total_examples, 'measured example')} passed${stopped ? ' until then' : ''}`,
    !stopped && measured + each,
    shards !== undefined && `joined from ${countOf(shards, 'shard')}`,
    counts.errored > 0 && `${countOf(counts.errored, 'trial')} lost to errors`,
    counts.replayed > 0 &&
      `${formatCount(counts.replayed)} replayed from recordings, whose latency and cost do not count`,
  ]
  return `${parts.filter(Boolean).join('; ')}.`
}

/** Why a run that stopped early has no accuracy. */
export const POSSIBLE_NOTE =
  'Possible: what the full run could still have come to. A run that ends once it is sure ends at a lucky or an unlucky moment, so the share that passed until then is no estimate.'

/** JSON on one line with spaces, so that it can wrap; nobody reads as much as to need them in a long one. */
function spacedJson(value: Json): string {
  const dense = JSON.stringify(value)
  if (dense.length > 20_000) return dense
  // A line break in indented JSON is never inside a string: there it is escaped.
  return JSON.stringify(value, null, 1)
    .replaceAll(/(?<=[[{])\n\s*|\n\s*(?=[\]}])/g, '')
    .replaceAll(/\n\s*/g, ' ')
}

const isText = (value: Json): value is string => typeof value === 'string'

export interface Message {
  readonly role: string
  readonly content: string
}

/** The messages of a chat input, or undefined for any other input. */
export function chatMessages(input: Json): Message[] | undefined {
  if (!Array.isArray(input) || input.length === 0) return undefined
  const messages: Message[] = []
  for (const item of input as readonly Json[]) {
    if (!isJsonObject(item) || typeof item.role !== 'string' || item.content === undefined) return undefined
    messages.push({ role: item.role, content: isText(item.content) ? item.content : spacedJson(item.content) })
  }
  return messages
}

export function inputText(input: Json): string {
  if (isText(input)) return input
  const messages = chatMessages(input)
  return messages ? messages.map(({ role, content }) => `${role}: ${content}`).join('\n') : spacedJson(input)
}

/** What an example expects as an answer; empty where it expects none. */
export function expectedText({ expected }: Pick<Example, 'expected'>): string {
  if (expected === undefined) return ''
  if (isText(expected)) return expected
  if (Array.isArray(expected) && expected.every(isText)) return expected.join('  or  ')
  return spacedJson(expected)
}

/** `search({"query": "refund"})`; only the name where no arguments are expected. */
export const toolText = ({ name, args }: ToolCall | ExpectedTool): string =>
  args ? `${name}(${spacedJson(args)})` : name

/** What went wrong in a trial, in a few words; undefined where nothing did. */
export function problemOf(trial: Trial): string | undefined {
  const { failure } = trial.reply
  if (failure) return failure.of === 'agent' ? `the agent failed (${failure.kind})` : `not measured (${failure.kind})`
  if (trial.outcome === 'errored') return 'not judged'
  const wrong = [trial.correct === false && 'wrong answer', trial.toolCorrect === false && 'wrong tool calls']
  return wrong.filter((part) => part !== false).join(', ') || undefined
}

/** The same for a heading. */
export const problemWith = (example: Pick<Example, 'critical'>, trial: Trial): string =>
  `${problemOf(trial) ?? 'failed'}${example.critical ? ' (critical)' : ''}`

const SHELL_SAFE = /^[\w@%+=:,./-]+$/
/** A word as a POSIX shell reads it back. */
export const shellQuote = (word: string): string =>
  SHELL_SAFE.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`

/** An agent's description (`command node agent.mjs`) as the `agent` input takes it (`command:node agent.mjs`). */
export const agentInput = (description: string): string =>
  description.replace(/^http (?=https?:\/\/)/, '').replace(/^(command|python|anthropic) /, '$1:')

/** A dataset as the input takes it: its files, or the name that a configuration gave to files of other names. */
export function datasetInput({
  config,
  dataset: { name, files },
}: {
  readonly config: Results['config']
  readonly dataset: Pick<Results['dataset'], 'name' | 'files'>
}): string {
  const stems = files.map((file) => file.replace(/^.*[\\/]/, '').replace(/\.[^.]*$/, ''))
  return files.length === 0 || (config !== null && name !== stems.join('+')) ? name : files.join(',')
}

/**
 * The command that runs the same evaluation from a terminal, quoted for a POSIX shell. With a configuration the agent is the one in it, if
 * none was given beside it: its description has not all of it. May quote names: untrusted.
 */
export function reproduceCommand(results: Results): string {
  const { config, model, repeats, seed, shard, inputs = {} } = results
  const { agent = config === null ? agentInput(results.agent) : undefined, ...others } = inputs
  const options = [
    ...(config === null ? [] : [['--config', config]]),
    ['--dataset', datasetInput(results)],
    ...(agent === undefined ? [] : [['--agent', agent]]),
    ...(model === null ? [] : [['--model', model]]),
    ...(repeats > 1 ? [['--repeats', String(repeats)]] : []),
    ...(shard ? [['--shard', `${shard.index}/${shard.of}`]] : []),
    ...Object.entries(others).map(([name, value]) => [`--${name}`, value]),
    ['--seed', seed],
  ]
  return ['agent-ci', 'eval', ...options.flat()].map(shellQuote).join(' ')
}

/** What stands above that command. */
export const reproduceTitle = ({ config, inputs }: Pick<Results, 'config' | 'inputs'>): string =>
  config === null || inputs !== undefined
    ? 'The same from a terminal'
    : 'The same from a terminal, with the inputs that override the configuration'

/** How long an answer took; one of a batch took nothing of its own. */
export const latencyText = ({ batched, latencyMs }: Reply): string => (batched ? '–' : formatMs(latencyMs))

/** `sha256:` and the first 12 digits. */
export const shortDigest = (digest: string): string => digest.slice(0, 'sha256:'.length + 12)
