// Many series watched for a month: how often the detector cries wolf, and how soon it sees a step.
import { confirm } from '../../../packages/core/src/nightly/confirm.ts'
import { readControl } from '../../../packages/core/src/nightly/control.ts'
import { detect } from '../../../packages/core/src/nightly/detect.ts'
import { seriesId } from '../../../packages/core/src/nightly/series.ts'
import { atLeast, atMost, known, mean, percent, source } from './models.mjs'

const SERIES = 200
const NIGHTS = 30
const dayOf = (at) => new Date(Date.UTC(2026, 0, 1) + at * 86_400_000).toISOString().slice(0, 10)

/** Of an accuracy, so that all examples' chances are drawn once: what a run's share of passes is, and how it scatters. */
function goldenSet(draws, mean, n) {
  let [passes, variance] = [0, 0]
  for (let i = 0; i < n; i++) {
    const chance = draws.chance(mean, 1)
    passes += chance
    variance += chance * (1 - chance)
  }
  return { mean: passes / n, deviation: Math.sqrt(variance) / n }
}

/** Accuracies: a run of golden sets (concentration 1) whose means lie between two bounds; the number of passes is rounded to a whole one. */
function accuracies(draws, { n, from = 0.9, to = 0.96 }) {
  const sets = Array.from({ length: SERIES }, (_, at) => goldenSet(draws, from + ((to - from) * at) / SERIES, n))
  const run = (at, shift) => {
    const { mean, deviation } = sets[at]
    const passes = Math.round(n * (mean + shift + deviation * draws.normal()))
    return Math.min(n, Math.max(0, passes)) / n
  }
  return { metric: 'accuracy', unit: 'fraction', n, run, step: (points) => -points }
}

/** 95th percentiles of log-normal latencies of n calls; they scatter as a quantile does: sqrt(p(1-p)/n) over the density there. */
function latencies(draws, { n }) {
  const [sigma, z, density] = [0.5, 1.645, 0.1031]
  const deviation = (sigma * Math.sqrt((0.95 * 0.05) / n)) / density
  const run = (at, shift) => 800 * (1 + at / SERIES) * Math.exp(sigma * z + shift + deviation * draws.normal())
  return { metric: 'latency_p95_ms', unit: 'ms', n, run, step: Math.log1p }
}

/**
 * Months of so many series, the pinned nights before them. `steps`: how many series fall from the first night on, by `drop`; `noise`: the
 * standard deviation of what a night does to a series, half of it remembered the next night; `settled`: nights after the baseline and
 * before the fall.
 */
function months(draws, kind, { baseline, repeats, steps = 0, drop = 0, noise = 0, settled = 0 }) {
  const total = { alerts: 0, nights: 0, by: { 1: 0, 3: 0, 7: 0, 30: 0 } }
  const perMonth = []
  for (let month = 0; month < repeats; month++) {
    const { metric, unit, n, run, step } = kind()
    const fallen = new Set(Array.from({ length: steps }, (_, i) => Math.floor(((i + 0.5) * SERIES) / steps)))
    const nightly = Array.from({ length: SERIES }, () => draws.normal())
    const series = Array.from({ length: SERIES }, (_, at) => ({
      key: { dataset: `set-${at}`, model: null, prompts: null, metric },
      unit,
      points: [],
    }))
    const first = new Map()
    const firing = new Set()
    const begin = baseline + settled
    let alerts = 0
    for (let at = 0; at < begin + NIGHTS; at++) {
      const shiftOf = (i) => noise * nightly[i] + (at >= begin && fallen.has(i) ? step(drop) : 0)
      for (const [i, { points }] of series.entries()) {
        nightly[i] = 0.5 * nightly[i] + Math.sqrt(0.75) * draws.normal()
        points.push({ night: dayOf(at), value: run(i, shiftOf(i)), n, comparable: '', runUrl: null })
      }
      if (at < begin) continue
      const found = detect(series, { night: dayOf(at), settings: { baselineNights: baseline } })
      const reruns = found.reruns.flatMap(({ dataset, runs }) => {
        const i = Number(dataset.slice(4))
        const again = () => ({ [metric]: { value: run(i, shiftOf(i)), n } })
        const leg = { arm: 'current', dataset, model: null, prompts: null, verdict: 'passed' }
        return Array.from({ length: runs }, () => ({ ...leg, metrics: again(), imperfect: {}, repeats: 1 }))
      })
      for (const [i, { state }] of confirm(found, reruns).entries()) {
        if (state === 'steady' || state === 'improved') firing.delete(i)
        if (state !== 'regressed') continue
        if (fallen.has(i)) {
          if (!first.has(i)) first.set(i, at - begin + 1)
          continue
        }
        total.nights++
        // People are told once, until it is well again.
        if (!firing.has(i)) alerts++
        firing.add(i)
      }
    }
    perMonth.push(alerts)
    for (const night of first.values()) for (const by of Object.keys(total.by)) if (night <= by) total.by[by]++
  }
  const found = (by) => percent(total.by[by], repeats * steps)
  return { alerts: mean(perMonth), nights: total.nights / repeats, found }
}

const MONTHS = 40

function quiet(n, baseline) {
  const draws = source(`nightly/quiet/${n}/${baseline}`)
  const { alerts, nights } = months(draws, () => accuracies(draws, { n }), { baseline, repeats: MONTHS })
  return [
    atMost(`200 series x 30 nights, n=${n}, ${baseline} baseline nights: false alerts`, alerts, 1, ''),
    known('  nights that a series is called a regression', nights, ''),
  ]
}

