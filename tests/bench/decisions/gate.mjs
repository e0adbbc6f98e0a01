// A gate's verdicts at the hardest true share, the threshold itself: whatever is confirmed there is false.
import { effectiveSample } from '../../../packages/core/src/statistics/effective-size.ts'
import { judgeMean } from '../../../packages/core/src/statistics/mean-gate.ts'
import { judgeQuantile } from '../../../packages/core/src/statistics/quantile-gate.ts'
import { judgeShare } from '../../../packages/core/src/statistics/share-gate.ts'
import { atMost, known, mean, passDistribution, percent, source, sumDistribution } from './models.mjs'

const SIZES = [30, 50, 100, 200, 500, 1000]
const THRESHOLDS = [0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.97, 0.99]
const CONCENTRATIONS = [0.3, 1, 3, 10, Number.POSITIVE_INFINITY]
const CONFIDENCE = 0.95

const verdicts = (n, threshold) =>
  Array.from({ length: n + 1 }, (_, s) => judgeShare({ mean: s / n, size: n }, threshold, CONFIDENCE).verdict)

/** The chance of a verdict under a distribution of the number of passes. */
const chanceOf = (verdict, all, mass) => all.reduce((sum, one, s) => sum + (one === verdict ? mass[s] : 0), 0)

function exact() {
  let [worst, cell] = [0, '']
  for (const n of SIZES) {
    for (const threshold of THRESHOLDS) {
      const all = verdicts(n, threshold)
      const mass = sumDistribution(new Array(n).fill(threshold))
      const error = 100 * Math.max(chanceOf('passed', all, mass), chanceOf('failed', all, mass))
      if (error > worst) [worst, cell] = [error, `n=${n}, T=${threshold}`]
    }
  }
  return [
    atMost(`false confirmed verdicts, worst of ${SIZES.length * THRESHOLDS.length} cells, exact (${cell})`, worst, 5),
  ]
}

/** The share of false passes and of false failures over many runs with k repeats, whichever is larger. */
function repeated({ random }, k, { n, threshold, concentration }, runs) {
  const distribution = passDistribution(k, threshold, concentration)
  const tallies = distribution.map((_, sum) => ({ trials: k, sum, squares: sum }))
  const known = new Map()
  const seen = { passed: 0, failed: 0, inconclusive: 0 }
  for (let run = 0; run < runs; run++) {
    const counts = new Array(k + 1).fill(0)
    for (let i = 0; i < n; i++) {
      let left = random()
      let c = k
      for (; c > 0 && left >= distribution[c]; c--) left -= distribution[c]
      counts[c]++
    }
    const key = counts.join()
    let verdict = known.get(key)
    if (verdict === undefined) {
      const sample = effectiveSample(
        counts.flatMap((count, c) => new Array(count).fill(tallies[c])),
        CONFIDENCE,
      )
      verdict = judgeShare(sample, threshold, CONFIDENCE).verdict
      known.set(key, verdict)
    }
    seen[verdict]++
  }
  return percent(Math.max(seen.passed, seen.failed), runs)
}

function repeats(k) {
  const draws = source(`gate/repeats-${k}`)
  const cells = SIZES.flatMap((n) =>
    THRESHOLDS.flatMap((threshold) => CONCENTRATIONS.map((concentration) => ({ n, threshold, concentration }))),
  )
  // The worst of many noisy figures is too high by its noise: the candidates for the worst are measured anew, alone.
  const worst = cells
    .map((cell) => ({ cell, error: repeated(draws, k, cell, 4000) }))
    .sort((a, b) => b.error - a.error)
    .slice(0, 8)
    .map(({ cell }) => ({ cell, error: repeated(draws, k, cell, 60_000) }))
    .sort((a, b) => b.error - a.error)[0]
  const { n, threshold, concentration } = worst.cell
  const where = `n=${n}, T=${threshold}, concentration ${concentration}`
  return [atMost(`the same with ${k} repeats, worst of ${cells.length} cells (${where})`, worst.error, 5.5)]
}

/** Two runs of the same prompt on the same golden set: one passed, the other failed. */
function reruns() {
  const draws = source('gate/reruns')
  const [n, threshold] = [100, 0.85]
  const all = verdicts(n, threshold)
  const contradiction = (chances) => {
    const mass = sumDistribution(chances)
    return 200 * chanceOf('passed', all, mass) * chanceOf('failed', all, mass)
  }
  const naive = (chances) => {
    const met = sumDistribution(chances).reduce((sum, one, s) => sum + (s >= threshold * n ? one : 0), 0)
    return 200 * met * (1 - met)
  }
  const sets = Array.from({ length: 2000 }, () => Array.from({ length: n }, () => draws.chance(threshold, 1))).filter(
    (chances) => Math.abs(mean(chances) - threshold) <= 0.03,
  )
  return [
    atMost(
      `two reruns contradict each other, n=100, T=0.85, golden sets within 3 pp of T`,
      mean(sets.map(contradiction)),
      0.1,
    ),
    known('  the plain rule "observed >= T" on the same sets', mean(sets.map(naive))),
    known(
      '  the worst there can be: every example passes with a chance of exactly T',
      contradiction(new Array(n).fill(threshold)),
    ),
  ]
}

function dataset() {
  const draws = source('gate/dataset')
  const rows = []
  for (const k of [3, 5]) {
    let worst = 0
    for (const threshold of [0.5, 0.85, 0.95]) {
      for (const concentration of CONCENTRATIONS) {
        const seen = { passed: 0, failed: 0, inconclusive: 0 }
        for (let set = 0; set < 20; set++) {
          const chances = Array.from({ length: 100 }, () => draws.chance(threshold, concentration))
          for (let run = 0; run < 400; run++) {
            const tallies = chances.map((chance) => {
              const sum = draws.passes(k, chance)
              return { trials: k, sum, squares: sum }
            })
            seen[judgeShare(effectiveSample(tallies, CONFIDENCE, 'dataset'), mean(chances), CONFIDENCE).verdict]++
          }
        }
        worst = Math.max(worst, percent(Math.max(seen.passed, seen.failed), 8000))
      }
    }
    rows.push(known(`estimand: dataset, ${k} repeats, n=100: false confirmed verdicts, worst of 15 cells`, worst))
  }
  return rows
}

function amounts() {
  const draws = source('gate/amounts')
  const [n, runs] = [100, 6000]
  const rows = []
  const latency = () => {
    const typical = Math.exp(0.4 * draws.normal())
    return { values: Array.from({ length: 3 }, () => typical * Math.exp(0.4 * draws.normal())) }
  }
  // ln of a latency has the variance 0.16 + 0.16.
  const deviation = Math.sqrt(0.32)
  for (const [what, judge] of [
    ['latency p95', (sample) => judgeQuantile(sample, 0.95, Math.exp(1.6448536269514722 * deviation), CONFIDENCE)],
    ['latency mean', (sample) => judgeMean(sample, Math.exp(deviation ** 2 / 2), CONFIDENCE)],
  ]) {
    const seen = { passed: 0, failed: 0, inconclusive: 0 }
    for (let run = 0; run < runs; run++) seen[judge(Array.from({ length: n }, latency)).verdict]++
    rows.push(known(`${what}, log-normal, n=100, 3 repeats: falsely passed`, percent(seen.passed, runs)))
    rows.push(known(`${what}, log-normal, n=100, 3 repeats: falsely failed`, percent(seen.failed, runs)))
  }
  return rows
}

export const parts = { exact, repeats3: () => repeats(3), repeats5: () => repeats(5), reruns, dataset, amounts }
