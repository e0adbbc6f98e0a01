// A candidate against its baseline on the same examples.
import { comparePaired } from '../../../packages/core/src/statistics/paired.ts'
import { atLeast, atMost, known, percent, source } from './models.mjs'

const SIZE = 200

/** Comparisons of golden sets of this kind; the candidate's chances are lower by `drop` each, or as `worse` makes them. */
function compare(
  draws,
  {
    n = SIZE,
    mean,
    concentration,
    runs,
    baseRuns = runs,
    drop = 0,
    repeats,
    worse = (chance) => Math.max(0, chance - drop),
  },
) {
  const seen = { regression: 0, inconclusive: 0, 'no worse': 0, 'within margin': 0 }
  let detectable = 0
  for (let run = 0; run < repeats; run++) {
    const pairs = Array.from({ length: n }, () => {
      const chance = draws.chance(mean, concentration)
      return {
        base: { passes: draws.passes(baseRuns, chance), runs: baseRuns },
        candidate: { passes: draws.passes(runs, worse(chance)), runs },
      }
    })
    const judgement = comparePaired(pairs)
    seen[judgement.reading]++
    detectable += judgement.detectableDrop / repeats
  }
  return {
    regression: percent(seen.regression, repeats),
    passed: percent(seen['no worse'] + seen['within margin'], repeats),
    withinMargin: percent(seen['within margin'], repeats),
    detectable,
  }
}

function regression() {
  const draws = source('paired/regression')
  const usual = { mean: 0.9, concentration: 1, runs: 3, repeats: 10_000 }
  let [worst, cell] = [0, '']
  for (const mean of [0.7, 0.85, 0.9, 0.95]) {
    for (const concentration of [0.3, 1, 3, Number.POSITIVE_INFINITY]) {
      const { regression } = compare(draws, { mean, concentration, runs: 3, repeats: 6000 })
      if (regression > worst) [worst, cell] = [regression, `mean ${mean}, concentration ${concentration}`]
    }
  }
  const dropped = compare(draws, { ...usual, drop: 0.05 })
  return [
    atMost('false regression, n=200, k=3 (golden sets of mean 0.9)', compare(draws, usual).regression, 5),
    atMost(`  worst of 16 kinds of golden sets (${cell})`, worst, 5),
    atLeast('a drop of 5 pp found, n=200, k=3', dropped.regression, 95),
    atMost('  and passed as no worse', dropped.passed, 5),
    known('the same drop with k=1', compare(draws, { ...usual, runs: 1, repeats: 4000, drop: 0.05 }).regression),
    known(
      'the same drop with all examples alike (the noisiest golden set), k=3',
      compare(draws, { ...usual, concentration: Number.POSITIVE_INFINITY, repeats: 4000, drop: 0.05 }).regression,
    ),
  ]
}

function history() {
  const draws = source('paired/history')
  const usual = { mean: 0.9, concentration: 1, runs: 3, baseRuns: 20, repeats: 5000 }
  return [
    known('baseline of 20 pooled runs, k=3: false regression', compare(draws, usual).regression),
    known('baseline of 20 pooled runs, k=3: a drop of 5 pp found', compare(draws, { ...usual, drop: 0.05 }).regression),
  ]
}

function margin() {
  const draws = source('paired/margin')
  const rows = []
  for (const runs of [1, 3]) {
    let worst = 0
    for (const mean of [0.7, 0.85, 0.95]) {
      for (const concentration of [0.3, 1, Number.POSITIVE_INFINITY]) {
        // In proportion, so that the mean drops by the whole margin though no chance falls below 0.
        const worse = (chance) => chance * (1 - 0.03 / mean)
        const { passed } = compare(draws, { mean, concentration, runs, repeats: 4000, worse })
        worst = Math.max(worst, passed)
      }
    }
    rows.push(known(`a drop of exactly the margin (3 pp) passed, k=${runs}, worst of 9 kinds`, worst))
  }
  return rows
}

/** What the report calls detectable has to be found about four times in five. */
function detectable() {
  const draws = source('paired/detectable')
  let [least, most] = [100, 0]
  for (const runs of [1, 3, 5]) {
    for (const mean of [0.85, 0.95]) {
      for (const concentration of [0.3, 1, Number.POSITIVE_INFINITY]) {
        const kind = { mean, concentration, runs }
        const { detectable: drop } = compare(draws, { ...kind, repeats: 300 })
        const { regression, withinMargin } = compare(draws, { ...kind, drop, repeats: 1500 })
        // A drop within the margin is seen too, but reads "within margin".
        const found = regression + withinMargin
        least = Math.min(least, found)
        most = Math.max(most, found)
      }
    }
  }
  return [
    atLeast('the drop that a comparison calls detectable is found, least of 18 kinds', least, 75),
    known('  most of 18 kinds', most),
  ]
}

export const parts = { regression, history, margin, detectable }
