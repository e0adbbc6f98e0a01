import type { Finding } from '@agent-ci/core/nightly/finding'
import type { Series, SeriesKey } from '@agent-ci/core/nightly/night'
import type { NightlyResults } from '@agent-ci/core/nightly/results'

/** A release that went out, from the delivery history or from a receipt. */
export interface ReleaseMark {
  /** ISO, UTC. */
  readonly at: string
  readonly label: string
  readonly url: string | null
}

/** Somebody accepted a run as the new baseline. */
export interface BlessingMark {
  /** ISO, UTC. */
  readonly at: string
  readonly by: string
  readonly reason: string
}

/** What a night said of a series; of the last one it is in the results, but for the incident. */
export interface FindingMark extends SeriesKey, Pick<Finding, 'state' | 'cause'> {
  /** `2026-11-25` */
  readonly night: string
  /** What became of its incident that night. */
  readonly incident?: 'opened' | 'closed' | null
}

/** What a trend page shows. All its texts are untrusted. */
export interface Trend {
  /** Of the last night; null before the first one. */
  readonly results: NightlyResults | null
  readonly series: readonly Series[]
  readonly releases?: readonly ReleaseMark[]
  readonly blessings?: readonly BlessingMark[]
  readonly findings?: readonly FindingMark[]
  /** How many nights a baseline needs, where it is not the usual 7. */
  readonly nightsNeeded?: number
}
