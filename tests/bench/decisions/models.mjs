import { seededRandom } from '../../../packages/core/src/random.ts'
import { logGamma } from '../../../packages/core/src/statistics/gamma.ts'
import { logChoose } from '../../../packages/core/src/statistics/hypergeometric.ts'

/** One line of the table: a figure, and the goal that it has to keep where there is one. */
export const atMost = (what, figure, most, unit = '%') => ({
  what,
  figure,
  goal: `<= ${most}`,
  unit,
  ok: figure <= most,
})
export const atLeast = (what, figure, least, unit = '%') => ({
  what,
  figure,
  goal: `>= ${least}`,
  unit,
  ok: figure >= least,
})
export const known = (what, figure, unit = '%') => ({ what, figure, goal: '', unit, ok: true })

/** Draws for one part of the simulation; the same seed gives the same table. */
export function source(seed) {
  const random = seededRandom(`decisions/${seed}`)
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
  /** Marsaglia & Tsang 2000. */
  const gamma = (shape) => {
    if (shape < 1) return gamma(shape + 1) * random() ** (1 / shape)
    const d = shape - 1 / 3
    const c = 1 / Math.sqrt(9 * d)
    for (;;) {
      const x = normal()
      const v = (1 + c * x) ** 3
      if (v > 0 && Math.log(1 - random()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v
    }
  }
  return {
    random,
    normal,
    /**
     * An example's chance to pass in a golden set of that mean: beta distributed with the concentration given. Near 0 the examples always
     * or never pass, 1 is a golden set as one meets it, Infinity makes all examples alike.
     */
    chance(mean, concentration) {
      if (concentration === Number.POSITIVE_INFINITY) return mean
      const pass = gamma(mean * concentration)
      return pass / (pass + gamma((1 - mean) * concentration))
    },
    passes(runs, chance) {
      let count = 0
      for (let i = 0; i < runs; i++) if (random() < chance) count++
      return count
    },
  }
}

/** The chances of 0 … k passes of an example drawn from such a golden set: the beta-binomial distribution. */
export function passDistribution(k, mean, concentration) {
  const logBeta = (a, b) => logGamma(a) + logGamma(b) - logGamma(a + b)
  const [a, b] = [mean * concentration, (1 - mean) * concentration]
  return Array.from({ length: k + 1 }, (_, c) =>
    concentration === Number.POSITIVE_INFINITY
      ? Math.exp(logChoose(k, c)) * mean ** c * (1 - mean) ** (k - c)
      : Math.exp(logChoose(k, c) + logBeta(a + c, b + k - c) - logBeta(a, b)),
  )
}

/** The distribution of the number of passes over examples of these chances. */
export function sumDistribution(chances) {
  const mass = new Float64Array(chances.length + 1)
  mass[0] = 1
  for (const [i, chance] of chances.entries()) {
    for (let s = i + 1; s >= 0; s--) mass[s] = mass[s] * (1 - chance) + (s > 0 ? mass[s - 1] * chance : 0)
  }
  return mass
}

export const percent = (count, of) => (100 * count) / of
export const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length