function step(n, least) {
  const draws = source(`nightly/step/${n}`)
  const usual = { baseline: 28, repeats: 15, steps: 20, drop: 0.05 }
  const { alerts, found } = months(draws, () => accuracies(draws, { n }), usual)
  return [
    atLeast(`20 of 200 series fall by 5 points, n=${n}: found by night 3`, found(3), least),
    known(`  by night 1`, found(1)),
    known(`  by night 7`, found(7)),
    known('  false alerts of the other series', alerts, ''),
  ]
}

function harder() {
  const draws = source('nightly/harder')
  const usual = { baseline: 28, repeats: 15, steps: 20, drop: 0.05 }
  const noisier = months(draws, () => accuracies(draws, { n: 100, from: 0.85, to: 0.95 }), usual)
  const lonely = months(draws, () => accuracies(draws, { n: 100 }), { ...usual, steps: 1, repeats: 40 })
  const late = months(draws, () => accuracies(draws, { n: 100 }), { ...usual, settled: 14 })
  return [
    known('the same, n=100, of accuracies 0.85 to 0.95 (a third more noise): by night 3', noisier.found(3)),
    known('the same, n=100, a single series of 200: by night 3', lonely.found(3)),
    known('the same, n=100, 14 good nights after the baseline: by night 3', late.found(3)),
    known('  by night 7', late.found(7)),
  ]
}

function remembered(n, before) {
  const draws = source(`nightly/remembered/${n}`)
  const quiet = { baseline: 28, repeats: MONTHS, noise: 0.01 }
  const { alerts, nights } = months(draws, () => accuracies(draws, { n }), quiet)
  const { found } = months(draws, () => accuracies(draws, { n }), { ...quiet, repeats: 10, steps: 20, drop: 0.05 })
  return [
    known(`autocorrelated night noise (AR .5, 1 point), n=${n}: false alerts`, alerts, ''),
    atMost(
      `  nights that a series is called a regression (${before} in the study that knew no memory)`,
      nights,
      before / 2,
      '',
    ),
    known('  a fall by 5 points found by night 3', found(3)),
    known('  by night 7', found(7)),
  ]
}

function slower() {
  const draws = source('nightly/slower')
  const usual = { baseline: 28, repeats: 20 }
  const quiet = months(draws, () => latencies(draws, { n: 100 }), usual)
  const { found } = months(draws, () => latencies(draws, { n: 100 }), { ...usual, repeats: 10, steps: 20, drop: 0.3 })
  return [
    atMost('p95 of latencies, 200 series x 30 nights: false alerts', quiet.alerts, 1, ''),
    known('  20 of 200 rise by 30 %: found by night 3', found(3)),
  ]
}

/** Who moved: both arms measured once more after a confirmed fall. */
function control() {
  const draws = source('nightly/control')
  const n = 100
  const rows = []
  for (const [who, ours, theirs] of [
    ['provider', -0.08, -0.08],
    ['us', -0.08, 0],
  ]) {
    const seen = { provider: 0, us: 0, both: 0, unknown: 0 }
    const repeats = 400
    for (let each = 0; each < repeats; each++) {
      const chances = Array.from({ length: n }, () => draws.chance(0.92, 1))
      const night = (at, arm, shift) => {
        const imperfect = {}
        let passes = 0
        for (const [i, chance] of chances.entries()) {
          const passed = draws.random() < chance * (1 + shift)
          if (passed) passes++
          else imperfect[i] = [0, 1]
        }
        return {
          ...{ night: dayOf(at), arm, dataset: 'set', model: null, prompts: null, verdict: 'passed', repeats: 1 },
          ...{ examples: n, imperfect, fingerprint: {}, answered: [], metrics: { accuracy: { value: passes / n, n } } },
        }
      }
      const key = { dataset: 'set', model: null, prompts: null, metric: 'accuracy' }
      const points = Array.from({ length: 29 }, (_, at) => {
        const { value } = night(at, 'current', at === 28 ? ours : 0).metrics.accuracy
        return { night: dayOf(at), value, n, comparable: '', runUrl: null }
      })
      const { judged } = detect([{ key, unit: 'fraction', points }], { night: dayOf(28) })
      const runs = (arm, shift) => Array.from({ length: 3 }, () => night(28, arm, shift))
      seen[readControl(judged.get(seriesId(key)), runs('current', ours), runs('control', theirs)).cause]++
    }
    const wrong = who === 'us' ? seen.provider : seen.us
    rows.push(
      known(
        `${who === 'us' ? 'we' : 'the provider'} fell by 8 %, three runs an arm, n=100: said so`,
        percent(seen[who], repeats),
      ),
      atMost('  the other one accused alone', percent(wrong, repeats), 5),
      known('  both, or unknown', percent(seen.both + seen.unknown, repeats)),
    )
  }
  return rows
}

export const parts = {
  quiet100: () => quiet(100, 28),
  quiet100short: () => quiet(100, 14),
  quiet300: () => quiet(300, 28),
  quiet300short: () => quiet(300, 14),
  step100: () => step(100, 90),
  step300: () => step(300, 98),
  harder,
  remembered100: () => remembered(100, 7),
  remembered300: () => remembered(300, 20),
  slower,
  control,
}
