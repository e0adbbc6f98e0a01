// A change of prompts under the shipped decision: suspects are run again in both arms as the action does it.
import { pairRuns, suspectsOf } from '../../../packages/core/src/comparison.ts'
import { decidePrompts, judgeReruns } from '../../../packages/core/src/prompt-verdict.ts'
import { FLIP_RERUNS } from '../../../packages/core/src/statistics/flips.ts'
import { atLeast, atMost, known, percent, source } from './models.mjs'

const SIZE = 200
const RUNS = 3
const RULES = { confidence: 0.95, margin: 0.03, threshold: 0.9 }
const ORIGIN = { source: 'base', code: null, finishedAt: null, differs: ['prompts'] }

/** One pull request: `drop` is taken from each example's chance to pass. */
function pullRequest(draws, { mean, concentration, drop = 0, confirm = true }) {
  const chances = Array.from({ length: SIZE }, () => draws.chance(mean, concentration))
  const after = (chance) => Math.max(0, chance - drop)
  const arm = (chanceOf) =>
    chances.map((chance, i) => ({
      id: String(i),
      digest: '',
      critical: i % 20 === 0,
      group: undefined,
      passes: draws.passes(RUNS, chanceOf(chance)),
      runs: RUNS,
      latencyMs: null,
      costUsd: null,
    }))
  const matched = pairRuns(
    arm((chance) => chance),
    arm(after),
  )
  const suspects = confirm ? suspectsOf(matched) : []
  const again = suspects.map(({ base }) => {
    const chance = chances[Number(base.id)]
    const runs = (p) => ({ passes: draws.passes(FLIP_RERUNS, p), runs: FLIP_RERUNS })
    return { base: runs(chance), candidate: runs(after(chance)) }
  })
  const { verdict, pointMet } = decidePrompts(ORIGIN, matched, judgeReruns(suspects, again, RULES.confidence), RULES)
  return {
    red: verdict === 'failed',
    exit: verdict === 'failed' || (verdict === 'inconclusive' && !pointMet),
    calls: 2 * FLIP_RERUNS * suspects.length,
  }
}

function many(seed, kind, times) {
  const draws = source(`prompts/${seed}`)
  let [red, exit, calls] = [0, 0, 0]
  for (let i = 0; i < times; i++) {
    const seen = pullRequest(draws, kind)
    if (seen.red) red++
    if (seen.exit) exit++
    calls += seen.calls
  }
  return { red: percent(red, times), exit: percent(exit, times), calls: percent(calls / times, 2 * RUNS * SIZE) }
}

const KINDS = [0.8, 0.9, 0.95].flatMap((mean) =>
  [0.3, 1, Number.POSITIVE_INFINITY].map((concentration) => ({ mean, concentration })),
)
const USUAL = { mean: 0.9, concentration: 1 }

/** Both prompts do the same: the change is a comment, the agent noisy. */
function alike() {
  const usual = many('alike', USUAL, 200)
  let [worst, cell] = [0, '']
  for (const kind of KINDS) {
    const { exit } = many(`alike/${kind.mean}/${kind.concentration}`, kind, 2000)
    if (exit > worst) [worst, cell] = [exit, `mean ${kind.mean}, concentration ${kind.concentration}`]
  }
  return [
    atMost('A/A pull request: exit status 1 in 200 runs, n=200, 3 repeats, a noisy agent of mean 0.9', usual.exit, 5),
    known('  of these with the verdict failed', usual.red),
    // 5 % by the test; the worst of nine simulated figures may lie above it by its noise, 1.5 at three deviations.
    atMost(`  worst of 9 kinds of agents, 2,000 runs each (${cell})`, worst, 6.5),
    known('  calls for confirmation, of those of the first look', usual.calls),
    known(
      '  red without confirmation, agents all alike at 0.8 (the floor alone)',
      many('unconfirmed', { mean: 0.8, concentration: Number.POSITIVE_INFINITY, confirm: false }, 500).red,
    ),
  ]
}

function dropped() {
  const rows = [
    atLeast('a planted drop of 5 points found, n=200, 3 repeats', many('drop', { ...USUAL, drop: 0.05 }, 2000).red, 95),
  ]
  let [least, cell] = [100, '']
  for (const kind of KINDS) {
    const { red } = many(`drop/${kind.mean}/${kind.concentration}`, { ...kind, drop: 0.05 }, 500)
    if (red < least) [least, cell] = [red, `mean ${kind.mean}, concentration ${kind.concentration}`]
  }
  return [...rows, known(`  least of the 9 kinds (${cell})`, least)]
}

export const parts = { alike, dropped }
