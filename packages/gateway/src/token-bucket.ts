/** How many seconds' worth of a limit may be used at once. Providers enforce their minutes in shorter steps too. */
const BURST_MS = 10_000
const MINUTE_MS = 60_000

/**
 * A token bucket that fills at `perMinute`. What is taken may be corrected afterwards, so that the level can be negative: a debt
 * that has to fill up first.
 */
export class TokenBucket {
  private level: number
  private at: number
  readonly capacity: number
  private readonly perMs: number

  constructor(perMinute: number, now: number) {
    this.capacity = Math.max(1, (perMinute * BURST_MS) / MINUTE_MS)
    this.perMs = perMinute / MINUTE_MS
    this.level = this.capacity
    this.at = now
  }

  /** Milliseconds until so much may be taken; more than the capacity is let through by a full bucket. */
  waitMs(amount: number, now: number): number {
    const missing = Math.min(amount, this.capacity) - this.levelAt(now)
    return missing <= 1e-9 ? 0 : missing / this.perMs
  }

  /** A negative amount gives back. */
  take(amount: number, now: number): void {
    this.level = Math.min(this.capacity, this.levelAt(now) - amount)
    this.at = now
  }

  private levelAt(now: number): number {
    return Math.min(this.capacity, this.level + Math.max(0, now - this.at) * this.perMs)
  }
}
