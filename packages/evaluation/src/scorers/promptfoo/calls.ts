import { isJsonObject, type Json, type JsonObject } from '@agent-ci/core/json'
import type { ToolCall } from '@agent-ci/core/reply'
import type { Assertion, Subject } from './assertion.ts'
import { valuesIn } from './calls-in-text.ts'
import { type CheckDeps, type Finding, type MakeCheck, Malformed, Unjudged, verdictOf } from './finding.ts'
import { compileAsPromptfoo } from './json.ts'

const objectAt = (value: Json | undefined, key: string): JsonObject | undefined => {
  const inner = isJsonObject(value) ? value[key] : undefined
  return isJsonObject(inner) ? inner : undefined
}
const nameIn = (value: JsonObject | undefined): readonly string[] =>
  typeof value?.name === 'string' ? [value.name] : []
const listAt = (value: JsonObject | undefined, key: string): readonly Json[] => {
  const inner = value?.[key]
  return Array.isArray(inner) ? (inner as readonly Json[]) : []
}

/** The tools that a value names in the forms of OpenAI, Anthropic and Google. */
function toolNames(value: Json): readonly string[] {
  if (Array.isArray(value)) {
    return (value as readonly Json[]).filter(isJsonObject).flatMap((item) => {
      if (item.type === 'tool_use' && typeof item.name === 'string') return [item.name]
      return nameIn(objectAt(item, 'functionCall') ?? objectAt(item, 'function') ?? item)
    })
  }
  if (!isJsonObject(value)) return []
  if (Array.isArray(value.tool_calls)) {
    return listAt(value, 'tool_calls')
      .filter(isJsonObject)
      .flatMap((call) => [...nameIn(objectAt(call, 'function')), ...nameIn(call)])
  }
  if (value.type === 'tool_use' || value.type === 'function_call') return nameIn(value)
  const google = objectAt(value, 'functionCall')
  if (google) return nameIn(google)
  return listAt(objectAt(value, 'toolCall'), 'functionCalls').flatMap((call) =>
    isJsonObject(call) ? nameIn(call) : [],
  )
}

/** Those that the agent reported, and those that stand in its answer. */
const calledNames = ({ output, reply }: Subject): ReadonlySet<string> =>
  new Set([
    ...(reply.toolCalls ?? []).map(({ name }) => name),
    ...(typeof output === 'string' ? valuesIn(output) : [output]).flatMap(toolNames),
  ])

const expectedNames = ({ value }: Assertion): ReadonlySet<string> => {
  const given = Array.isArray(value) ? value.map(String) : typeof value === 'string' ? value.split(',') : []
  const names = new Set(given.map((name) => name.trim()).filter((name) => name !== ''))
  if (names.size === 0)
    throw new Malformed('Its value names no tool', 'Write a list of tools, or their names with commas')
  return names
}

/** F1 of the sets of names; `not-` turns the verdict, not the score. */
const toolCallF1: MakeCheck = (assertion) => {
  const expected = expectedNames(assertion)
  const threshold = assertion.threshold ?? 1
  return (subject): Finding => {
    const called = calledNames(subject)
    const right = [...expected].filter((name) => called.has(name)).length
    const precision = called.size > 0 ? right / called.size : 0
    const recall = right / expected.size
    const f1 = precision + recall > 0 ? (2 * precision * recall) / (precision + recall) : 0
    const passed = f1 >= threshold !== assertion.inverse
    const names = (set: ReadonlySet<string>) => [...set].sort().join(', ') || 'none'
    return {
      passed,
      score: f1,
      reason: `F1 is ${f1.toFixed(3)} (${threshold}): expected ${names(expected)}; called ${names(called)}`,
    }
  }
}

interface Definition {
  readonly name: string
  readonly parameters: JsonObject | undefined
}

/** A tool's name and the schema of its arguments, as OpenAI and Anthropic write them. */
function definitionOf(tool: JsonObject): readonly Definition[] {
  const inner = objectAt(tool, 'function') ?? tool
  const { name } = inner
  if (typeof name !== 'string') return []
  return [{ name, parameters: objectAt(inner, 'parameters') ?? objectAt(inner, 'input_schema') }]
}

interface Call {
  readonly name: string
  readonly args: Json
}

/** A call whose arguments are JSON in a text, as OpenAI writes it; undefined for anything else. */
function openaiCall(call: Json | undefined): Call | undefined {
  if (!isJsonObject(call) || typeof call.name !== 'string' || typeof call.arguments !== 'string') return undefined
  try {
    return { name: call.name, args: call.arguments === '' ? {} : (JSON.parse(call.arguments) as Json) }
  } catch {
    return undefined
  }
}

const parsed = (output: Json): Json | undefined => {
  if (typeof output !== 'string') return output
  try {
    return JSON.parse(output) as Json
  } catch {
    return undefined
  }
}

/** The calls in an answer: `tool_calls`, or the one of `function_call`; undefined where it is something else. */
function callsIn(output: Json, form: 'tools' | 'function'): readonly Call[] | undefined {
  const value = parsed(output)
  if (form === 'function') {
    const call = openaiCall(objectAt(value, 'function_call') ?? value)
    return call && [call]
  }
  const list = isJsonObject(value) ? value.tool_calls : value
  if (!Array.isArray(list) || list.length === 0) return undefined
  const calls = (list as readonly Json[]).map((item) => openaiCall(objectAt(item, 'function')))
  return calls.includes(undefined) ? undefined : (calls as readonly Call[])
}

const reported = (calls: readonly ToolCall[] | null): readonly Call[] | undefined =>
  calls && calls.length > 0 ? calls.map(({ name, args }) => ({ name, args })) : undefined

/** promptfoo never turns these about: a `not-` is judged as if it were not there. */
const validCalls =
  (form: 'tools' | 'function'): MakeCheck =>
  (assertion, deps: CheckDeps) => {
    if (assertion.inverse)
      throw new Malformed(`promptfoo judges ${assertion.type} as if it had no "not-"`, `Write ${assertion.base}`)
    const definitions = deps.tools.flatMap(definitionOf)
    if (definitions.length === 0) {
      throw new Malformed(
        'There are no definitions of tools to compare with',
        'Write them as the tools of the provider, or of the scorer',
      )
    }
    const schemas = new Map(
      definitions.map(({ name, parameters }) => [name, parameters && compileAsPromptfoo(parameters)]),
    )
    return (subject): Finding => {
      if (form === 'tools' && /MCP Tool (?:Result|Error)/.test(subject.text)) {
        return verdictOf(assertion, !subject.text.includes('MCP Tool Error'), 'The call of an MCP tool failed')
      }
      const calls = callsIn(subject.output, form) ?? reported(subject.reply.toolCalls)
      if (!calls) {
        if (subject.reply.toolCalls === null && subject.text === '')
          throw new Unjudged('The agent does not report its tool calls')
        return verdictOf(assertion, false, 'The answer has no tool call')
      }
      for (const { name, args } of calls) {
        if (!schemas.has(name)) return verdictOf(assertion, false, `There is no tool "${name}"`)
        const check = schemas.get(name)?.(args)
        if (check && !check.fits)
          return verdictOf(assertion, false, `The call of ${name} does not fit its schema: ${check.errors}`)
      }
      return verdictOf(assertion, true, '')
    }
  }

export const callChecks: Readonly<Record<string, MakeCheck>> = {
  'tool-call-f1': toolCallF1,
  'is-valid-openai-tools-call': validCalls('tools'),
  'is-valid-openai-function-call': validCalls('function'),
  'is-valid-function-call': validCalls('function'),
}
