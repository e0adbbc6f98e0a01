// Examples that broke: screened in the first look, confirmed in new runs of the suspects alone.
import { confirmFlips, FLIP_RERUNS, isSuspect } from '../../../packages/core/src/statistics/flips.ts'
import { atLeast, atMost, known, percent, source } from './models.mjs'

const SIZE = 200

/** An example that is broken passed with the chance `before` and passes with 1 - before now; all others are as they were. */
function look(draws, { runs, broken, before, repeats }) {
  const arms = (k, chance, now) => ({
    base: { passes: draws.passes(k, chance), runs: k },
    candidate: { passes: draws.passes(k, now), runs: k },
  })
  let [found, falseShare, calls, suspected, innocent] = [0, 0, 0, 0, 0]
  for (let run = 0; run < repeats; run++) {
    const suspects = []
    for (let i = 0; i < SIZE; i++) {
      const isBroken = i < broken
      const chance = isBroken ? before : draws.chance(0.9, 1)
      const now = isBroken ? 1 - before : chance
      if (isSuspect(arms(runs, chance, now))) suspects.push({ isBroken, ...arms(FLIP_RERUNS, chance, now) })
    }
    const findings = confirmFlips(suspects)
    const confirmed = suspects.filter((_, i) => findings[i].outcome === 'confirmed')
    const right = confirmed.filter(({ isBroken }) => isBroken).length
    found += right
    falseShare += confirmed.length === 0 ? 0 : (confirmed.length - right) / confirmed.length
    calls += (2 * FLIP_RERUNS * suspects.length) / SIZE
    suspected += suspects.length
    innocent += suspects.filter(({ isBroken }) => !isBroken).length
  }
  return {
    found: percent(found, broken * repeats),
    falseShare: percent(falseShare, repeats),
    calls: calls / repeats,
    raw: percent(innocent, suspected),
  }
}

function confirmed(runs) {
  const draws = source(`flips/${runs}`)
  const usual = { runs, before: 0.97, repeats: 4000 }
  const [few, many] = [6, 20].map((broken) => look(draws, { ...usual, broken }))
  const weak = look(draws, { ...usual, before: 0.95, broken: 6 })
  const none = look(draws, { ...usual, broken: 0 })
  return [
    atLeast(
      `broken examples confirmed, k=${runs} (3 and 10 % of 200 broken: passed 97 %, pass 3 %)`,
      Math.min(few.found, many.found),
      90,
    ),
    known(`  broken from 95 % to 5 %${runs === 1 ? ' (a single look can suspect 90.25 % of them)' : ''}`, weak.found),
    atMost(
      '  falsely confirmed among the confirmed, worst of the four',
      Math.max(few.falseShare, many.falseShare, weak.falseShare, none.falseShare),
      2,
    ),
    known('  of the list before confirmation, false', few.raw),
    known(
      '  extra calls for each example, nothing broken / 3 % / 10 %',
      `${none.calls.toFixed(1)} / ${few.calls.toFixed(1)} / ${many.calls.toFixed(1)}`,
      '',
    ),
  ]
}

export const parts = { k1: () => confirmed(1), k3: () => confirmed(3), k5: () => confirmed(5) }
