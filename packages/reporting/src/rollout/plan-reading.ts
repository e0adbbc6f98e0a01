import type { Detection, PlannedObject, PlannedStep, RolloutPlan } from '@agent-ci/core/rollout-plan'
import { countOf, formatDuration } from '../numbers.ts'
import { formatRate, formatWeight } from './wording.ts'

/** The steps that would be made. */
const madeOf = ({ steps }: RolloutPlan): readonly PlannedStep[] => steps.filter(({ dropped }) => dropped === null)

const sumMs = (plan: RolloutPlan): number => madeOf(plan).reduce((sum, { durationMs }) => sum + durationMs, 0)

/** How long the rollout would take, part by part. */
export function planTime(plan: RolloutPlan): string {
  const steps = sumMs(plan)
  const bake = plan.bakeMs > 0 ? ` and ${formatDuration(plan.bakeMs)} of watching after the last` : ''
  return `${formatDuration(steps + plan.bakeMs)}, and the time until the pods are ready: ${formatDuration(steps)} in ${countOf(madeOf(plan).length, 'step')}${bake}`
}

/** How much would change. */
export function planCounts({ objects }: RolloutPlan): string {
  const of = (change: PlannedObject['change']) => objects.filter((object) => object.change === change).length
  const counts = (['created', 'changed', 'deleted', 'unchanged'] as const).flatMap((change) =>
    of(change) === 0 ? [] : [`${of(change)} ${change}`],
  )
  return counts.length === 0 ? 'no object' : `${countOf(objects.length, 'object')}: ${counts.join(', ')}`
}

/** Whether the rollout could begin. */
export const planHeadline = ({ problems, warnings, steps }: RolloutPlan): string =>
  problems.length > 0
    ? `${countOf(problems.length, 'problem')} to mend before anything can be deployed`
    : `ready: ${countOf(steps.filter(({ dropped }) => dropped === null).length, 'step')}${warnings.length > 0 ? `, ${countOf(warnings.length, 'warning')}` : ''}`

/** When a step's analysis would see it: `in 23 s`, `not in this step (takes 23 min 0 s)`, `cannot be seen`. */
export function detectionText({ seconds }: Detection, { durationMs }: PlannedStep): string {
  if (seconds === null) return 'cannot be seen'
  const time = formatDuration(seconds * 1_000)
  return seconds * 1_000 <= durationMs ? `in ${time}` : `not in this step (takes ${time})`
}

/** The factors that the steps speak of, smallest first. */
export const planRatios = (plan: RolloutPlan): readonly number[] =>
  [...new Set(madeOf(plan).flatMap(({ detection }) => detection.map(({ ratio }) => ratio)))].sort((a, b) => a - b)

/** What the detection rests on. */
export const expectedText = ({ expected }: RolloutPlan): string =>
  expected === null
    ? 'The traffic could not be measured, so nothing can be said of what the analysis will see.'
    : `At ${Number(expected.requestsPerSecond.toPrecision(3))} requests a second, of which ${formatRate(expected.errorRate)} fail: how long the analysis takes to see a canary that fails more often than stable.`

/** A step's weight: `25 % (asked 10 %, 1 of 4 pods)`. */
export const planWeight = ({ asked, real, how }: PlannedStep): string =>
  `${formatWeight(real)} (${asked === real ? '' : `asked ${formatWeight(asked)}, `}${how})`

/** The cells of the detection, one a ratio. */
export const detectionCells = (step: PlannedStep, ratios: readonly number[]): string[] =>
  ratios.map((ratio) => {
    const found = step.detection.find((each) => each.ratio === ratio)
    return found ? detectionText(found, step) : 'unknown'
  })

/** A metric's state in words. */
export const METRIC_STATES = { found: 'found', 'no-data': 'no data', error: 'error' } as const
