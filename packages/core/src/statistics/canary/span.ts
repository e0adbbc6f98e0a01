import { type Arms, addArms, NO_ARMS } from './tally.ts'

/** Checks in a row. */
export interface Span {
  readonly checks: number
  readonly arms: Arms
  /** The check with the most errors of the canary. */
  readonly worst: Arms
}

export const NO_SPAN: Span = { checks: 0, arms: NO_ARMS, worst: NO_ARMS }

export const join = (a: Span, b: Span): Span => ({
  checks: a.checks + b.checks,
  arms: addArms(a.arms, b.arms),
  worst: a.worst.canary.errors >= b.worst.canary.errors ? a.worst : b.worst,
})

export const addCheck = (span: Span, arms: Arms): Span => join(span, { checks: 1, arms, worst: arms })

/** The last checks, in two spans of which the newer one is under way: at least SIZE checks, fewer than twice as many. */
export interface Lately {
  readonly current: Span
  readonly previous: Span
}

const SIZE = 5

export const NOT_LATELY: Lately = { current: NO_SPAN, previous: NO_SPAN }

export const addLately = ({ current, previous }: Lately, arms: Arms): Lately =>
  current.checks === SIZE
    ? { current: addCheck(NO_SPAN, arms), previous: current }
    : { current: addCheck(current, arms), previous }
