import { seededRandom } from '@agent-ci/core/random'
import { betaPoint, incompleteBeta, inverseIncompleteBeta } from '@agent-ci/core/statistics/beta'
import { binomialLower, binomialUpper } from '@agent-ci/core/statistics/binomial'
import { log1pMinus, logGamma } from '@agent-ci/core/statistics/gamma'
import { hypergeometricLower, hypergeometricUpper, logFactorial } from '@agent-ci/core/statistics/hypergeometric'
import { logMeanExp, logSumExp } from '@agent-ci/core/statistics/log-sum-exp'
import { normalCdf, normalQuantile } from '@agent-ci/core/statistics/normal'
import { tCdf, tQuantile } from '@agent-ci/core/statistics/student-t'
import { describe, expect, test } from '@jest/globals'
import stdBetainc from '@stdlib/math-base-special-betainc'
import stdBetaincinv from '@stdlib/math-base-special-betaincinv'
import stdGammaln from '@stdlib/math-base-special-gammaln'
import stdBinomialCdf from '@stdlib/stats-base-dists-binomial-cdf'
import stdHypergeometricCdf from '@stdlib/stats-base-dists-hypergeometric-cdf'
import stdNormalQuantile from '@stdlib/stats-base-dists-normal-quantile'
import stdTQuantile from '@stdlib/stats-base-dists-t-quantile'

const random = seededRandom('oracle')
const logUniform = (low: number, high: number): number => Math.exp(Math.log(low) + random() * Math.log(high / low))
const times = <T>(n: number, make: () => T): T[] => Array.from({ length: n }, make)
const relative = (actual: number, expected: number): number =>
  actual === expected ? 0 : Math.abs(actual - expected) / Math.abs(expected)

/** The case with the largest error, so that a failure names it. */
function worst<T>(cases: readonly T[], error: (one: T) => number): { error: number; of: T | undefined } {
  let found: { error: number; of: T | undefined } = { error: 0, of: undefined }
  for (const one of cases) {
    const size = error(one)
    if (!(size <= found.error)) found = { error: size, of: one }
  }
  return found
}

test('ln Γ agrees over 30 orders of magnitude, absolutely near its zeros', () => {
  const cases = [...times(2000, () => logUniform(1e-10, 1e20)), 1, 2, 1 + 1e-9, 2 - 1e-9, 0.5, 11.999, 12, 12.001]
  const off = worst(cases, (x) => Math.abs(logGamma(x) - stdGammaln(x)) / Math.max(1, Math.abs(stdGammaln(x))))
  expect(off.error).toBeLessThan(1e-14)
})

test('ln(1+u) - u keeps its digits where ln1p loses them', () => {
  // The first terms of the series are exact enough for such small u.
  for (const u of [1e-3, -1e-3, 1e-6, -1e-6, 1e-9]) {
    const series = [2, 3, 4, 5, 6, 7].reduce((sum, n) => sum + ((n % 2 ? 1 : -1) * u ** n) / n, 0)
    expect(relative(log1pMinus(u), series)).toBeLessThan(1e-14)
  }
  for (const u of [0.5, -0.5, 0.4999, -0.4999, 3, -0.9]) {
    expect(relative(log1pMinus(u), Math.log1p(u) - u)).toBeLessThan(1e-14)
  }
})

