import { isSure } from './confidence.ts'
import { hypergeometricLower } from './hypergeometric.ts'
import { bhAdjusted } from './multiplicity.ts'
import type { PairedRuns, Runs } from './paired.ts'

/** How often a suspect is run again in each arm. */
export const FLIP_RERUNS = 8
/** The share of false alarms that we accept among the confirmed flips. */
export const FLIP_FALSE_DISCOVERY_RATE = 0.1

type Arms = Pick<PairedRuns, 'base' | 'candidate'>

/** Whether an example looks broken: most of the baseline's runs passed, and a smaller share of the candidate's. A cheap screen, not a test. */
export const isSuspect = ({ base, candidate }: Arms): boolean =>
  2 * base.passes > base.runs && candidate.passes * base.runs < base.passes * candidate.runs

/** Fisher's exact one-sided test: small when the candidate passes less often. */
export const fisherLower = (candidate: Runs, base: Runs): number =>
  hypergeometricLower(candidate.passes, candidate.runs + base.runs, candidate.passes + base.passes, candidate.runs)

export interface FlipFinding {
  readonly outcome: 'confirmed' | 'flaky'
  readonly p: number
  /** p after Benjamini & Hochberg over all suspects. */
  readonly adjusted: number
}

/**
 * Judges suspects by their new runs alone, one finding each in order: what made them suspects must not count again. Of the confirmed, at
 * most `falseDiscoveryRate` are expected to be false.
 */
export function confirmFlips(reruns: readonly Arms[], falseDiscoveryRate = FLIP_FALSE_DISCOVERY_RATE): FlipFinding[] {
  const p = reruns.map(({ base, candidate }) => fisherLower(candidate, base))
  return bhAdjusted(p).map((adjusted, i) => ({
    outcome: adjusted <= falseDiscoveryRate ? 'confirmed' : 'flaky',
    p: p[i]!,
    adjusted,
  }))
}

/**
 * Whether a critical example is broken: it passed in every run of the baseline and in none of the candidate's, in the first look and again
 * in new runs that by themselves leave no doubt. Such an example fails the run alone, whatever the others do.
 */
export function isCriticalBroken(first: Arms, rerun: Arms, confidence = 0.95): boolean {
  const broken = ({ base, candidate }: Arms) =>
    base.runs > 0 && candidate.runs > 0 && base.passes === base.runs && candidate.passes === 0
  return broken(first) && broken(rerun) && isSure(fisherLower(rerun.candidate, rerun.base), confidence)
}
