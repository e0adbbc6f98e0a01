import { onAbort } from './abort.ts'

/** How a holder's work ended. */
export type Released = 'ok' | 'failed' | 'rate-limited'

/** Lets a number of holders in at a time, first come first served; the number falls when the other side is overloaded. */
export interface Limiter {
  /** Holders allowed now, 1 … max. */
  readonly limit: number
  readonly inFlight: number
  /** Waits for a place. @throws the signal's reason when it is aborted while waiting */
  acquire(signal: AbortSignal): Promise<void>
  release(outcome: Released): void
  /** Tells of a rate limit without giving up the place. */
  slowDown(): void
}

const ADMITTED = Promise.resolve()

/**
 * Additive increase, multiplicative decrease (Chiu and Jain 1989): a rate limit halves the limit, at most once until as many holders as
 * were in flight then have ended, for those were sent before the limit could act; `limit` successes raise it by one, up to `max`.
 */
export function createLimiter(max: number): Limiter {
  let limit = max
  let inFlight = 0
  let successes = 0
  /** How many must still end before the limit may be halved again. */
  let sentBefore = 0
  const waiting: (() => void)[] = []

  const slowDown = () => {
    if (sentBefore > 0) return
    limit = Math.max(1, Math.floor(limit / 2))
    successes = 0
    sentBefore = inFlight
  }

  return {
    get limit() {
      return limit
    },
    get inFlight() {
      return inFlight
    },
    slowDown,
    acquire(signal) {
      if (signal.aborted) return Promise.reject(signal.reason)
      if (inFlight < limit && waiting.length === 0) {
        inFlight++
        return ADMITTED
      }
      return new Promise((resolve, reject) => {
        const admit = () => {
          forget()
          resolve()
        }
        const leave = () => {
          waiting.splice(waiting.indexOf(admit), 1)
          reject(signal.reason)
        }
        const forget = onAbort(signal, leave)
        waiting.push(admit)
      })
    },
    release(outcome) {
      if (outcome === 'rate-limited') slowDown()
      if (outcome === 'ok' && limit < max && ++successes >= limit) {
        limit++
        successes = 0
      }
      inFlight--
      if (sentBefore > 0) sentBefore--
      while (inFlight < limit && waiting.length > 0) {
        inFlight++
        waiting.shift()!()
      }
    },
  }
}
