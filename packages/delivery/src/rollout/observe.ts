import { messageOf } from '@agent-ci/core/errors'
import { forLog } from '@agent-ci/core/untrusted'
import type { Staging } from './staging.ts'
import type { StepWeight } from './watch.ts'

export type StepEnd =
  | { readonly end: 'advance' }
  | { readonly end: 'paused'; readonly reason: string }
  | { readonly end: 'failed'; readonly reason: string; readonly metric: string | null }

/** What keeps the release from working, apart from what is measured. */
export interface Trouble {
  readonly text: string
  /** Waiting cannot mend it. */
  readonly fatal: boolean
}

/** What watching a step needs from who leads the rollout. */
export interface Observation {
  /** Monotonic milliseconds. */
  readonly now: () => number
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>
  readonly signal: AbortSignal
  readonly warn: (message: string) => void
  /** @throws where this run must not go on */
  readonly checkLead: () => void
  readonly trouble: () => Promise<Trouble | undefined>
  /** Keeps what the analysis learnt, for a run that goes on after this one. */
  readonly keep: (analysis: string) => Promise<void>
}

export interface ObserveRules {
  /** How long a trouble that may pass is watched before it counts as the end. */
  readonly patienceMs: number
  /** The step is watched for its whole time, and no weight is looked after: the promoted release. */
  readonly baking?: boolean
}

/** How often somebody else's change of the weight is undone before a person is asked. */
export const MOST_REVERTS = 3

/** Why a person is asked then. */
export const contested = (why: string): string => `somebody else keeps changing the weight: ${why}`

/** Watches one step until it shows something, or its time is over. */
export async function observeStep(
  from: Observation,
  { router, watch, follower, stepTimeoutMs, onInconclusive }: Staging,
  step: StepWeight,
  { patienceMs, baking = false }: ObserveRules,
): Promise<StepEnd> {
  const { now, sleep, signal, warn } = from
  await watch.begin(step)
  const since = now()
  let troubledAt: number | undefined
  let reverts = 0
  let next = since + watch.intervalMs
  for (;;) {
    await sleep(Math.max(0, Math.min(next, since + stepTimeoutMs) - now()), signal)
    next = now() + watch.intervalMs
    from.checkLead()
    const trouble = await from.trouble()
    troubledAt = trouble ? (troubledAt ?? now()) : undefined
    if (trouble && (trouble.fatal || now() - troubledAt! >= patienceMs))
      return { end: 'failed', reason: trouble.text, metric: 'pods' }
    const route = router.moves === 'release' || baking ? undefined : await router.verify(step.real)
    if (route?.state === 'lost') {
      if (++reverts > MOST_REVERTS) return { end: 'paused', reason: contested(route.why) }
      warn(`${route.why}; the weight is written again`)
      await router.set(step.real, { signal })
    }
    const look = await watch.look(signal)
    follower.look(look, step)
    if (look.decision === 'rollBack') return { end: 'failed', reason: look.reason, metric: look.metric }
    await keep(from, watch.state())
    const over = now() - since >= stepTimeoutMs
    if (look.decision === 'advance' && (over || !baking)) {
      follower.decision(`${nameOf(step, baking)}: ${look.reason}`)
      return { end: 'advance' }
    }
    if (over)
      return atTheEnd(onInconclusive, `${nameOf(step, baking)} showed nothing either way in its time: ${look.reason}`)
  }
}

const nameOf = ({ index, real }: StepWeight, baking: boolean): string =>
  baking ? 'the promoted release' : `step ${index + 1} (${real} %)`

function atTheEnd(onInconclusive: Staging['onInconclusive'], reason: string): StepEnd {
  if (onInconclusive === 'pass') return { end: 'advance' }
  return onInconclusive === 'fail' ? { end: 'failed', reason, metric: null } : { end: 'paused', reason }
}

/** A lost note only makes a later run watch this step from its beginning. */
async function keep({ keep: write, checkLead, warn }: Observation, analysis: string): Promise<void> {
  try {
    await write(analysis)
  } catch (error) {
    checkLead()
    warn(`What the analysis learnt was not kept: ${forLog(messageOf(error))}`)
  }
}
