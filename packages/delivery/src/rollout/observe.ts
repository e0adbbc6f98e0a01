import { messageOf } from '@agent-ci/core/errors'
import { forLog } from '@agent-ci/core/untrusted'
import { formatTrouble, podTroubles } from '../kubernetes/pod-trouble.ts'
import { podsOf } from '../kubernetes/wait-for-deployments.ts'
import { type Deployment, deploymentNamed } from '../kubernetes/workload.ts'
import type { ReleaseRecord } from '../releases/history/record.ts'
import { canaryName } from '../traffic/canary-workload.ts'
import { servingDeployment } from './canary-release.ts'
import type { Leader } from './leader.ts'
import type { Staging } from './staging.ts'
import type { StepWeight } from './watch.ts'

export type StepEnd =
  | { readonly end: 'advance' }
  | { readonly end: 'paused'; readonly reason: string }
  | { readonly end: 'failed'; readonly reason: string; readonly metric: string | null }

/** How often somebody else's change of the weight is undone before a person is asked. */
const MOST_REVERTS = 3

/** Watches one step until it shows something, or its time is over. */
export async function observeStep(
  leader: Leader,
  { router, watch, follower, stepTimeoutMs, onInconclusive }: Staging,
  step: StepWeight,
  rules: { readonly record: ReleaseRecord; readonly patienceMs: number; readonly wholeTime?: boolean },
): Promise<StepEnd> {
  const { now, sleep, signal, warn } = leader.deps
  await watch.begin(step)
  const since = now()
  let troubledAt: number | undefined
  let reverts = 0
  let last = 'nothing was measured'
  let next = since + watch.intervalMs
  for (;;) {
    await sleep(Math.max(0, Math.min(next, since + stepTimeoutMs) - now()), signal)
    next = now() + watch.intervalMs
    leader.checkLead()
    const trouble = await troubleOf(leader, rules.record)
    if (trouble?.fatal) return { end: 'failed', reason: trouble.text, metric: 'pods' }
    troubledAt = trouble ? (troubledAt ?? now()) : undefined
    if (trouble && now() - troubledAt! >= rules.patienceMs)
      return { end: 'failed', reason: trouble.text, metric: 'pods' }
    const route = router.moves === 'release' ? undefined : await router.verify(step.real)
    if (route?.state === 'lost' && !rules.wholeTime) {
      if (++reverts > MOST_REVERTS)
        return { end: 'paused', reason: `somebody else keeps changing the weight: ${route.why}` }
      warn(`${route.why}; the weight is written again`)
      await router.set(step.real, { signal })
    }
    const look = await watch.look(signal)
    last = look.reason
    follower.look(look, step)
    if (look.decision === 'rollBack') return { end: 'failed', reason: look.reason, metric: look.metric }
    const over = now() - since >= stepTimeoutMs
    if (look.decision === 'advance' && (over || !rules.wholeTime)) {
      follower.decision(`step ${step.index + 1} (${step.real} %): ${look.reason}`)
      await keep(leader, watch.state())
      return { end: 'advance' }
    }
    await keep(leader, watch.state())
    if (over) return atTheEnd(onInconclusive, step, last, rules.wholeTime === true)
  }
}

function atTheEnd(onInconclusive: Staging['onInconclusive'], step: StepWeight, last: string, baking: boolean): StepEnd {
  if (onInconclusive === 'pass') return { end: 'advance' }
  const reason = `${baking ? 'the promoted release' : `step ${step.index + 1} (${step.real} %)`} showed nothing either way in its time: ${last}`
  return onInconclusive === 'fail' ? { end: 'failed', reason, metric: null } : { end: 'paused', reason }
}

/** A lost note only makes a later run watch this step from its beginning. */
async function keep(leader: Leader, state: string): Promise<void> {
  try {
    await leader.note({ analysis: state })
  } catch (error) {
    leader.checkLead()
    leader.deps.warn(`What the analysis learnt was not kept: ${forLog(messageOf(error))}`)
  }
}

async function troubleOf(leader: Leader, record: ReleaseRecord): Promise<{ text: string; fatal: boolean } | undefined> {
  const { cluster } = leader.deps
  const canary = await cluster.get<Deployment>(deploymentNamed(canaryName(servingDeployment(leader.app, record))))
  if (!canary) return undefined
  const [worst] = podTroubles(await podsOf(cluster, canary)).filter(({ weight }) => weight !== 'waiting')
  return worst && { text: forLog(formatTrouble(worst)), fatal: worst.weight === 'fatal' }
}
