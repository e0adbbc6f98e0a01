/** How a night is judged (statistics.md, section 5). */
export interface DetectorSettings {
  /** The share of false alarms that is accepted among what is flagged. */
  readonly falseDiscoveryRate: number
  /** Of all confirmations of one night together. */
  readonly confirmAlpha: number
  /** A smaller drop of a fraction is no finding: 0.02 is 2 points. */
  readonly minDrop: number
  /** A smaller rise of a time, a cost or of tokens is none either: 0.1 is a tenth of the baseline. */
  readonly minRise: number
  readonly baselineNights: number
  readonly leastNights: number
  /** The median t from which most series moved alike. */
  readonly fleetT: number
  /** Fewer series are no fleet. */
  readonly leastFleet: number
}

export const DETECTOR_DEFAULTS: DetectorSettings = {
  falseDiscoveryRate: 0.1,
  confirmAlpha: 0.05,
  minDrop: 0.02,
  minRise: 0.1,
  baselineNights: 28,
  leastNights: 7,
  fleetT: -1.5,
  leastFleet: 6,
}
