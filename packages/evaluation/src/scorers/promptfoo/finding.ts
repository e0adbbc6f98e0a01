import type { JsonObject } from '@agent-ci/core/json'
import type { Usage } from '@agent-ci/core/reply'
import type { ScorerDeps } from '../deps.ts'
import type { Assertion, Subject } from './assertion.ts'

/** What an assertion came to. The score is mostly 0 … 1; a script may give any number. */
export interface Finding {
  readonly passed: boolean
  readonly score: number
  readonly reason: string
  /** Scores under names of their own, and how much each counts. */
  readonly named?: Readonly<Record<string, number>>
  readonly namedWeights?: Readonly<Record<string, number>>
  readonly usage?: Usage
}

/** The assertion is wrong in itself, which is seen before the first answer. */
export class Malformed extends Error {
  readonly mend: string
  constructor(message: string, mend = "Correct it, as promptfoo's documentation of the type has it") {
    super(message)
    this.mend = mend
  }
}

/** There is nothing to judge by: no measurement, rather than a wrong answer. */
export class Unjudged extends Error {}

export type Check = (subject: Subject, signal: AbortSignal) => Finding | Promise<Finding>

/** What checks are made with. */
export interface CheckDeps extends ScorerDeps {
  /** The scorer's name. */
  readonly name: string
  /** Where `file://` starts, absolute. */
  readonly directory: string
  readonly judgeModel: string | undefined
  /** What embeds the texts of `similar`. */
  readonly embedder:
    | { readonly url: string; readonly model?: string | undefined; readonly api_key_env?: string | undefined }
    | undefined
  /** The definitions of the agent's tools. */
  readonly tools: readonly JsonObject[]
  /** Has something closed with the scorer. */
  readonly later: (close: () => Promise<void>) => void
}

/** Makes an assertion's check; a wrong assertion throws `Malformed`. */
export type MakeCheck = (assertion: Assertion, deps: CheckDeps) => Check | Promise<Check>

/** A yes or no, turned about by `not-`. `what` completes "The answer …" where it failed. */
export function verdictOf({ inverse, type }: Assertion, holds: boolean, failure: string): Finding {
  const passed = holds !== inverse
  return { passed, score: passed ? 1 : 0, reason: passed ? `${type} holds` : failure }
}

/** A score that is compared with a threshold; `not-` turns both about. */
export function scored({ inverse, type }: Assertion, score: number, threshold: number): Finding {
  const passed = score >= threshold !== inverse
  const reason = `${type} found ${score.toFixed(4)}, the threshold is ${threshold}`
  return { passed, score: inverse ? 1 - score : score, reason }
}
