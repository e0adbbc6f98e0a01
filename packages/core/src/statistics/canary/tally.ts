import type { ArmWindow } from '../odds-process.ts'

/** What was counted of one arm. */
export interface Tally {
  readonly requests: number
  readonly errors: number
  /** Requests by duration bucket, the last one beyond every bound; empty where durations are not known. */
  readonly durations: readonly number[]
}

export const NOTHING: Tally = { requests: 0, errors: 0, durations: [] }

/** Both arms over the same time. */
export interface Arms {
  readonly canary: Tally
  readonly stable: Tally
}

export const NO_ARMS: Arms = { canary: NOTHING, stable: NOTHING }

export const errorRate = ({ requests, errors }: Tally): number => (requests === 0 ? 0 : errors / requests)

const longer = (a: readonly number[], b: readonly number[]) => (a.length >= b.length ? a : b)

export const addTally = (a: Tally, b: Tally): Tally => ({
  requests: a.requests + b.requests,
  errors: a.errors + b.errors,
  durations: longer(a.durations, b.durations).map((_, i) => (a.durations[i] ?? 0) + (b.durations[i] ?? 0)),
})

export const addArms = (a: Arms, b: Arms): Arms => ({
  canary: addTally(a.canary, b.canary),
  stable: addTally(a.stable, b.stable),
})

const isCount = (value: number) => Number.isSafeInteger(value) && value >= 0

/** Whether these can be counts: whole, no more errors than requests, and a bucket for each bound and one beyond. */
export const isTally = ({ requests, errors, durations }: Tally, buckets: number): boolean =>
  isCount(requests) &&
  isCount(errors) &&
  errors <= requests &&
  (durations.length === 0 || durations.length === buckets) &&
  durations.every(isCount)

/** The requests and errors of both arms, for the tests that compare them. */
export const windowOf = ({ canary, stable }: Arms): ArmWindow => ({
  canaryN: canary.requests,
  canaryErr: canary.errors,
  stableN: stable.requests,
  stableErr: stable.errors,
})