describe('the incomplete beta function', () => {
  /** A point within 8 standard deviations of the mean. */
  const near = (a: number, b: number): number => {
    const mean = a / (a + b)
    const deviation = Math.sqrt((mean * (1 - mean)) / (a + b + 1))
    return Math.min(1 - 1e-9, Math.max(1e-12, mean + deviation * (16 * random() - 8)))
  }
  // The oracle's own error grows with the shapes; ours was compared with 30 digits and stays below 1e-12.
  test.each([
    [1e-2, 1e2, 2e-12],
    [1, 1e3, 2e-12],
    [1, 1e5, 2e-11],
  ])('both tails agree for shapes from %p to %p', (low, high, tolerance) => {
    const cases = times(1500, () => {
      const [a, b] = [logUniform(low, high), logUniform(low, high)]
      return { a, b, x: near(a, b) }
    })
    const off = worst(cases, ({ a, b, x }) => {
      const tails = incompleteBeta(x, a, b)
      const [lower, upper] = [stdBetainc(x, a, b), stdBetainc(x, a, b, true, true)]
      if (Math.min(lower, upper) < 1e-290) return 0
      return Math.max(relative(tails.lower, lower), relative(tails.upper, upper))
    })
    expect(off.error).toBeLessThan(tolerance)
  })

  test.each([
    [0.5405530394440149, 74920.93308894632, 65109.05460664076, 'upper', 0.000017203814795944753669, 1e-13],
    [0.5084294231307361, 68820.61519713438, 64709.44171090412, 'lower', 1.7776442035633813631e-7, 1e-12],
    [0.9999863250904422, 91634.58457788557, 0.05179962522415622, 'lower', 0.0080128832546576488167, 1e-12],
    [1.4263546489046516e-5, 855.6669361288464, 68760204.4206743, 'upper', 0.000021019053193545937102, 1e-10],
  ] as const)('agrees with a 40-digit computation: x=%p', (x, a, b, tail, expected, tolerance) => {
    expect(relative(incompleteBeta(x, a, b)[tail], expected)).toBeLessThan(tolerance)
  })

  test('the inverse agrees, from deep tails to the middle', () => {
    const cases = times(1500, () => ({ a: logUniform(0.1, 1e4), b: logUniform(0.1, 1e4), p: logUniform(1e-12, 1) }))
    const off = worst(cases, ({ a, b, p }) => relative(inverseIncompleteBeta(p, a, b), stdBetaincinv(p, a, b)))
    expect(off.error).toBeLessThan(1e-10)
    const offUpper = worst(cases, ({ a, b, p }) =>
      Math.abs(inverseIncompleteBeta(p, a, b, 'upper') - stdBetaincinv(p, a, b, true)),
    )
    expect(offUpper.error).toBeLessThan(1e-10)
  })

  test('the inverse undoes the function at shapes that no gate has', () => {
    for (const [a, b] of [
      [1e-3, 1e-3],
      [1e-3, 1e3],
      [1e8, 1e8],
      [1, 1e8],
      [1e8, 0.5],
    ] as const) {
      for (const p of [1e-9, 0.05, 0.5, 0.95]) {
        const point = betaPoint(p, a, b)
        if (point.x > 1e-300 && point.y > 1e-300) {
          expect(relative(incompleteBeta(point.x, a, b, point.y).lower, p)).toBeLessThan(1e-9)
        }
      }
    }
  })

  test('at the ends and at shapes of 0 it is the point mass that the distribution tends to', () => {
    expect(incompleteBeta(0, 2, 3)).toEqual({ lower: 0, upper: 1 })
    expect(incompleteBeta(1, 2, 3)).toEqual({ lower: 1, upper: 0 })
    expect(incompleteBeta(0.3, 0, 3)).toEqual({ lower: 1, upper: 0 })
    expect(incompleteBeta(0.3, 2, 0)).toEqual({ lower: 0, upper: 1 })
    expect([inverseIncompleteBeta(0, 2, 3), inverseIncompleteBeta(1, 2, 3)]).toEqual([0, 1])
  })

  test('refuses what is no probability and no shape', () => {
    expect(() => incompleteBeta(1.5, 1, 1)).toThrow(RangeError)
    expect(() => incompleteBeta(Number.NaN, 1, 1)).toThrow(RangeError)
    expect(() => incompleteBeta(0.5, -1, 1)).toThrow(RangeError)
    expect(() => inverseIncompleteBeta(2, 1, 1)).toThrow(RangeError)
    expect(() => inverseIncompleteBeta(0.5, 0, 1)).toThrow(RangeError)
  })
})

describe('normal and t', () => {
  test('normal quantiles agree', () => {
    // Below 1e-40 the oracle gives up; the reference vectors go to 1e-300.
    const cases = [...times(2000, () => logUniform(1e-40, 1)), ...times(500, () => 1 - logUniform(1e-12, 0.5))]
    expect(worst(cases, (p) => relative(normalQuantile(p), stdNormalQuantile(p, 0, 1))).error).toBeLessThan(2e-11)
  })
  test('the distribution function undoes the quantile, in both tails', () => {
    const cases = [...times(1000, () => logUniform(1e-280, 1)), 0.5]
    expect(worst(cases, (p) => relative(normalCdf(normalQuantile(p)), p)).error).toBeLessThan(2e-12)
  })
  test.each([
    [-37, 5.7255712225245768e-300],
    [-20.5, 1.076467325879096e-93],
    [-8, 6.2209605742717841e-16],
    [-3, 0.0013498980316300945],
    [-1, 0.15865525393145705],
    [-0.125, 0.45026177516988711],
    [0.5, 0.6914624612740131],
    [2, 0.97724986805182079],
  ])('P(Z <= %p) agrees with a 30-digit computation', (z, expected) => {
    expect(relative(normalCdf(z), expected)).toBeLessThan(2e-13)
  })
  test('t quantiles agree from half a degree of freedom to 1e5', () => {
    const cases = times(1500, () => ({
      p: random() < 0.5 ? logUniform(1e-14, 0.5) : 1 - logUniform(1e-6, 0.5),
      df: logUniform(0.5, 1e5),
    }))
    expect(worst(cases, ({ p, df }) => relative(tQuantile(p, df), stdTQuantile(p, df))).error).toBeLessThan(1e-11)
    expect(worst(cases, ({ p, df }) => relative(tCdf(tQuantile(p, df), df), p)).error).toBeLessThan(1e-11)
  })
  test('the ends are infinite, the middle is 0, and nonsense is refused', () => {
    expect([normalQuantile(0), normalQuantile(1)]).toEqual([-Infinity, Infinity])
    expect(normalQuantile(0.5)).toBeCloseTo(0, 15)
    expect([tQuantile(0, 3), tQuantile(0.5, 3), tQuantile(1, 3)]).toEqual([-Infinity, 0, Infinity])
    expect([tCdf(-Infinity, 3), tCdf(0, 3), tCdf(Infinity, 3)]).toEqual([0, 0.5, 1])
    expect(() => normalQuantile(-0.1)).toThrow(RangeError)
    expect(() => tQuantile(0.5, 0)).toThrow(RangeError)
  })
})

