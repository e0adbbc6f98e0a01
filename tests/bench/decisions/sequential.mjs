// What an early stop saves, and how often it answers otherwise than the full run.
import {
  certainBoundary,
  sequentialBoundary,
  walk,
  walkFinite,
} from '../../../packages/core/src/statistics/boundary.ts'
import { lookAhead } from '../../../packages/core/src/statistics/look-ahead.ts'
import { criticalCounts, needPasses } from '../../../packages/core/src/statistics/need.ts'
import { SequentialGate } from '../../../packages/core/src/statistics/sequential-gate.ts'
import { SequentialScoreGate } from '../../../packages/core/src/statistics/sequential-score.ts'
import { judgeStopped } from '../../../packages/core/src/statistics/stopped.ts'
import { atMost, known, mean, percent, source } from './models.mjs'

const TOTAL = 200
const THRESHOLD = 0.85
const CHANCES = [0.5, 0.7, 0.8, 0.9, 0.95, 0.99]
const DISAGREEMENT = 0.01
const NEED = needPasses(TOTAL, THRESHOLD)

/** What a full run is: met, missed, or null for neither. */
const fullRun = ({ need, mostMissed }, passes) => (passes >= need ? true : passes <= mostMissed ? false : null)

/** One run in simulated time: calls start as far as `ahead` lets them, results come in as they end. */
function run(gate, outcomes, duration, concurrency, ahead) {
  const inFlight = []
  let [started, now] = [0, 0]
  while (!gate.decision) {
    const room = Math.min(concurrency - inFlight.length, gate.total - started)
    for (let more = ahead(gate, inFlight.length, room); more > 0; more--, started++) {
      inFlight.push({ place: started, end: now + duration(outcomes[started]) })
    }
    if (inFlight.length === 0) break
    const next = inFlight.reduce((first, call, i) => (call.end < inFlight[first].end ? i : first), 0)
    const [done] = inFlight.splice(next, 1)
    now = done.end
    gate.record(done.place, outcomes[done.place])
  }
  return { started, time: now }
}

const everything = (_gate, _inFlight, room) => room

function measure(seed, boundary, { concurrency, slowness = 1, ahead = everything, runs = 2000 }) {
  const { random } = source(`sequential/${seed}`)
  const duration = (passed) => (passed ? 1 : slowness) * (0.5 + random())
  const found = CHANCES.map((chance) => {
    let [calls, time, other] = [0, 0, 0]
    for (let i = 0; i < runs; i++) {
      const outcomes = Array.from({ length: TOTAL }, () => (random() < chance ? 1 : 0))
      const gate = new SequentialGate(boundary)
      const { started, time: taken } = run(gate, outcomes, duration, concurrency, ahead)
      calls += started
      time += taken
      const passes = outcomes.reduce((sum, outcome) => sum + outcome, 0)
      if ((gate.decision?.met ?? null) !== fullRun(boundary, passes)) other++
    }
    return { calls: percent(calls, runs * TOTAL), time: time / runs, other: percent(other, runs) }
  })
  return {
    calls: mean(found.map(({ calls }) => calls)),
    each: found.map(({ calls }) => calls.toFixed(0)).join('/'),
    time: mean(found.map(({ time }) => time)),
    other: Math.max(...found.map(({ other }) => other)),
  }
}

const confident = () => sequentialBoundary(TOTAL, NEED, DISAGREEMENT)

function alone() {
  const { confirm, refute } = criticalCounts(TOTAL, THRESHOLD, 0.95)
  const certain = measure('certain', certainBoundary(TOTAL, confirm, refute), { concurrency: 1 })
  const one = measure('alone', confident(), { concurrency: 1 })
  return [
    atMost(`mean calls, concurrency 1 (at p = ${CHANCES.join('/')}: ${one.each})`, one.calls, 38),
    known(`  stop: certain (${certain.each})`, certain.calls),
    atMost('  stop: certain, another word than the full run has', certain.other, 0),
  ]
}

