import { isDeepStrictEqual } from 'node:util'
import { isJsonObject, type Json, type JsonObject } from '@agent-ci/core/json'
import type { ToolCall } from '@agent-ci/core/reply'
import { quoteJson } from '../quotation.ts'
import type { Assertion, Subject } from './assertion.ts'
import { type MakeCheck, Malformed, Unjudged, verdictOf } from './finding.ts'

/** A tool call as a step: shells are commands, whose name is the command. */
interface Step {
  readonly type: 'tool' | 'command'
  /** What a pattern is matched with. */
  readonly names: readonly string[]
  readonly args: JsonObject
}

const SHELLS = ['exec_command', 'local_shell', 'shell']

function commandOf({ name, args }: ToolCall): string | undefined {
  if (!SHELLS.includes(name.trim().toLowerCase())) return undefined
  const given = args.cmd ?? args.command ?? args.commands
  const separator = args.cmd === undefined && args.command === undefined ? '; ' : ' '
  const text = Array.isArray(given)
    ? given
        .map(String)
        .filter((part) => part.trim() !== '')
        .join(separator)
    : given
  return typeof text === 'string' && text.trim() !== '' ? text.trim() : undefined
}

function stepsOf({ reply }: Subject): readonly Step[] {
  if (reply.toolCalls === null) {
    throw new Unjudged(
      "The agent does not report its tool calls: return `tool_calls` in its reply, or send its model's traffic through the gateway",
    )
  }
  return reply.toolCalls.map((call) => {
    const command = commandOf(call)
    return command === undefined
      ? { type: 'tool', names: [call.name], args: call.args }
      : { type: 'command', names: [command, call.name, command.split(/\s+/)[0]!], args: call.args }
  })
}

/** A glob with `*` and `?`, without regard to case. */
function globOf(pattern: string): RegExp {
  const source = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll(/\*+/g, '.*')
    .replaceAll('?', '.')
  return new RegExp(`^${source}$`, 'i')
}

const TYPES: readonly unknown[] = ['tool', 'command']

interface Matcher {
  readonly label: string
  readonly matches: (step: Step) => boolean
}

/** A name or pattern, and the types of steps that it may match. @throws Malformed */
function matcherOf(given: Json, defaultTypes: readonly string[], needsName: boolean): Matcher {
  const value: Json = typeof given === 'string' ? { pattern: given } : given
  if (!isJsonObject(value))
    throw new Malformed(`${quoteJson(given)} is no step`, 'Write the name of a tool, or {name} or {pattern}')
  const pattern = value.pattern || value.name
  if (needsName && typeof pattern !== 'string')
    throw new Malformed('A step has neither name nor pattern', 'Write name: or pattern:')
  const types = value.type === undefined ? defaultTypes : [value.type].flat()
  const other = (types as readonly Json[]).find((type) => !TYPES.includes(type))
  if (other !== undefined) {
    throw new Malformed(
      `It looks at steps of the type ${quoteJson(other)}`,
      'agent-ci sees tool calls: write type: tool or command',
    )
  }
  const glob = typeof pattern === 'string' && pattern !== '' ? globOf(pattern) : undefined
  return {
    label: typeof pattern === 'string' ? pattern : '*',
    matches: (step) => types.includes(step.type) && (glob === undefined || step.names.some((name) => glob.test(name))),
  }
}

const isTool = ({ type }: Step): boolean => type === 'tool'
const listed = (steps: readonly Step[]): string => steps.map(({ names }) => names[0]).join(', ') || 'none'
const bound = (value: JsonObject, key: 'min' | 'max'): number | undefined =>
  typeof value[key] === 'number' ? value[key] : undefined
const within = (count: number, min: number | undefined, max: number | undefined): boolean =>
  (min === undefined || count >= min) && (max === undefined || count <= max)

const toolUsed: MakeCheck = (assertion: Assertion) => {
  const { value, inverse } = assertion
  if (isJsonObject(value)) {
    const matcher = matcherOf(value, ['tool'], true)
    const min = bound(value, 'min') ?? 1
    const max = bound(value, 'max')
    return (subject) => {
      const steps = stepsOf(subject).filter(isTool)
      const count = steps.filter(matcher.matches).length
      return verdictOf(
        assertion,
        within(count, min, max),
        `${matcher.label} was called ${count} times; called: ${listed(steps)}`,
      )
    }
  }
  const list = typeof value === 'string' ? [value] : value
  if (!Array.isArray(list) || list.length === 0 || !list.every((item) => typeof item === 'string')) {
    throw new Malformed('Its value names no tool', 'Write the name of a tool, a list of names, or {name, min, max}')
  }
  const matchers = (list as readonly string[]).map((item) => matcherOf(item, ['tool'], true))
  return (subject) => {
    const steps = stepsOf(subject).filter(isTool)
    const used = matchers.filter(({ matches }) => steps.some(matches))
    // Not the opposite of "all": with not-, none of them may be used.
    const passed = inverse ? used.length === 0 : used.length === matchers.length
    const which = (some: readonly Matcher[]) => some.map(({ label }) => label).join(', ')
    const reason = inverse
      ? `Forbidden and called: ${which(used)}`
      : `Not called: ${which(matchers.filter((matcher) => !used.includes(matcher)))}`
    return {
      passed,
      score: passed ? 1 : 0,
      reason: passed ? `${assertion.type} holds` : `${reason}; called: ${listed(steps)}`,
    }
  }
}

