import type { DecisionRules } from './gate-decision.ts'
import { effectiveSample, type Tally } from './statistics/effective-size.ts'
import type { Decision, EarlyGate } from './statistics/sequential-gate.ts'
import { judgeShare, type SampledVerdict } from './statistics/share-gate.ts'

/** Looking costs one pass over the examples, so a long run is looked at so many times only. */
const MOST_LOOKS = 400

/**
 * A gate on examples with repeats or groups while its run goes on: it is decided when the verdict would be the same whether all open
 * trials passed or all failed, lost ones included.
 */
export class SettledGate implements EarlyGate {
  readonly total: number
  recorded = 0
  decision: Decision | null = null
  /** What the full run would say, once decided. */
  verdict: SampledVerdict | null = null
  private readonly groups: readonly (string | undefined)[]
  private readonly repeats: number
  private readonly share: number
  private readonly rules: Pick<DecisionRules, 'confidence' | 'estimand'>
  private readonly passes: Uint16Array
  private readonly failures: Uint16Array
  private passed = 0

  /** `groups` of the examples in dispatch order; `share` of good trials that the gate asks for. */
  constructor(
    groups: readonly (string | undefined)[],
    repeats: number,
    share: number,
    rules: Pick<DecisionRules, 'confidence' | 'estimand'>,
  ) {
    this.total = groups.length * repeats
    this.groups = groups
    this.repeats = repeats
    this.share = share
    this.rules = rules
    this.passes = new Uint16Array(groups.length)
    this.failures = new Uint16Array(groups.length)
  }

  record(place: number, result: number | null): void {
    if (this.decision) return
    this.recorded++
    const example = Math.floor(place / this.repeats)
    if (result === 1) this.passes[example]!++
    else if (result === 0) this.failures[example]!++
    if (result === 1) this.passed++
    if (this.recorded % Math.max(1, Math.floor(this.total / MOST_LOOKS)) === 0 || this.recorded === this.total)
      this.look()
  }

  private look(): void {
    const worst = this.judgeIf(0)
    const best = worst === this.judgeIf(1) ? worst : null
    if (best === null || best === 'inconclusive') return
    this.verdict = best
    this.decision = { met: best === 'passed', by: 'certain', committed: this.recorded, passes: this.passed }
  }

  private judgeIf(openPass: 0 | 1): SampledVerdict {
    const tallies = this.groups.map((group, i): Tally => {
      const sum = openPass ? this.repeats - this.failures[i]! : this.passes[i]!
      return { trials: this.repeats, sum, squares: sum, group }
    })
    const sample = effectiveSample(tallies, this.rules.confidence, this.rules.estimand)
    return sample ? judgeShare(sample, this.share, this.rules.confidence).verdict : 'inconclusive'
  }
}
