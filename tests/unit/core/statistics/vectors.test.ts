import { readFileSync } from 'node:fs'
import { incompleteBeta } from '@agent-ci/core/statistics/beta'
import { wager } from '@agent-ci/core/statistics/betting'
import { sequentialBoundary, walkFinite } from '@agent-ci/core/statistics/boundary'
import { effectiveSample } from '@agent-ci/core/statistics/effective-size'
import { finalCountEvidence } from '@agent-ci/core/statistics/final-count'
import { fisherLower } from '@agent-ci/core/statistics/flips'
import { clopperPearson, jeffreys, posteriorProbGe, wilson } from '@agent-ci/core/statistics/intervals'
import { LimitProcess } from '@agent-ci/core/statistics/limit-process'
import { mannWhitney } from '@agent-ci/core/statistics/mann-whitney'
import { mcnemarExact } from '@agent-ci/core/statistics/mcnemar'
import { bhAdjusted, byAdjusted, eBH } from '@agent-ci/core/statistics/multiplicity'
import { needPasses } from '@agent-ci/core/statistics/need'
import { nonInferiorityT, tangoZ } from '@agent-ci/core/statistics/non-inferiority'
import { normalQuantile } from '@agent-ci/core/statistics/normal'
import { type ArmWindow, OddsProcess, StartMixture } from '@agent-ci/core/statistics/odds-process'
import { predictionT } from '@agent-ci/core/statistics/prediction'
import { judgeShare } from '@agent-ci/core/statistics/share-gate'
import { signFlip } from '@agent-ci/core/statistics/sign-flip'
import { tQuantile } from '@agent-ci/core/statistics/student-t'
import { describe, expect, test } from '@jest/globals'

type Expected = number | boolean | 'inf' | null | readonly Expected[] | { readonly [key: string]: Expected }
interface Vector {
  readonly id: string
  readonly fn: string
  readonly input: unknown
  readonly expected: Expected
  readonly tolerance: number
}

const { vectors }: { vectors: Vector[] } = JSON.parse(readFileSync(new URL('vectors.json', import.meta.url), 'utf8'))

const running = (logFactors: readonly number[]): number[] => {
  let sum = 0
  return logFactors.map((factor) => {
    sum += factor
    return sum
  })
}

/** Reads a vector's input as what its function takes. */
const given =
  <Input>(run: (input: Input) => Expected) =>
  (input: unknown): Expected =>
    run(input as Input)

type Count = { successes: number; n: number; confidence: number; twoSided: boolean }