function together(slowness) {
  const boundary = confident()
  const name = slowness === 1 ? 'concurrency 8' : `concurrency 8, failures ${slowness} times slower`
  const greedy = measure(`greedy-${slowness}`, boundary, { concurrency: 8, slowness })
  const careful = measure(`careful-${slowness}`, boundary, { concurrency: 8, slowness, ahead: lookAhead })
  return [
    atMost(`mean calls, ${name}, with look-ahead (${careful.each})`, careful.calls, 45),
    atMost(`  without look-ahead (${greedy.each})`, greedy.calls, 45),
    known('  time that look-ahead costs', 100 * (careful.time / greedy.time - 1)),
    atMost('  disagreement with the full run, worst of the six', careful.other, 1),
  ]
}

/** All paths of all finite runs: the chance, at the worst final count, of another answer than the full run's. */
function disagreement() {
  let [worst, cell] = [0, '']
  for (const total of [20, 30, 50, 100, 200, 500, 1000]) {
    for (const threshold of [0.5, 0.7, 0.8, 0.85, 0.9, 0.95, 0.99]) {
      const boundary = sequentialBoundary(total, needPasses(total, threshold), DISAGREEMENT)
      const step = total > 200 ? Math.ceil(total / 100) : 1
      for (let passes = 0; passes <= total; passes++) {
        // Far from the need nothing can go wrong; there only every step-th count is walked.
        if (Math.abs(passes - boundary.need) > 5 && passes % step !== 0) continue
        const { met, missed } = walkFinite(boundary, passes)
        const error = 100 * (passes >= boundary.need ? missed : met)
        if (error > worst) [worst, cell] = [error, `N=${total}, T=${threshold}`]
      }
    }
  }
  return [atMost(`disagreement with the full run, exact, worst final count of 49 gates (${cell})`, worst, 1)]
}

/** A verdict confirmed after a stop is false as seldom as one of a full run: every stop that confirms, weighed at the hardest share. */
function confirmed() {
  let worst = 0
  for (const maxDisagreement of [0, DISAGREEMENT]) {
    for (const total of [50, 100, 200, 500]) {
      for (const threshold of [0.8, 0.85, 0.9, 0.95]) {
        const boundary = sequentialBoundary(total, needPasses(total, threshold), maxDisagreement)
        for (const met of [true, false]) {
          let last = 0
          for (let committed = 1; committed <= total; committed++) {
            const decision = { met, by: 'confident', committed, passes: 0 }
            if (judgeStopped({ boundary, decision }, threshold, 0.95, committed).verdict !== 'inconclusive')
              last = committed
          }
          const side = walk(boundary, () => threshold, last)
          worst = Math.max(worst, last === 0 ? 0 : 100 * (met ? side.met : side.missed))
        }
      }
    }
  }
  return [atMost('false confirmed verdicts after an early stop, exact, worst of 32 gates', worst, 5)]
}

function scores() {
  const { random } = source('sequential/scores')
  const runs = 1000
  const found = [0.6, 0.7, 0.78, 0.82, 0.9].map((level) => {
    let [calls, other] = [0, 0]
    for (let i = 0; i < runs; i++) {
      const outcomes = Array.from({ length: TOTAL }, () => Math.min(1, Math.max(0, level + 0.5 * (random() - 0.5))))
      const gate = new SequentialScoreGate(TOTAL, 0.8, DISAGREEMENT)
      calls += run(gate, outcomes, () => 1, 1, everything).started
      if (gate.decision && gate.decision.met !== mean(outcomes) >= 0.8) other++
    }
    return { calls: percent(calls, runs * TOTAL), other: percent(other, runs) }
  })
  const each = found.map(({ calls }) => calls.toFixed(0)).join('/')
  return [
    known(
      `fractional scores, T=0.8: mean calls (at means .6/.7/.78/.82/.9: ${each})`,
      mean(found.map(({ calls }) => calls)),
    ),
    atMost('  disagreement with the full run, worst of the five', Math.max(...found.map(({ other }) => other)), 1),
  ]
}

export const parts = { alone, together: () => together(1), slow: () => together(3), disagreement, confirmed, scores }
