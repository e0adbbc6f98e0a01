import type { Example } from './example.ts'
import type { Reply, Usage } from './reply.ts'

/** A judgement of a reply. */
export interface Score {
  /** The scorer's name: `exact`, `judge`, or the `name` in its configuration. */
  readonly scorer: string
  /** 0 … 1; null when the reply could not be judged (a judge that is down, tool calls that nobody reported). */
  readonly value: number | null
  readonly passed: boolean | null
  /** For people: what was expected and what came. May quote the reply: untrusted. */
  readonly reason: string
  /** What judging cost, where it is known. */
  readonly usage?: Usage
}

export interface Scorer {
  readonly name: string
  /** `tools` scorers make tool accuracy, `output` scorers together make accuracy, `safety` scorers say whether an attack succeeded. */
  readonly judges: 'output' | 'tools' | 'safety'
  /** Each judgement costs a model call. */
  readonly asksModel?: true
  /** Whether this scorer has anything to say about an example (an `exact` scorer needs `expected`). */
  appliesTo(example: Example): boolean
  score(example: Example, reply: Reply, signal: AbortSignal): Promise<Score>
  close?(): Promise<void>
}