const without = (args: JsonObject, drop: (key: string, value: Json) => boolean): JsonObject =>
  Object.fromEntries(Object.entries(args).filter(([key, value]) => !drop(key, value)))

/** Every expected key of an object is there; lists have the same length. */
function includes(actual: Json | undefined, expected: Json): boolean {
  if (Array.isArray(expected)) {
    return (
      Array.isArray(actual) &&
      actual.length === expected.length &&
      expected.every((item, i) => includes(actual[i], item as Json))
    )
  }
  if (isJsonObject(expected)) {
    return (
      isJsonObject(actual) &&
      Object.entries(expected).every(([key, value]) => Object.hasOwn(actual, key) && includes(actual[key], value))
    )
  }
  return isDeepStrictEqual(actual, expected)
}

const toolArgsMatch: MakeCheck = (assertion) => {
  const { value } = assertion
  if (!isJsonObject(value)) throw new Malformed('Its value is no object', 'Write {name, args}')
  const matcher = matcherOf(value, ['tool'], true)
  const expected = Object.hasOwn(value, 'args') ? value.args : value.arguments
  if (expected === undefined) throw new Malformed('Its value has no args', 'Write {name, args}')
  const { mode = 'partial', defaults, ignore = [] } = value
  if (mode !== 'partial' && mode !== 'exact')
    throw new Malformed(`Its mode is ${quoteJson(mode)}`, 'Write partial or exact')
  if (defaults !== undefined && !isJsonObject(defaults))
    throw new Malformed('Its defaults are no object', 'Write {argument: value}')
  const patterns = [ignore].flat() as readonly Json[]
  if (!patterns.every((item) => typeof item === 'string' && item.trim() !== ''))
    throw new Malformed('Its ignore holds no names')
  const ignored = (patterns as readonly string[]).map((item) => ({
    item,
    glob: /[*?]/.test(item) ? globOf(item) : undefined,
  }))
  const isIgnored = (key: string) => ignored.some(({ item, glob }) => item === key || (glob?.test(key) ?? false))
  const wanted = isJsonObject(expected) ? without(expected, isIgnored) : expected
  const fits = (step: Step): boolean => {
    const kept = without(step.args, isIgnored)
    const actual = defaults
      ? without(kept, (key, given) => Object.hasOwn(defaults, key) && isDeepStrictEqual(given, defaults[key]))
      : kept
    return mode === 'exact' ? isDeepStrictEqual(actual, wanted) : includes(actual, wanted)
  }
  return (subject) => {
    const calls = stepsOf(subject).filter(isTool).filter(matcher.matches)
    const made = calls.map(({ args }) => quoteJson(args)).join(', ') || 'no call'
    return verdictOf(
      assertion,
      calls.some(fits),
      `${matcher.label}: ${assertion.inverse ? 'forbidden' : 'expected'} ${quoteJson(wanted)}, made ${made}`,
    )
  }
}

const toolSequence: MakeCheck = (assertion) => {
  const { value } = assertion
  const list = isJsonObject(value) ? value.steps : value
  const mode = isJsonObject(value) ? (value.mode ?? 'in_order') : 'in_order'
  if (mode !== 'in_order' && mode !== 'exact')
    throw new Malformed(`Its mode is ${quoteJson(mode)}`, 'Write in_order or exact')
  if (!Array.isArray(list) || list.length === 0)
    throw new Malformed('Its value has no steps', 'Write a list of tools, or {steps, mode}')
  const matchers = (list as readonly Json[]).map((item) => matcherOf(item, ['tool'], true))
  const wanted = matchers.map(({ label }) => label).join(', ')
  return (subject) => {
    const steps = stepsOf(subject).filter(isTool)
    let next = 0
    for (const step of steps) if (next < matchers.length && matchers[next]!.matches(step)) next++
    const holds =
      mode === 'exact'
        ? steps.length === matchers.length && matchers.every(({ matches }, i) => matches(steps[i]!))
        : next === matchers.length
    return verdictOf(
      assertion,
      holds,
      `${assertion.inverse ? 'Forbidden' : 'Expected'} sequence: ${wanted}; called: ${listed(steps)}`,
    )
  }
}

const stepCount: MakeCheck = (assertion) => {
  const { value } = assertion
  if (!isJsonObject(value)) throw new Malformed('Its value is no object', 'Write {type: tool, min, max}')
  if (value.type === undefined) {
    throw new Malformed(
      'It counts the steps of all types',
      'agent-ci sees tool calls: write type: tool, or [tool, command]',
    )
  }
  const matcher = matcherOf(value, [], false)
  const min = bound(value, 'min')
  const max = bound(value, 'max')
  if (min === undefined && max === undefined)
    throw new Malformed('Its value has neither min nor max', 'Write one of them')
  return (subject) => {
    const count = stepsOf(subject).filter(matcher.matches).length
    return verdictOf(assertion, within(count, min, max), `There were ${count} such steps`)
  }
}

export const trajectoryChecks: Readonly<Record<string, MakeCheck>> = {
  'trajectory:tool-used': toolUsed,
  'trajectory:tool-args-match': toolArgsMatch,
  'trajectory:tool-sequence': toolSequence,
  'trajectory:step-count': stepCount,
}
