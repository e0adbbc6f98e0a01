import { formatSource } from '@agent-ci/core/errors'
import type { Example } from '@agent-ci/core/example'
import type { ToolCall } from '@agent-ci/core/reply'
import type { Trial } from '@agent-ci/core/trial'
import { cut } from '@agent-ci/core/untrusted'
import { type ExampleRuns, type ExampleStatus, tellingTrial } from '../example-runs.ts'
import { html, type Markup } from '../markup.ts'
import { formatCount, formatUsd, formatValue } from '../numbers.ts'
import { fallText } from '../safety.ts'
import { chatMessages, expectedText, inputText, latencyText, problemOf, toolText } from '../wording.ts'

/** Longest text of a field. */
const FIELD = 4_000
const MOST_PLACES = 5
const MOST_REPEATS = 100

/** A word with its sign, which the style puts before it. */
const statusLabel = (status: ExampleStatus | 'flaky', words: string = status): Markup =>
  html`<span class="status ${status.replace(' ', '-')}">${words}</span>`

const block = (text: string): Markup => html`<pre>${cut(text, FIELD)}</pre>`
const field = (title: string, content: Markup): Markup => html`<div><h3>${title}</h3>${content}</div>`
const none = (words: string): Markup => html`<p class="soft">${words}</p>`
const firstLine = (text: string): string => cut(text.trimStart().slice(0, 400).replaceAll(/\s+/g, ' '), 100)

function inputField({ input }: Example): Markup {
  const messages = chatMessages(input)
  if (!messages) return block(inputText(input))
  const shown = messages.slice(-20)
  return html`${messages.length > shown.length && none(`${messages.length - shown.length} earlier messages left out`)}${shown.map(({ role, content }) => html`<div class="said"><span class="role">${cut(role, 40)}</span>${block(content)}</div>`)}`
}

function toolList(calls: readonly { name: string; text: string }[], missing: ReadonlySet<number>): Markup {
  if (calls.length === 0) return none('none')
  const items = calls
    .slice(0, 50)
    .map(
      ({ text }, at) =>
        html`<li><code>${cut(text, 1_000)}</code>${missing.has(at) && html` ${statusLabel('failed', 'not called')}`}</li>`,
    )
  return html`<ul class="tools">${items}</ul>${calls.length > 50 && none(`and ${calls.length - 50} more`)}`
}

/** Which of the expected calls no call of that name answers. */
function missingCalls(expected: readonly { name: string }[], called: readonly ToolCall[]): Set<number> {
  const names = called.map((call) => call.name)
  const missing = new Set<number>()
  for (const [at, { name }] of expected.entries()) {
    const found = names.indexOf(name)
    if (found === -1) missing.add(at)
    else names.splice(found, 1)
  }
  return missing
}

function toolFields({ expectedTools }: Example, { reply, toolCorrect }: Trial): Markup | false {
  const { toolCalls } = reply
  if (!expectedTools && !toolCalls?.length) return false
  const listed = (calls: readonly Parameters<typeof toolText>[0][]) =>
    calls.map((call) => ({ name: call.name, text: toolText(call) }))
  const expected = expectedTools
    ? toolList(
        listed(expectedTools),
        toolCalls && toolCorrect === false ? missingCalls(expectedTools, toolCalls) : new Set(),
      )
    : none('nothing set')
  const called = toolCalls
    ? toolList(listed(toolCalls), new Set())
    : none('unknown: the agent does not report its calls')
  return html`<div class="sides">${field('Tools expected', expected)}${field('Tools called', called)}</div>`
}

function scoreList({ scores }: Trial): Markup | false {
  if (scores.length === 0) return false
  const items = scores.map(
    ({ scorer, value, passed, reason }) =>
      html`<li><b>${cut(scorer, 80)}</b>${statusLabel(passed === null ? 'errored' : passed ? 'passed' : 'failed')}<span>${formatValue(value, 'fraction')}</span><span>${cut(reason, FIELD)}</span></li>`,
  )
  return field('Scores', html`<ul class="scores">${items}</ul>`)
}

/** At which turn an attack succeeded, and what the model answered there. */
function fallField(trial: Trial): Markup | false {
  const text = fallText(trial)
  if (text === '') return false
  const { answer, called } = trial.fell!
  const at = trial.fell!.turn !== null && (answer === '' ? none(`called ${called.join(', ')}`) : block(answer))
  return field('Where it fell', html`<p>${cut(text, FIELD)}</p>${at}`)
}

/** What the gateway planted in the agent's model calls: each place before and after. */
function plantedFields({ reply: { attacked = [] } }: Trial): Markup | false {
  if (attacked.length === 0) return false
  const places = attacked.slice(0, MOST_PLACES).map(({ turn, place, before, after }) => {
    const title = `Planted at turn ${turn}, in the ${place.replace('_', ' ')}`
    return html`<div class="sides">${field(`${title}: before`, before === '' ? none('nothing') : block(before))}${field('After', block(after))}</div>`
  })
  return html`${places}${attacked.length > MOST_PLACES && none(`and ${attacked.length - MOST_PLACES} more places`)}`
}