describe('counts', () => {
  test('binomial tails agree', () => {
    const cases = times(1500, () => {
      const n = Math.ceil(logUniform(1, 1e5))
      const p = random()
      const s = Math.round(n * p + (random() * 12 - 6) * Math.sqrt(n * p * (1 - p)))
      return { n, p, s: Math.min(n, Math.max(0, s)) }
    })
    const off = worst(cases, ({ n, p, s }) => {
      const expected = stdBinomialCdf(s, n, p)
      return expected < 1e-290 ? 0 : relative(binomialLower(s, n, p), expected)
    })
    expect(off.error).toBeLessThan(1e-10)
    expect(
      worst(cases, ({ n, p, s }) => Math.abs(binomialUpper(s, n, p) + binomialLower(s - 1, n, p) - 1)).error,
    ).toBeLessThan(1e-12)
  })
  test('hypergeometric tails agree with the oracle', () => {
    const cases = times(2000, () => {
      const total = Math.ceil(logUniform(1, 3000))
      const marked = Math.floor(random() * (total + 1))
      const draws = Math.floor(random() * (total + 1))
      const mean = (draws * marked) / total
      return { total, marked, draws, x: Math.floor(mean + (random() * 8 - 4) * Math.sqrt(mean + 1)) }
    })
    const off = worst(cases, ({ total, marked, draws, x }) =>
      Math.abs(hypergeometricLower(x, total, marked, draws) - stdHypergeometricCdf(x, total, marked, draws)),
    )
    expect(off.error).toBeLessThan(5e-11)
  })
  test('hypergeometric tails agree with whole-number arithmetic to 11 digits, however small', () => {
    /** C(n, 0) … C(n, n). */
    const row = (n: number): bigint[] => {
      const all = [1n]
      for (let k = 1; k <= n; k++) all.push((all[k - 1]! * BigInt(n - k + 1)) / BigInt(k))
      return all
    }
    const quotient = (above: bigint, below: bigint): number => {
      const shift = below.toString().length - above.toString().length + 20
      return Number(`${(above * 10n ** BigInt(shift)) / below}e-${shift}`)
    }
    for (const [total, marked, draws] of [
      [16, 8, 8],
      [200, 169, 60],
      [1175, 800, 300],
    ] as const) {
      const [hits, misses, all] = [row(marked), row(total - marked), row(total)[draws]!]
      let tail = 0n
      for (let s = Math.min(draws, marked); s > Math.max(0, draws + marked - total); s--) {
        tail += hits[s]! * misses[draws - s]!
        const exact = quotient(tail, all)
        if (exact > 1e-290) expect(relative(hypergeometricUpper(s, total, marked, draws), exact)).toBeLessThan(1e-11)
      }
    }
  })
  test('tails beyond what can happen are 0 and 1', () => {
    expect([hypergeometricUpper(0, 10, 5, 3), hypergeometricUpper(4, 10, 5, 3)]).toEqual([1, 0])
    expect([hypergeometricLower(-1, 10, 5, 3), hypergeometricLower(3, 10, 5, 3)]).toEqual([0, 1])
    expect([binomialUpper(0, 5, 0.3), binomialUpper(6, 5, 0.3)]).toEqual([1, 0])
    expect([binomialLower(-1, 5, 0.3), binomialLower(5, 5, 0.3)]).toEqual([0, 1])
  })
  test('ln n! is ln Γ(n+1)', () => {
    for (const n of [0, 1, 2, 10, 1000, 123_456]) {
      expect(Math.abs(logFactorial(n) - logGamma(n + 1))).toBeLessThanOrEqual(1e-15 * Math.max(4, logGamma(n + 1)))
    }
    expect(() => logFactorial(1.5)).toThrow(RangeError)
  })
})

test('log-sum-exp neither overflows nor loses an empty sum', () => {
  expect(logSumExp([1000, 1000])).toBeCloseTo(1000 + Math.LN2, 12)
  expect(logSumExp([-2000, -2000])).toBeCloseTo(-2000 + Math.LN2, 12)
  expect(logSumExp([])).toBe(-Infinity)
  expect(logSumExp([-Infinity, 3])).toBe(3)
  expect(logSumExp([Infinity, 3])).toBe(Infinity)
  expect(logMeanExp([5, 5, 5])).toBeCloseTo(5, 14)
})
