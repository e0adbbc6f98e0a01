import { comparePaired, type Runs } from '../statistics/paired.ts'
import { tCdf } from '../statistics/student-t.ts'
import { sumOf } from '../statistics/sum.ts'
import { testRerun } from '../statistics/trend/night-test.ts'
import { comparableDigest } from './comparable.ts'
import type { CAUSES, Finding } from './finding.ts'
import { trialsOf } from './imperfect.ts'
import type { Judged } from './judged.ts'
import type { Night } from './night.ts'
import { scaleOf } from './scale.ts'
import { type SeriesChoice, valueIn } from './series.ts'
import { amount, chance } from './wording.ts'

/** Each of the two questions is answered yes below this. */
const SURE_BELOW = 0.05

/** Who moved, and the tests that say so. */
export interface ControlReading {
  readonly cause: (typeof CAUSES)[number]
  /** Of the control arm below the baseline: small when the endpoint moved. null: the control arm measured nothing. */
  readonly controlP: number | null
  /** Of the current arm below the control arm of the same night: small when we moved. */
  readonly differenceP: number | null
  readonly test: 'paired' | 'two-sample' | null
  readonly reason: string
}

/**
 * Tells apart who moved: the control arm runs the baseline's prompts and configuration on today's endpoint, so it falls with the provider and
 * not with us. Needs no history of its own: while the baseline was pinned, both arms were the same.
 * @param current runs of tonight; re-runs say more than the night itself, which was chosen for being low
 */
export function readControl(
  { series, model }: Judged,
  current: readonly Night[],
  control: readonly Night[],
  choice: Pick<SeriesChoice, 'without'> = {},
): ControlReading {
  const { key, unit } = series
  const scale = scaleOf(key.metric, unit)
  const scoresOf = (nights: readonly Night[]) =>
    nights.flatMap((night) => {
      const { value } = valueIn(night, key.metric, choice.without)
      return value === null ? [] : [scale.of(value)]
    })
  const [ours, theirs] = [scoresOf(current), scoresOf(control)]
  if (ours.length === 0 || theirs.length === 0) {
    const arm = theirs.length === 0 ? 'control arm' : 'current arm'
    return { cause: 'unknown', controlP: null, differenceP: null, test: null, reason: `the ${arm} measured nothing` }
  }
  const fallen = testRerun(model, theirs, { repeated: 0 })
  const paired = key.metric === 'accuracy' ? pairedP(current, control, choice.without?.get(key.dataset)) : undefined
  const differenceP = paired ?? twoSampleP(ours, theirs, model)
  const [provider, us] = [fallen.p < SURE_BELOW, differenceP < SURE_BELOW]
  const cause = provider && us ? 'both' : provider ? 'provider' : us ? 'us' : 'unknown'
  const test = paired === undefined ? 'two-sample' : 'paired'
  const mean = (scores: readonly number[]) => amount(scale.back(sumOf(scores, (score) => score) / scores.length), unit)
  const reason = `${SENTENCES[cause]}: the control arm has ${mean(theirs)}, p ${chance(fallen.p)} against the baseline; the current one ${mean(ours)}, p ${chance(differenceP)} against the control arm (${test})`
  return { cause, controlP: fallen.p, differenceP, test, reason }
}

const SENTENCES = {
  provider: 'the endpoint moved',
  us: 'we moved',
  both: 'the endpoint moved, and we did',
  unknown: 'who moved cannot be told',
} as const

/** The finding with its cause. */
export const withCause = (finding: Finding, { cause, reason }: ControlReading): Finding => ({
  ...finding,
  cause,
  reason: `${finding.reason}; ${reason}`,
})

/** Both arms ran on the same night, so that what the night did to both cancels: the night's deviation is on the safe side. */
function twoSampleP(ours: readonly number[], theirs: readonly number[], { deviation, df }: Judged['model']): number {
  const meanOf = (scores: readonly number[]) => sumOf(scores, (score) => score) / scores.length
  const t = (meanOf(theirs) - meanOf(ours)) / (deviation * Math.sqrt(1 / ours.length + 1 / theirs.length))
  return tCdf(-t, df)
}

/** The paired test over the examples; undefined where the arms did not run the same ones. */
function pairedP(
  current: readonly Night[],
  control: readonly Night[],
  without: ReadonlySet<string> | undefined,
): number | undefined {
  const [first, ...others] = [...current, ...control]
  // The answering model may well be another one: it is what the arms are compared for.
  const examplesOf = (night: Night) => comparableDigest({ ...night, answered: [] })
  if (!first || others.some((night) => examplesOf(night) !== examplesOf(first))) return undefined
  const ids = new Set([...current, ...control].flatMap(({ imperfect }) => Object.keys(imperfect)))
  const pairs = [...ids]
    .filter((id) => !without?.has(id))
    .map((id) => ({ base: runsOf(id, control), candidate: runsOf(id, current) }))
    .filter(({ base, candidate }) => base.runs > 0 && candidate.runs > 0)
  // The rest passed always, in both arms.
  const alike = { passes: 1, runs: 1 }
  const steady = Math.max(0, first.examples - new Set([...ids, ...(without ?? [])]).size)
  return comparePaired([...pairs, ...Array.from({ length: steady }, () => ({ base: alike, candidate: alike }))])
    ?.regressionTail
}

function runsOf(id: string, nights: readonly Night[]): Runs {
  let [passes, runs] = [0, 0]
  for (const night of nights) {
    const [passed, measured] = trialsOf(night, id)
    passes += passed
    runs += measured
  }
  return { passes, runs }
}
