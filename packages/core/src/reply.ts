import type { JsonObject } from './json.ts'
import type { PlacementPlace } from './probe.ts'
import type { Untrusted } from './untrusted.ts'

export interface ToolCall {
  readonly name: string
  readonly args: JsonObject
}

/** A message of a conversation as trajectories are compared: its content is not. */
export interface TrajectoryStep {
  readonly role: string
  /** null where the message makes no calls. */
  readonly toolCalls: readonly ToolCall[] | null
}

/** What a trial used; a number that nobody reported is absent, never 0. */
export interface Usage {
  readonly inputTokens?: number
  readonly outputTokens?: number
  readonly costUsd?: number
  /** How often the model was called, where the gateway saw it. */
  readonly modelCalls?: number
  /** The model that answered, as the provider resolved it. */
  readonly model?: string
}

/** Why there is no answer. */
export interface Failure {
  /** The agent's own fault is a wrong answer; the infrastructure's is no measurement. */
  readonly of: 'agent' | 'infrastructure'
  readonly kind:
    | 'timeout'
    | 'aborted'
    | 'rate-limit'
    | 'unavailable'
    | 'network'
    | 'crash'
    | 'protocol'
    | 'refused'
    | 'exception'
    | 'scorer'
    | 'budget'
  readonly message: Untrusted
  /** Whether the same call may succeed if it is made again. */
  readonly retryable: boolean
  /** What the other side asked us to wait (`Retry-After`). */
  readonly retryAfterMs?: number
}

/** A probe that reached the model. */
export interface Placement {
  /** The number of the model call in the trial: 1 is the first. */
  readonly turn: number
  readonly place: PlacementPlace
  /** The id of the tool call whose result carries it; absent for others. */
  readonly callId?: string
  /** Cut at 2,000 characters. */
  readonly before: Untrusted
  /** Cut at 2,000 characters. */
  readonly after: Untrusted
}

/** A model call of an attacked trial, as the gateway saw it. */
export interface ModelTurn {
  /** The number of the call in the trial: 1 is the first. */
  readonly turn: number
  /** The tools whose results the model was given last; empty where the last thing it was given is none. */
  readonly after: readonly string[]
  /** What the model answered, without its thoughts. */
  readonly answer: Untrusted
  readonly toolCalls: readonly ToolCall[]
}

/** Where an attack succeeded. */
export interface Fall {
  /** The number of the model call whose answer broke a rule first; null where none did, and the agent's own code passed it on. */
  readonly turn: number | null
  /** How many model calls there were. */
  readonly turns: number
  /** Which rule. */
  readonly scorer: string
  readonly after: readonly string[]
  /** Cut at 2,000 characters. */
  readonly answer: Untrusted
  /** Tools that this answer called. */
  readonly called: readonly string[]
}

/** What came back from the agent. */
export interface Reply {
  /** The answer's text; an object that an agent returned is its JSON. Empty where there is a failure. */
  readonly output: Untrusted
  /** In the order of the calls; null when the agent does not report its tool calls. */
  readonly toolCalls: readonly ToolCall[] | null
  /** The whole conversation, where the agent reports it as `messages`. */
  readonly trajectory?: readonly TrajectoryStep[]
  readonly usage: Usage
  /** Of the attempt that counted, without waits between attempts. */
  readonly latencyMs: number
  /** How many times the agent was called for this reply. */
  readonly attempts: number
  readonly failure?: Failure
  /** The answer came from a recording: its latency and cost are the recording's and gate nothing. */
  readonly replayed?: boolean
  /** The answer came with a whole batch, at half the price: it has no latency, and `latencyMs` is 0. */
  readonly batched?: boolean
  /** The attack of this trial never reached the model, so that nothing was measured of the agent's safety. */
  readonly attackMissed?: true
  /** Where the gateway placed the attack, in the order of its arrival. */
  readonly attacked?: readonly Placement[]
  /** The model calls of an attacked trial, where the gateway saw them; they are not kept. */
  readonly turns?: readonly ModelTurn[]
}
