import { logSumExp } from '../log-sum-exp.ts'
import { LATENCY_ODDS_GRID } from '../odds-process.ts'
import { ChangingOdds, type ChangingOddsState } from './changing-odds.ts'
import { longerThan, total } from './histogram.ts'
import { chooseLatencyBounds } from './latency-bounds.ts'
import { type Arms, addTally, NOTHING, type Tally } from './tally.ts'

export interface LatencyState {
  /** The stable arm's requests before the bounds were chosen; null afterwards. */
  readonly baseline: Tally | null
  readonly chosen: readonly number[]
  readonly processes: readonly ChangingOddsState[]
}

/**
 * The evidence that the canary is slower: for each of up to three duration bounds, that it exceeds the bound more often than the stable
 * arm does. The bounds are chosen from the stable arm before anything is compared at them.
 */
export class LatencyComparison {
  private readonly bounds: readonly number[]
  private readonly options: { readonly grid: readonly number[]; readonly cap: number; readonly plannedWindows: number }
  private baseline: Tally | null
  private chosen: readonly number[]
  private processes: readonly ChangingOdds[]

  constructor(
    bounds: readonly number[],
    options: { readonly cap: number; readonly plannedWindows: number },
    before: Tally,
    state?: LatencyState,
  ) {
    this.bounds = bounds
    this.options = { ...options, grid: LATENCY_ODDS_GRID }
    this.baseline = state ? state.baseline : before
    this.chosen = state?.chosen ?? []
    this.processes = (state?.processes ?? []).map((one) => new ChangingOdds(this.options, one))
    if (!state) this.choose()
  }

  get state(): LatencyState {
    return { baseline: this.baseline, chosen: this.chosen, processes: this.processes.map(({ state }) => state) }
  }

  observe({ canary, stable }: Arms): void {
    if (this.baseline) {
      this.baseline = addTally(this.baseline, { ...NOTHING, durations: stable.durations })
      this.choose()
      return
    }
    for (const [i, process] of this.processes.entries()) {
      const bound = this.chosen[i]!
      process.observe({
        canaryN: total(canary.durations),
        canaryErr: longerThan(canary.durations, bound),
        stableN: total(stable.durations),
        stableErr: longerThan(stable.durations, bound),
      })
    }
  }

  /** ln of the evidence; 0 while nothing can be compared. */
  get logEvidence(): number {
    if (this.processes.length === 0) return 0
    return logSumExp(this.processes.map(({ logEvidence }) => logEvidence)) - Math.log(this.processes.length)
  }

  private choose(): void {
    const chosen = chooseLatencyBounds({ bounds: this.bounds, counts: this.baseline?.durations ?? [] })
    if (!chosen) return
    this.baseline = null
    this.chosen = chosen
    this.processes = chosen.map(() => new ChangingOdds(this.options))
  }
}
