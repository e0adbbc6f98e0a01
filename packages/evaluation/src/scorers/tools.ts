import type { ScorerConfigOf } from '@agent-ci/core/config/scorers'
import type { ExpectedTool } from '@agent-ci/core/example'
import type { ToolCall } from '@agent-ci/core/reply'
import type { Scorer } from '@agent-ci/core/score'
import { cut } from '@agent-ci/core/untrusted'
import { unscored } from './judgement.ts'
import { quoteJson } from './quotation.ts'
import { argumentsFit } from './tool-arguments.ts'
import { type Fits, largestAssignment, matchCalls } from './tool-matching.ts'

type ToolsConfig = ScorerConfigOf<'tools'>

const MAX_LISTED = 5

/** A name comes from the agent and may be of any length. */
const nameOf = (call: ExpectedTool): string => cut(call.name, 100)

const listed = (items: readonly string[]): string =>
  items.length > MAX_LISTED
    ? `${items.slice(0, MAX_LISTED).join(', ')} and ${items.length - MAX_LISTED} more`
    : items.join(', ')

const sequence = (calls: readonly ExpectedTool[]): string =>
  calls.length === 0 ? 'nothing' : listed(calls.map(nameOf))

/** What is missing, wrong or too much, in words; by the best assignment without regard to order, and then the order. */
function explain(
  expected: readonly ExpectedTool[],
  made: readonly ToolCall[],
  fits: Fits,
  mode: ToolsConfig['mode'],
): string {
  const assignment = largestAssignment(expected.length, made.length, fits)
  const unused = new Set(made.keys())
  for (const m of assignment) unused.delete(m)
  const wrong: string[] = []
  const missing: string[] = []
  for (const [e, call] of expected.entries()) {
    if (assignment[e] !== -1) continue
    const namesake = [...unused].find((m) => made[m]!.name === call.name)
    if (namesake === undefined) {
      missing.push(nameOf(call))
      continue
    }
    unused.delete(namesake)
    wrong.push(
      `${nameOf(call)} was called with ${quoteJson(made[namesake]!.args)} instead of ${quoteJson(call.args ?? {})}`,
    )
  }
  const surplusCounts = mode === 'strict' || mode === 'unordered' || mode === 'subset'
  const surplus = surplusCounts ? [...unused].map((m) => nameOf(made[m]!)) : []
  const parts = [
    ...(missing.length > 0 && mode !== 'subset' ? [`not called: ${listed(missing)}`] : []),
    ...(wrong.length > 0 ? [`wrong arguments: ${listed(wrong)}`] : []),
    ...(surplus.length > 0 ? [`not expected: ${listed(surplus)}`] : []),
  ]
  if (parts.length === 0) return `Wrong order: expected ${sequence(expected)}, called ${sequence(made)}.`
  return `Tool calls differ; ${parts.join('; ')}.`
}

/**
 * The tool calls match the expected ones. `value` is the share of the expected calls that were matched. An expected call without `args` is
 * matched by its name alone, whatever the argument mode; an expected list that is empty forbids calls in every mode but `superset` and `in_order`.
 */
export function createTools(config: ToolsConfig, name: string): Scorer {
  const overrides = new Map(Object.entries(config.overrides))
  return {
    name,
    judges: 'tools',
    appliesTo: (example) => example.expectedTools !== undefined,
    async score(example, reply) {
      const made = reply.toolCalls
      if (made === null) {
        return unscored(
          name,
          "The agent does not report its tool calls: return `tool_calls` in its reply, or send its model's traffic through the gateway.",
        )
      }
      const expected = example.expectedTools ?? []
      const fits: Fits = (e, m) => {
        const call = expected[e]!
        if (call.name !== made[m]!.name) return false
        return (
          call.args === undefined || argumentsFit(made[m]!.args, call.args, overrides.get(call.name) ?? config.args)
        )
      }
      const { assignment, passed } = matchCalls(config.mode, expected.length, made.length, fits)
      const matched = assignment.filter((m) => m !== -1).length
      return {
        scorer: name,
        value: expected.length === 0 ? Number(passed) : matched / expected.length,
        passed,
        reason: passed
          ? `The tool calls are as expected: ${sequence(made)}.`
          : explain(expected, made, fits, config.mode),
      }
    },
  }
}
