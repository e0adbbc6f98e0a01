import { Refusal } from './refusal.ts'

export interface BudgetLimits {
  readonly usd?: number
  /** Calls that go to a provider; retries of a call are part of it. */
  readonly requests?: number
}

export interface Spending {
  readonly usd: number
  readonly requests: number
}

/** Money and a call set aside for an answer that is on its way. Settled once; a second time does nothing. */
export interface Reservation {
  /** @param usd what the call did cost; undefined where nobody knows: the whole reservation is spent. */
  settle(usd: number | undefined): void
  /** The call never reached the provider, or it answered with an error: it costs nothing. */
  release(): void
}

interface Waiter {
  readonly worstUsd: number
  readonly admit: (reservation: Reservation) => void
  readonly refuse: (refusal: Refusal) => void
}

const usd = (amount: number): string => `$${amount.toFixed(amount < 0.01 ? 6 : 2)}`
/** Sums of cents are not exact in binary. */
const EPSILON_USD = 1e-9

/**
 * Keeps a run within its money. The most that a call can cost is set aside before it is sent, so that calls under way at once cannot
 * together spend more than there is; what it did cost is booked when it ends. A call that would fit if those under way turn out
 * cheaper waits for them.
 */
export class Budget {
  private spent = 0
  private reserved = 0
  private requests = 0
  private inFlight = 0
  private readonly waiters: Waiter[] = []
  readonly limits: BudgetLimits

  constructor(limits: BudgetLimits) {
    this.limits = limits
  }

  get spending(): Spending {
    return { usd: this.spent, requests: this.requests }
  }

  /** What is neither spent nor set aside; infinite without a limit in USD. */
  get remainingUsd(): number {
    return (this.limits.usd ?? Number.POSITIVE_INFINITY) - this.spent - this.reserved
  }

  /** @throws {Refusal} `budget` when the call does not fit, even if nothing else were under way. */
  async reserve(worstUsd: number, signal: AbortSignal): Promise<Reservation> {
    this.refuseUnfit(worstUsd)
    if (this.fits(worstUsd) && this.waiters.length === 0) return this.admit(worstUsd)
    return await new Promise<Reservation>((resolve, reject) => {
      const leave = () => {
        const at = this.waiters.indexOf(waiter)
        if (at >= 0) this.waiters.splice(at, 1)
        reject(signal.reason)
        this.wake()
      }
      const waiter: Waiter = {
        worstUsd,
        admit: (reservation) => {
          signal.removeEventListener('abort', leave)
          resolve(reservation)
        },
        refuse: (refusal) => {
          signal.removeEventListener('abort', leave)
          reject(refusal)
        },
      }
      signal.addEventListener('abort', leave, { once: true })
      this.waiters.push(waiter)
    })
  }

  private refuseUnfit(worstUsd: number): void {
    const { usd: most, requests } = this.limits
    if (requests !== undefined && this.requests >= requests) {
      throw new Refusal('budget', `The budget of ${requests} requests is used up. Raise it to go on.`)
    }
    if (most !== undefined && this.spent + worstUsd > most + EPSILON_USD) {
      throw new Refusal(
        'budget',
        `The budget of ${usd(most)} is used up: ${usd(this.spent)} is spent and this call may cost up to ${usd(worstUsd)}. Raise the budget, or lower the call's limit on output tokens.`,
      )
    }
  }

  private fits(worstUsd: number): boolean {
    const { usd: most } = this.limits
    return most === undefined || this.spent + this.reserved + worstUsd <= most + EPSILON_USD || this.inFlight === 0
  }

  private admit(worstUsd: number): Reservation {
    this.requests++
    this.inFlight++
    this.reserved += worstUsd
    let open = true
    const close = (cost: number) => {
      if (!open) return
      open = false
      this.inFlight--
      this.reserved -= worstUsd
      this.spent += cost
      this.wake()
    }
    return { settle: (cost) => close(cost ?? worstUsd), release: () => close(0) }
  }

  private wake(): void {
    for (let next = this.waiters[0]; next; next = this.waiters[0]) {
      try {
        this.refuseUnfit(next.worstUsd)
      } catch (refusal) {
        this.waiters.shift()
        next.refuse(refusal as Refusal)
        continue
      }
      if (!this.fits(next.worstUsd)) return
      this.waiters.shift()
      next.admit(this.admit(next.worstUsd))
    }
  }
}
