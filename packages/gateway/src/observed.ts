import type { ModelTurn, Placement, ToolCall, Usage } from '@agent-ci/core/reply'
import type { Answer, Tokens } from './protocols/protocol.ts'
import type { RefusalKind } from './refusal.ts'

/** Refusals of one kind: how many, and what the first one said. */
export interface Refused {
  readonly kind: RefusalKind
  readonly message: string
  readonly count: number
}

/** What the gateway saw of a trial's, or of a run's, model traffic. */
export interface Observed {
  /** Complete answers from models, replayed or live. */
  readonly calls: number
  /** Answers that came from recordings. */
  readonly hits: number
  /** Answers that came from a provider. */
  readonly live: number
  /** Requests that mode replay had no recording for. */
  readonly misses: number
  /** Errors and broken answers from a provider that reached the agent. */
  readonly failures: number
  /** Requests sent again after a passing failure. */
  readonly retries: number
  /** Requests that the gateway answered itself, by kind; misses are among them. */
  readonly refusals: readonly Refused[]
  readonly tokens: Tokens
  /** Answers whose provider did not say what they used. */
  readonly unreported: number
  /** What it cost; of a replayed answer, what it did cost when it was recorded. null where a price is unknown. */
  readonly costUsd: number | null
  /** What this run itself had to pay: the live answers. null where a price is unknown. */
  readonly spentUsd: number | null
  /** Time until each answer was complete, summed up, without waits for rate limits and retries; of a replayed answer, the recorded time. */
  readonly latencyMs: number
  /** As the providers resolved them, in the order of their first answer. */
  readonly models: readonly string[]
  /** Of a trial, in the order in which the answers came; traffic that belongs to none would pile them up, and has none here. */
  readonly toolCalls: readonly ToolCall[]
  /** Some of it came from recordings: latency and cost are no measurement. */
  readonly replayed: boolean
  /** Of an attacked trial: what was placed where. */
  readonly placements?: readonly Placement[]
  /** And its model calls. */
  readonly turns?: readonly ModelTurn[]
}

export interface AnswerSeen {
  readonly answer: Answer
  readonly source: 'replayed' | 'live'
  readonly billed: boolean
  readonly costUsd: number | null
  readonly latencyMs: number
}

const NO_TOKENS: Tokens = { input: 0, cacheRead: 0, cacheWrite: 0, cacheWriteLong: 0, output: 0 }

export const addTokens = (a: Tokens, b: Tokens): Tokens => ({
  input: a.input + b.input,
  cacheRead: a.cacheRead + b.cacheRead,
  cacheWrite: a.cacheWrite + b.cacheWrite,
  cacheWriteLong: a.cacheWriteLong + b.cacheWriteLong,
  output: a.output + b.output,
})

const plus = (a: number | null, b: number | null): number | null => (a === null || b === null ? null : a + b)

/** Adds up what is seen. */
export class Observation {
  private readonly sums = {
    calls: 0,
    hits: 0,
    live: 0,
    misses: 0,
    failures: 0,
    retries: 0,
    unreported: 0,
    latencyMs: 0,
  }
  private readonly refusals = new Map<RefusalKind, Refused>()
  private readonly models = new Set<string>()
  private readonly toolCalls: ToolCall[] = []
  private attack: Required<Pick<Observed, 'placements' | 'turns'>> | undefined
  private tokens = NO_TOKENS
  private costUsd: number | null = 0
  private spentUsd: number | null = 0
  private readonly ofTrial: boolean

  /** @param ofTrial whether it ends with a trial, and so may keep a list of what came by */
  constructor(ofTrial: boolean) {
    this.ofTrial = ofTrial
  }

  /** As it stands; what comes later does not change it. */
  get observed(): Observed {
    return {
      ...this.sums,
      tokens: this.tokens,
      costUsd: this.costUsd,
      spentUsd: this.spentUsd,
      refusals: [...this.refusals.values()],
      models: [...this.models],
      toolCalls: [...this.toolCalls],
      replayed: this.sums.hits > 0,
      ...(this.attack && {
        placements: [...this.attack.placements],
        turns: this.attack.turns.toSorted((a, b) => a.turn - b.turn),
      }),
    }
  }

  answered({ answer, source, billed, costUsd, latencyMs }: AnswerSeen): void {
    const { model, tokens, toolCalls } = answer
    this.sums.calls++
    this.sums[source === 'replayed' ? 'hits' : 'live']++
    this.sums.latencyMs += latencyMs
    if (tokens) this.tokens = addTokens(this.tokens, tokens)
    else if (billed) this.sums.unreported++
    this.costUsd = plus(this.costUsd, costUsd)
    if (source === 'live') this.spentUsd = plus(this.spentUsd, costUsd)
    if (model !== undefined) this.models.add(model)
    if (this.ofTrial) this.toolCalls.push(...toolCalls)
  }

  refused(kind: RefusalKind, message: string): void {
    if (kind === 'miss') this.sums.misses++
    const before = this.refusals.get(kind)
    this.refusals.set(kind, { kind, message: before?.message ?? message, count: (before?.count ?? 0) + 1 })
  }

  /** Both lists grow while the trial runs. */
  attackedWith(attack: Required<Pick<Observed, 'placements' | 'turns'>>): void {
    this.attack = attack
  }

  failed(): void {
    this.sums.failures++
  }

  retried(): void {
    this.sums.retries++
  }
}

/** A reply's usage as the gateway saw it; cached tokens are input tokens too. What was not reported is absent. */
export function usageFrom({ calls, tokens, unreported, costUsd, models }: Observed): Usage {
  const known = calls > 0 && unreported === 0
  const model = models.at(-1)
  return {
    ...(known && {
      inputTokens: tokens.input + tokens.cacheRead + tokens.cacheWrite + tokens.cacheWriteLong,
      outputTokens: tokens.output,
    }),
    ...(calls > 0 && costUsd !== null && { costUsd }),
    ...(calls > 0 && { modelCalls: calls }),
    ...(model !== undefined && { model }),
  }
}
