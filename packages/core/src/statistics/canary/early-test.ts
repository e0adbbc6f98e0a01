import { logHypergeometric } from '../hypergeometric.ts'
import type { ArmWindow } from '../odds-process.ts'

export interface EarlyOptions {
  /** The chance of a false alarm that may be spent in all. */
  readonly alpha: number
  /** The time over which it is spent, in seconds. */
  readonly seconds: number
}

export interface EarlyState {
  /** [i]: the chance, were both arms alike, of a count of `from` + i and no alarm so far. */
  readonly chances: readonly number[]
  readonly from: number
  /** The canary's errors, cut window by window. */
  readonly count: number
  readonly spent: number
  readonly seconds: number
  /** The sum of the windows' variances of that count: how much could have been learnt. */
  readonly information: number
  readonly alarmed: boolean
}

const START: EarlyState = {
  chances: [1],
  from: 0,
  count: 0,
  spent: 0,
  seconds: 0,
  information: 0,
  alarmed: false,
}

/** About what it takes to see errors at five times the rate. */
const ENOUGH_INFORMATION = 3
/** With so much information the evidence processes see the same; the list of chances stays short. */
const MOST_INFORMATION = 200
/** A window's count is cut where chance would give as many or more in at most 8 % of windows: one burst must not decide. */
const CUT_TAIL = 0.08
const NEGLIGIBLE = 1e-15

/** The chances of 0 … hi canary errors in a window, given all its errors and both arms alike; what lies beyond the cut is put on it. */
function cutChances({ canaryN, canaryErr, stableN, stableErr }: ArmWindow): number[] {
  const errors = canaryErr + stableErr
  const [least, most] = [Math.max(0, errors - stableN), Math.min(errors, canaryN)]
  const chances = Array.from({ length: most + 1 }, (_, x) =>
    x < least ? 0 : Math.exp(logHypergeometric(x, canaryN + stableN, errors, canaryN)),
  )
  let tail = 0
  while (chances.length > 1 && tail + chances.at(-1)! <= CUT_TAIL) tail += chances.pop()!
  return tail > 0 ? [...chances, tail] : chances
}

/** 6 digits, rounded up: the state stays small and the alarm no more likely than computed. */
const roundedUp = (chance: number) => Number((chance * 1.000001).toPrecision(6))

/**
 * An alarm soon after the start: the canary's errors, summed over windows, against the largest sum that chance would give. Given a
 * window's errors the canary's are hypergeometric when both arms are alike, so the chances of every sum are known exactly; at each look
 * the largest sums whose chance still fits in what may be spent until now mean alarm (Lan & DeMets 1983 with exact conditional chances).
 * The chance of a false alarm is at most alpha for any traffic, common outage or ramp, as long as the canary's odds of an error never
 * exceed the stable arm's and errors within a window are independent.
 */
export class EarlyTest {
  private readonly options: EarlyOptions
  private now: EarlyState

  constructor(options: EarlyOptions, state: EarlyState = START) {
    this.options = options
    this.now = state
  }

  get state(): EarlyState {
    return { ...this.now, chances: this.now.chances.map(roundedUp) }
  }

  get information(): number {
    return this.now.information
  }

  get alarmed(): boolean {
    return this.now.alarmed
  }

  observe(window: ArmWindow, seconds: number): void {
    if (this.now.information > MOST_INFORMATION) return
    const before = { ...this.now, seconds: this.now.seconds + seconds }
    this.now = this.spend(this.add(before, window))
  }

  private add(state: EarlyState, window: ArmWindow): EarlyState {
    const { canaryN, canaryErr, stableN, stableErr } = window
    const [all, errors] = [canaryN + stableN, canaryErr + stableErr]
    if (errors === 0 || errors === all || canaryN === 0 || stableN === 0) return state
    const cut = cutChances(window)
    const chances = new Array<number>(state.chances.length + cut.length - 1).fill(0)
    for (const [i, chance] of state.chances.entries()) {
      for (const [j, more] of cut.entries()) chances[i + j]! += chance * more
    }
    return {
      ...state,
      chances,
      count: state.count + Math.min(canaryErr, cut.length - 1),
      information: state.information + (errors * (canaryN / all) * (stableN / all) * (all - errors)) / (all - 1),
    }
  }

  private spend(state: EarlyState): EarlyState {
    const { alpha, seconds } = this.options
    const share = Math.min(1, state.seconds / seconds, state.information / ENOUGH_INFORMATION)
    const allowed = alpha * Math.sqrt(share)
    let { spent, from } = state
    const chances = [...state.chances]
    while (chances.length > 0 && spent + chances.at(-1)! <= allowed) spent += chances.pop()!
    const alarmed = state.alarmed || state.count >= from + chances.length
    while (chances.length > 1 && chances[0]! < NEGLIGIBLE) {
      chances.shift()
      from++
    }
    return { ...state, chances, from, spent, alarmed }
  }
}
