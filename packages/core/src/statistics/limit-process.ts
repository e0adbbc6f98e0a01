import { logSumExp } from './log-sum-exp.ts'

/** Odds ratios that are tried above a limit, and below one. */
export const ABOVE_LIMIT_GRID = [1.25, 1.5, 2, 3, 5, 10] as const
export const BELOW_LIMIT_GRID = [0.05, 0.1, 0.2, 0.35, 0.5, 0.7] as const

export interface LimitOptions {
  readonly grid?: readonly number[]
  /** The most that one window may multiply the evidence by; null: no cap. */
  readonly cap?: number | null
}

/**
 * The sequential evidence that a rate of errors lies above a limit (`side` above), or below it: a mixture of Bernoulli likelihood ratios
 * over the odds ratios of the grid against exactly the limit. `next` gives ln of the factor that a window multiplies the evidence by; the
 * running product exceeds 1/alpha with a chance of at most alpha, ever, if the rate is never beyond the limit (Ville).
 */
export class LimitProcess {
  /** ln of the likelihood ratio of one error, and of one success, by grid point. */
  private readonly perError: readonly number[]
  private readonly perSuccess: readonly number[]
  private readonly logCap: number
  private weights: number[]

  constructor(
    limit: number,
    side: 'above' | 'below',
    { grid, cap = null }: LimitOptions = {},
    state?: readonly number[],
  ) {
    if (!(limit > 0 && limit < 1)) throw new RangeError(`Expected \`limit\` to be between 0 and 1, got ${limit}`)
    const ratios = grid ?? (side === 'above' ? ABOVE_LIMIT_GRID : BELOW_LIMIT_GRID)
    // Odds of r times the limit's: p = r·limit/(1 - limit + r·limit), so p/limit = r/(…) and (1-p)/(1-limit) = 1/(…).
    const scales = ratios.map((ratio) => Math.log(1 - limit + ratio * limit))
    this.perError = ratios.map((ratio, i) => Math.log(ratio) - scales[i]!)
    this.perSuccess = scales.map((scale) => -scale)
    this.logCap = cap === null ? Infinity : Math.log(cap)
    this.weights = ratios.map((_, i) => state?.[i] ?? 0)
  }

  /** What was learnt, for another process of the same options to go on from. */
  get state(): readonly number[] {
    return this.weights
  }

  next(n: number, errors: number): number {
    const before = logSumExp(this.weights)
    this.weights = this.weights.map(
      (weight, i) => weight + errors * this.perError[i]! + (n - errors) * this.perSuccess[i]!,
    )
    return Math.min(this.logCap, logSumExp(this.weights) - before)
  }
}