function repeatTable(trials: readonly Trial[]): Markup | false {
  if (trials.length < 2) return false
  const rows = trials
    .slice(0, MOST_REPEATS)
    .map(
      (trial) =>
        html`<tr><th scope="row">${trial.repeat + 1}</th><td>${statusLabel(trial.outcome)}</td><td class="number">${latencyText(trial.reply)}</td><td class="reason">${cut(trial.reply.failure?.message ?? trial.reply.output, 300)}</td></tr>`,
    )
  return html`<div class="scroll"><table><thead><tr><th scope="col">Repeat</th><th scope="col">Result</th><th scope="col" class="number">Latency</th><th scope="col">Answer</th></tr></thead><tbody>${rows}</tbody></table></div>${trials.length > MOST_REPEATS && none(`and ${trials.length - MOST_REPEATS} more repeats`)}`
}

function facts({ example, trials }: ExampleRuns, trial: Trial | undefined): Markup {
  const { inputTokens, outputTokens, costUsd, model } = trial?.reply.usage ?? {}
  const entries: [string, string | Markup | undefined][] = [
    ['Source', html`<code>${cut(formatSource(example.source), 400)}</code>`],
    [
      'Tags',
      example.tags.length > 0
        ? html`${example.tags.slice(0, 20).map((tag) => html`<span class="tag">${cut(tag, 60)}</span>`)}`
        : undefined,
    ],
    ['Critical', example.critical ? 'yes' : undefined],
    ['Group', example.group && cut(example.group, 80)],
    ['Repeat', trial && trials.length > 1 ? `${trial.repeat + 1}, as shown above` : undefined],
    ['Latency', trial && `${latencyText(trial.reply)}${trial.reply.replayed ? ' (recorded)' : ''}`],
    ['Attempts', trial && trial.reply.attempts > 1 ? formatCount(trial.reply.attempts) : undefined],
    [
      'Tokens',
      inputTokens === undefined && outputTokens === undefined
        ? undefined
        : `${formatValue(inputTokens ?? null, 'tokens')} in, ${formatValue(outputTokens ?? null, 'tokens')} out`,
    ],
    ['Cost', costUsd === undefined ? undefined : formatUsd(costUsd)],
    ['Model', model && cut(model, 100)],
  ]
  return html`<p class="facts">${entries.map(([name, value]) => value !== undefined && value !== '' && html`<span>${name} <b>${value}</b></span>`)}</p>`
}

function body(runs: ExampleRuns, trial: Trial | undefined, anchor: string | undefined): Markup {
  const { example, trials } = runs
  const expected = expectedText(example)
  const problem = trial && problemOf(trial)
  const answer = !trial
    ? none('This example was never run.')
    : trial.reply.failure
      ? block(trial.reply.failure.message)
      : trial.reply.output === ''
        ? none('empty')
        : block(trial.reply.output)
  return html`<div class="body"${anchor !== undefined && html` id="${anchor}"`}>${field('Input', inputField(example))}<div class="sides">${field('Expected', expected === '' ? none('nothing set') : block(expected))}${field(trial?.reply.failure ? `Error: ${problem}` : 'Got', answer)}</div>${trial && toolFields(example, trial)}${trial && fallField(trial)}${trial && plantedFields(trial)}${trial && scoreList(trial)}${repeatTable(trials)}${facts(runs, trial)}</div>`
}

/** What the filters go by. */
export function kindsOf({ status, flaky, wrongTools }: ExampleRuns): string[] {
  return [status.replace(' ', '-'), ...(flaky ? ['flaky'] : []), ...(wrongTools ? ['wrong-tools'] : [])]
}

/**
 * An example as a row that opens. `tagNumbers` are the positions of its tags in the filter's list; `anchor` is the id that a link on the
 * page leads to: of what is inside, because a browser opens a row for the sake of what a link means in it.
 */
export function exampleRow(runs: ExampleRuns, tagNumbers: readonly number[], anchor?: string): string {
  const { example, flaky, status, wrongTools } = runs
  const trial = tellingTrial(runs)
  const came = trial ? firstLine(trial.reply.failure?.message ?? trial.reply.output) : ''
  const expected = firstLine(expectedText(example))
  const passes = runs.trials.filter((each) => each.outcome === 'passed').length
  const label = flaky
    ? statusLabel('flaky', `flaky ${passes}/${runs.trials.length}`)
    : wrongTools && status === 'passed'
      ? statusLabel('failed', 'wrong tools')
      : statusLabel(status)
  return html`<details class="example" data-is="${kindsOf(runs).join(' ')}" data-tags="${tagNumbers.join(' ')}"><summary><span>${label}</span><b>${cut(example.id, 120)}</b><span><i>expected </i>${expected}</span><span><i>got </i>${came}</span><span><i>latency </i>${trial ? latencyText(trial.reply) : '–'}</span></summary>${body(runs, trial, anchor)}</details>\n`
    .text
}
