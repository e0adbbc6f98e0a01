import type { Tokens } from './protocols/protocol.ts'
import { TokenBucket } from './token-bucket.ts'

export interface RateLimits {
  readonly requestsPerMinute?: number
  readonly inputTokensPerMinute?: number
  readonly outputTokensPerMinute?: number
  /** Input and output together. */
  readonly tokensPerMinute?: number
}

export interface Estimate {
  readonly inputTokens: number
  /** The most that the answer may have, where the request says so. */
  readonly outputLimit: number | undefined
}

/** A call that was let through, to be corrected when its usage is known. */
export interface Passage {
  settle(tokens: Tokens | undefined): void
}

interface Clock {
  readonly now: () => number
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>
}

/** What an answer is expected to have before the first one has come. */
const FIRST_OUTPUT_TOKENS = 500

/** Lets calls to one provider through at the pace that its limits allow, in the order in which they came; shared by all scopes. */
export class RateLimiter {
  private readonly requests: TokenBucket | undefined
  private readonly input: TokenBucket | undefined
  private readonly output: TokenBucket | undefined
  private readonly both: TokenBucket | undefined
  private readonly clock: Clock
  private queue: Promise<unknown> = Promise.resolve()
  private pausedUntil = 0
  private meanOutput = FIRST_OUTPUT_TOKENS

  constructor(limits: RateLimits, clock: Clock) {
    const bucket = (perMinute: number | undefined) =>
      perMinute === undefined ? undefined : new TokenBucket(perMinute, clock.now())
    this.requests = bucket(limits.requestsPerMinute)
    this.input = bucket(limits.inputTokensPerMinute)
    this.output = bucket(limits.outputTokensPerMinute)
    this.both = bucket(limits.tokensPerMinute)
    this.clock = clock
  }

  /** Nothing is let through for so long. */
  pause(ms: number): void {
    this.pausedUntil = Math.max(this.pausedUntil, this.clock.now() + ms)
  }

  /** Waits until one more call may be sent. Rejects when the signal aborts. */
  async pass(estimate: Estimate, signal: AbortSignal): Promise<Passage> {
    const turn = this.queue.then(() => this.wait(estimate, signal))
    this.queue = turn.catch(() => {})
    return await turn
  }

  private async wait({ inputTokens, outputLimit }: Estimate, signal: AbortSignal): Promise<Passage> {
    const outputTokens = Math.min(this.meanOutput, outputLimit ?? Number.POSITIVE_INFINITY)
    const demands: readonly (readonly [TokenBucket | undefined, number])[] = [
      [this.requests, 1],
      [this.input, inputTokens],
      [this.output, outputTokens],
      [this.both, inputTokens + outputTokens],
    ]
    for (;;) {
      signal.throwIfAborted()
      const now = this.clock.now()
      const waits = demands.map(([bucket, amount]) => bucket?.waitMs(amount, now) ?? 0)
      const wait = Math.max(this.pausedUntil - now, ...waits)
      if (wait <= 0) break
      await this.clock.sleep(Math.ceil(wait), signal)
    }
    const now = this.clock.now()
    for (const [bucket, amount] of demands) bucket?.take(amount, now)
    return { settle: (tokens) => this.settle(tokens, inputTokens, outputTokens) }
  }

  private settle(tokens: Tokens | undefined, inputTokens: number, outputTokens: number): void {
    if (!tokens) return
    const now = this.clock.now()
    // Neither provider counts what is read from its cache against the limits on input.
    const input = tokens.input + tokens.cacheWrite + tokens.cacheWriteLong - inputTokens
    const output = tokens.output - outputTokens
    this.input?.take(input, now)
    this.output?.take(output, now)
    this.both?.take(input + output, now)
    this.meanOutput += (tokens.output - this.meanOutput) / 8
  }
}
