import type { ScorerConfigOf } from '@agent-ci/core/config/scorers'
import type { Example } from '@agent-ci/core/example'
import type { Json } from '@agent-ci/core/json'
import type { Reply, ToolCall, TrajectoryStep } from '@agent-ci/core/reply'
import type { Scorer } from '@agent-ci/core/score'
import { cut } from '@agent-ci/core/untrusted'
import { callsOf, readSteps } from '../tool-calls.ts'
import { judged, unscored } from './judgement.ts'
import { argumentsFit } from './tool-arguments.ts'
import { firstFitAssignment, largestAssignment } from './tool-matching.ts'

type TrajectoryConfig = ScorerConfigOf<'trajectory'>
/** Whether a call of one side can be the call of the other. */
type CallFits = (made: ToolCall, expected: ToolCall) => boolean

const namesOf = (calls: readonly ToolCall[] | null): string =>
  calls === null ? 'no calls' : cut(calls.map(({ name }) => name).join(', '), 200)

const told = ({ role, toolCalls }: TrajectoryStep): string => `${cut(role, 50)} with ${namesOf(toolCalls)}`

/** Whether every call of `part` finds a call of `whole` of its own. */
function covers(
  whole: readonly ToolCall[],
  part: readonly ToolCall[],
  fits: (whole: ToolCall, part: ToolCall) => boolean,
  assign: typeof largestAssignment,
): boolean {
  return assign(part.length, whole.length, (p, w) => fits(whole[w]!, part[p]!)).every((w) => w !== -1)
}

/** Where two conversations part, in words; undefined where they do not. Contents are not compared. */
function difference(
  made: readonly TrajectoryStep[],
  expected: readonly TrajectoryStep[],
  fits: CallFits,
  assign: typeof largestAssignment,
): string | undefined {
  for (const [i, wanted] of expected.entries()) {
    const step = made[i]
    if (step === undefined) break
    const [calls, wantedCalls] = [step.toolCalls, wanted.toolCalls]
    const same =
      step.role === wanted.role &&
      calls?.length === wantedCalls?.length &&
      covers(wantedCalls ?? [], calls ?? [], (e, m) => fits(m, e), assign)
    if (!same) return `Message ${i + 1} differs: expected ${told(wanted)}, got ${told(step)}.`
  }
  return made.length === expected.length
    ? undefined
    : `Expected ${expected.length} messages, the conversation has ${made.length}.`
}

/**
 * The conversation is the expected one, as agentevals compares trajectories. With `compat: agentevals` two of its habits too: a call takes
 * the first that fits, even where another choice would let all calls fit; and in `subset` and `unordered` arguments are compared the other
 * way round as well, so that the argument modes `subset` and `superset` change places there.
 */
export function createTrajectory(config: TrajectoryConfig, name: string): Scorer {
  const overrides = new Map(Object.entries(config.overrides))
  const isCompatible = config.compat === 'agentevals'
  const assign = isCompatible ? firstFitAssignment : largestAssignment
  const fits: CallFits = (made, expected) =>
    made.name === expected.name && argumentsFit(made.args, expected.args, overrides.get(expected.name) ?? config.args)
  /** Its matcher is handed the covering side first, whichever that is. */
  const fitsFromExpected: CallFits = (made, expected) => (isCompatible ? fits(expected, made) : fits(made, expected))

  function judgeStrictly(expected: readonly TrajectoryStep[], { trajectory }: Reply) {
    if (trajectory === undefined) {
      return unscored(name, 'The agent does not report its conversation: return it as `messages` in its reply.')
    }
    const found = difference(trajectory, expected, fits, assign)
    return judged(name, found === undefined, found ?? 'The conversation is as expected.')
  }

  function judgeCalls(expected: readonly ToolCall[], made: readonly ToolCall[]) {
    const hasAll = config.mode === 'subset' || covers(made, expected, fits, assign)
    const hasOnly = config.mode === 'superset' || covers(expected, made, (e, m) => fitsFromExpected(m, e), assign)
    const lacks = hasAll ? [] : ['not all expected calls were made']
    const exceeds = hasOnly ? [] : ['calls were made that are not expected']
    const calls = `expected ${namesOf(expected) || 'none'}, called ${namesOf(made) || 'none'}`
    const words = [...lacks, ...exceeds].join(', and ')
    return judged(
      name,
      words === '',
      words === '' ? 'The tool calls are as expected.' : `Of the tool calls ${words}: ${calls}.`,
    )
  }

  return {
    name,
    judges: 'tools',
    appliesTo: (example) => example.trajectory !== undefined,
    async score(example: Example, reply: Reply) {
      const expected = readSteps(example.trajectory as Json | undefined) ?? []
      if (config.mode === 'strict') return judgeStrictly(expected, reply)
      const made = reply.trajectory ? callsOf(reply.trajectory) : reply.toolCalls
      if (made === null) {
        return unscored(
          name,
          'The agent does not report its tool calls: return `messages` or `tool_calls` in its reply.',
        )
      }
      return judgeCalls(callsOf(expected), made)
    },
  }
}