/** By the vectors' `fn`: their input to the shape of their `expected`. */
const IMPLEMENTATIONS: Readonly<Record<string, (input: unknown) => Expected>> = {
  needPasses: given<{ n: number; threshold: number }>(({ n, threshold }) => needPasses(n, threshold)),
  wilson: given<Count>(({ successes, n, confidence, twoSided }) => wilson(successes, n, confidence, twoSided)),
  clopperPearson: given<Count>(({ successes, n, confidence, twoSided }) =>
    clopperPearson(successes, n, confidence, twoSided),
  ),
  jeffreys: given<Count>(({ successes, n, confidence, twoSided }) => jeffreys(successes, n, confidence, twoSided)),
  posteriorProbGe: given<{ successes: number; n: number; threshold: number; prior: [number, number] }>(
    ({ successes, n, threshold, prior }) => posteriorProbGe(successes, n, threshold, prior),
  ),
  evalGateBinary: given<{ successes: number; n: number; threshold: number; alpha: number }>(
    ({ successes, n, threshold, alpha }) => {
      const { tailGood, tailBad } = judgeShare({ mean: successes / n, size: n }, threshold, 1 - alpha)
      return [tailGood, tailBad]
    },
  ),
  evalGateClustered: given<{ passes: number[]; k: number; threshold: number; alpha: number }>(
    ({ passes, k, threshold, alpha }) => {
      const tallies = passes.map((sum) => ({ trials: k, sum, squares: sum }))
      const sample = effectiveSample(tallies, 1 - alpha)!
      const { tailGood, tailBad } = judgeShare(sample, threshold, 1 - alpha)
      const interval = clopperPearson(sample.mean * sample.size, sample.size, 1 - alpha, false)
      return [sample.size, ...interval, tailGood, tailBad]
    },
  ),
  mcnemarExact: given<{ basePassCandFail: number; baseFailCandPass: number }>(
    ({ basePassCandFail, baseFailCandPass }) => {
      const { twoSided, regression, midP } = mcnemarExact(basePassCandFail, baseFailCandPass)
      return [twoSided, regression, midP]
    },
  ),
  signFlip: given<{ diffs: number[] }>(({ diffs }) => {
    const { regression, improvement, twoSided } = signFlip(diffs)
    return [regression, improvement, twoSided]
  }),
  tangoZ: given<{ basePassCandFail: number; baseFailCandPass: number; n: number; delta: number }>(
    ({ basePassCandFail, baseFailCandPass, n, delta }) => tangoZ(basePassCandFail, baseFailCandPass, n, delta),
  ),
  nonInferiorityT: given<{ diffs: number[]; margin: number }>(({ diffs, margin }) => {
    const { mean, t, tail } = nonInferiorityT(diffs, margin)
    return [mean, t, tail]
  }),
  fisherLower: given<{ candPasses: number; candRuns: number; basePasses: number; baseRuns: number }>(
    ({ candPasses, candRuns, basePasses, baseRuns }) =>
      fisherLower({ passes: candPasses, runs: candRuns }, { passes: basePasses, runs: baseRuns }),
  ),
  bhAdjusted: given<{ p: number[] }>(({ p }) => bhAdjusted(p)),
  byAdjusted: given<{ p: number[] }>(({ p }) => byAdjusted(p)),
  eBH: given<{ e: number[]; q: number }>(({ e, q }) => eBH(e, q)),
  mannWhitney: given<{ x: number[]; y: number[] }>(({ x, y }) => {
    const { u, exact, approximate } = mannWhitney(x, y)
    return [u, exact, approximate]
  }),
  betainc: given<{ x: number; a: number; b: number }>(({ x, a, b }) => {
    const { lower, upper } = incompleteBeta(x, a, b)
    return [lower, upper]
  }),
  normalQuantile: given<{ p: number }>(({ p }) => normalQuantile(p)),
  tQuantile: given<{ p: number; df: number }>(({ p, df }) => tQuantile(p, df)),
  worBoundary: given<{ N: number; need: number; maxDisagreement: number; minLook: number }>(
    ({ N, need, maxDisagreement, minLook }) => {
      const boundary = sequentialBoundary(N, need, maxDisagreement, minLook)
      return {
        passAt: [...boundary.passAt.slice(1, N)],
        failAt: [...boundary.failAt.slice(1, N)],
        worstFalsePass: walkFinite(boundary, boundary.need - 1).met,
        worstFalseFail: walkFinite(boundary, boundary.need).missed,
        expectedCallsAtNeed: walkFinite(boundary, need).calls,
      }
    },
  ),
  worMixtureE: given<{ N: number; need: number; passes: number; seen: number }>(({ N, need, passes, seen }) => {
    const { met, missed } = finalCountEvidence(N, need, seen, passes)
    return [met, missed === Number.POSITIVE_INFINITY ? 'inf' : missed]
  }),
  worBetGrid: given<{ scores: number[]; N: number; threshold: number; grid: number[] }>(
    ({ scores, N, threshold, grid }) => {
      const against = wager(N, threshold, grid)
      return scores.map((score) => {
        against.bet(score)
        return Math.exp(against.logCapital())
      })
    },
  ),
  oddsE: given<{ windows: ArmWindow[]; cap: number | null; grid: number[] }>(({ windows, cap, grid }) => {
    const process = new OddsProcess({ cap, grid })
    return running(windows.map((window) => process.next(window)))
  }),
  oddsEMix: given<{
    windows: ArmWindow[]
    cap: number
    forget: number
    firstStartPrior: number
    plannedWindows: number
    grid: number[]
  }>(({ windows, plannedWindows, firstStartPrior, ...options }) => {
    const process = new OddsProcess(options)
    const mixture = new StartMixture(plannedWindows, firstStartPrior)
    return windows.map((window) => mixture.add(process.next(window)))
  }),
  absE: given<{ windows: { n: number; errors: number }[]; limit: number; direction: number }>(
    ({ windows, limit, direction }) => {
      const process = new LimitProcess(limit, direction > 0 ? 'above' : 'below')
      return running(windows.map(({ n, errors }) => process.next(n, errors)))
    },
  ),
  predictionT: given<{ baseline: number[]; tonight: number; examples: number }>(({ baseline, tonight, examples }) => {
    const { t, tail } = predictionT(baseline, tonight, examples)
    return [t, tail]
  }),
}

/** The largest difference between two values of the same shape; NaN or Infinity where they differ in kind. */
function distance(actual: Expected | undefined, expected: Expected): number {
  if (typeof expected === 'number' && typeof actual === 'number') {
    return Math.abs(actual - expected) / Math.max(1, Math.abs(expected))
  }
  if (expected === null || typeof expected !== 'object') return actual === expected ? 0 : Number.POSITIVE_INFINITY
  if (actual === null || typeof actual !== 'object') return Number.POSITIVE_INFINITY
  const [left, right] = [Object.entries(actual), Object.entries(expected)]
  if (left.length !== right.length) return Number.POSITIVE_INFINITY
  return Math.max(0, ...right.map(([key, value]) => distance(Object.fromEntries(left)[key], value)))
}

describe('the reference vectors', () => {
  test('all 90 are here', () => {
    expect(vectors).toHaveLength(90)
    expect(new Set(vectors.map(({ id }) => id)).size).toBe(90)
  })
  test.each(vectors.map((vector) => [vector.id, vector] as const))('%s', (_id, { fn, input, expected, tolerance }) => {
    const implementation = IMPLEMENTATIONS[fn]
    if (!implementation) throw new Error(`no implementation of ${fn}`)
    const actual = implementation(input)
    if (!(distance(actual, expected) <= tolerance)) expect(actual).toEqual(expected)
    expect(distance(actual, expected)).toBeLessThanOrEqual(tolerance)
  })
})
