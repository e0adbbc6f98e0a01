import type { DecisionRules } from './gate-decision.ts'
import { binomialLower, binomialUpper } from './statistics/binomial.ts'
import { isSure } from './statistics/confidence.ts'
import { shrink } from './statistics/effective-size.ts'
import type { Decision, EarlyGate } from './statistics/sequential-gate.ts'
import type { SampledVerdict } from './statistics/share-gate.ts'

/**
 * A gate on examples with repeats or groups while its run goes on: it is decided when the verdict would be the same whatever the open
 * trials brought, lost ones included as long as the coverage holds. The mean is then at its worst, and the effective size at its least.
 */
export class SettledGate implements EarlyGate {
  readonly total: number
  recorded = 0
  decision: Decision | null = null
  /** What the full run would say, once decided. */
  verdict: SampledVerdict | null = null
  private readonly repeats: number
  private readonly share: number
  private readonly rules: DecisionRules
  /** Of each example in dispatch order: the number of the unit that it belongs to, its group or itself. */
  private readonly unitOf: Uint32Array
  private readonly largest: number
  private readonly seen = new Set<number>()
  private passes = 0
  private failures = 0

  /** `groups` of the examples in dispatch order; `share` of good trials that the gate asks for. */
  constructor(groups: readonly (string | undefined)[], repeats: number, share: number, rules: DecisionRules) {
    this.total = groups.length * repeats
    this.repeats = repeats
    this.share = share
    this.rules = rules
    const units = new Map<string | number, number>()
    const sizes: number[] = []
    this.unitOf = Uint32Array.from(groups, (group, example) => {
      const key = group ?? example
      const unit = units.get(key) ?? units.size
      units.set(key, unit)
      sizes[unit] = (sizes[unit] ?? 0) + repeats
      return unit
    })
    this.largest = sizes.reduce((most, size) => Math.max(most, size), 1)
  }

  record(place: number, result: number | null): void {
    if (this.decision) return
    this.recorded++
    if (result !== null) this.seen.add(this.unitOf[Math.floor(place / this.repeats)]!)
    if (result === 1) this.passes++
    else if (result === 0) this.failures++
    this.look()
  }

  private look(): void {
    const { passes, failures, total, share, rules } = this
    const open = total - this.recorded
    const most = passes + failures + open
    const covered = Math.max(passes + failures, Math.ceil(rules.minCoverage * total - 1e-9))
    if (covered > most) return
    const sure = (tail: typeof binomialUpper, mean: number) => {
      // With the dataset alone in view the effective size is never below the number of trials.
      const size =
        rules.estimand === 'dataset' ? covered : leastSize(this.seen.size, covered, this.largest, rules.confidence)
      return isSure(tail(mean * size, size, share), rules.confidence)
    }
    const [worst, best] = [passes / most, (passes + open) / most]
    // Every share is at least 0.
    if (share <= 0 || (worst > share && sure(binomialUpper, worst))) this.settle('passed')
    else if (best < share && sure(binomialLower, best)) this.settle('failed')
  }

  private settle(verdict: SampledVerdict): void {
    this.verdict = verdict
    this.decision = { met: verdict === 'passed', by: 'certain', committed: this.recorded, passes: this.passes }
  }
}

/**
 * The least effective size for a population that `trials` or more of `units` or more can have, whatever their scores, when no unit has
 * more than `largest` trials. It is that of units which pass or fail as a whole: (s - m·t)² is convex in a unit's sum s, so it is at most
 * t·((t - s)·m² + s·(1 - m)²), and over all units at most largest·trials·m·(1 - m).
 */
function leastSize(units: number, trials: number, largest: number, confidence: number): number {
  const n = Math.max(units, Math.ceil(trials / largest))
  if (n < 2) return 0
  return ((n - 1) / n) * (trials / largest) * shrink(confidence, n)
}
