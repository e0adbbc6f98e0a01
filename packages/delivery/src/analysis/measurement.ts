/** What one check of a metric came to. */
export const PHASES = ['pass', 'fail', 'inconclusive', 'error', 'noData', 'insufficient'] as const
export type Phase = (typeof PHASES)[number]

export interface Measurement {
  readonly phase: Phase
  readonly atMs: number
  /** What was judged; null where there was nothing. */
  readonly value: number | null
  /** A clause with the numbers: `error rate 8.3 % is above 5 %`. */
  readonly reason: string
  /** The value is beyond the brake: back at once. */
  readonly brake: boolean
}

const SHARE = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 })

/** A value in its unit: shares as a percentage. */
export function formatValue(value: number, unit: string): string {
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf'
  if (unit === 'share') return `${SHARE.format(value * 100)} %`
  return unit === '' ? SHARE.format(value) : `${SHARE.format(value)} ${unit}`
}
