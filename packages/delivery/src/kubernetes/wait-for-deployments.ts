import { forLog } from '@agent-ci/core/untrusted'
import type { Cluster } from './cluster.ts'
import { deploymentProgress, observed, replicaFailure } from './deployment-progress.ts'
import { formatTrouble, podTroubles } from './pod-trouble.ts'
import { type Deployment, deploymentNamed, type Pod, type ReplicaSet } from './workload.ts'

export interface WaitTimes {
  /** Monotonic milliseconds. */
  readonly now: () => number
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>
  readonly signal: AbortSignal
}

export interface WaitRules {
  readonly timeoutMs: number
  /** How long a trouble that may pass is watched before it counts as the end. */
  readonly patienceMs: number
}

export const PATIENCE_MS = 15_000

export type WaitEnd =
  | { readonly state: 'complete'; readonly tookMs: number }
  | { readonly state: 'failed'; readonly why: string; readonly tookMs: number }

const SOON_MS = 30_000
const PODS_EVERY_MS = 1_000
const TELL_EVERY_MS = 10_000

/**
 * Waits until all Deployments run their present template, as kubectl would say, and fails as soon as their new pods show a trouble that waiting
 * does not mend. Tells what it waits for whenever that changes, at least every ten seconds.
 */
export async function waitForDeployments(
  cluster: Cluster,
  names: readonly string[],
  rules: WaitRules,
  times: WaitTimes,
  tell: (line: string) => void,
): Promise<WaitEnd> {
  const since = times.now()
  const troubledSince = new Map<string, number>()
  let told = { line: '', at: Number.NEGATIVE_INFINITY }
  let podsAt = Number.NEGATIVE_INFINITY
  let trouble = ''
  const took = () => times.now() - since
  for (;;) {
    const open: string[] = []
    const look = times.now() - podsAt >= PODS_EVERY_MS
    if (look) {
      podsAt = times.now()
      trouble = ''
    }
    for (const name of names) {
      const deployment = await cluster.get<Deployment>(deploymentNamed(name))
      if (!deployment) return { state: 'failed', why: `deployment ${name} is not there`, tookMs: took() }
      const progress = deploymentProgress(deployment)
      if (progress.state === 'complete') continue
      open.push(`${name}: ${progress.why}`)
      if (progress.state === 'failed') {
        const [worst] = podTroubles(await podsOf(cluster, deployment))
        return {
          state: 'failed',
          why: forLog(`deployment ${name}: ${progress.why}${worst ? `; ${formatTrouble(worst)}` : ''}`),
          tookMs: took(),
        }
      }
      if (!look) continue
      const refused = replicaFailure(deployment)
      const troubles = podTroubles(await podsOf(cluster, deployment))
      const [fatal] = troubles.filter(({ weight }) => weight === 'fatal')
      if (fatal) return { state: 'failed', why: forLog(`deployment ${name}: ${formatTrouble(fatal)}`), tookMs: took() }
      const stubborn = [
        ...(refused === undefined ? [] : [refused]),
        ...troubles.filter(({ weight }) => weight === 'stubborn').map(formatTrouble),
      ]
      if (stubborn.length === 0) troubledSince.delete(name)
      else if (!troubledSince.has(name)) troubledSince.set(name, times.now())
      const lasted = times.now() - (troubledSince.get(name) ?? times.now())
      if (stubborn[0] !== undefined && lasted >= rules.patienceMs)
        return { state: 'failed', why: forLog(`deployment ${name}: ${stubborn[0]}`), tookMs: took() }
      trouble = stubborn[0] ?? troubles.map(formatTrouble)[0] ?? trouble
    }
    if (open.length === 0) return { state: 'complete', tookMs: took() }
    if (took() > rules.timeoutMs)
      return {
        state: 'failed',
        why: forLog(`after ${Math.round(took() / 1_000)} s ${open.join('; ')}${trouble === '' ? '' : ` (${trouble})`}`),
        tookMs: took(),
      }
    const line = forLog(`waiting: ${open.join('; ')}${trouble === '' ? '' : ` (${trouble})`}`)
    if (line !== told.line || times.now() - told.at >= TELL_EVERY_MS) {
      told = { line, at: times.now() }
      tell(line)
    }
    await times.sleep(took() < SOON_MS ? 250 : 2_000, times.signal)
  }
}

/** The pods of a Deployment's present template: those of the ReplicaSet with the Deployment's revision; none before its controller has seen it. */
export async function podsOf(cluster: Cluster, deployment: Deployment): Promise<Pod[]> {
  if (!observed(deployment)) return []
  const labels = labelSelector(deployment)
  const current = (await replicaSetsOf(cluster, deployment)).find(
    (set) => set.metadata.annotations?.[REVISION] === deployment.metadata.annotations?.[REVISION],
  )
  if (!current) return []
  const pods = await cluster.list<Pod>('v1', 'Pod', { labels })
  return pods.filter((pod) => pod.metadata.ownerReferences?.some(({ uid }) => uid === current.metadata.uid))
}

const REVISION = 'deployment.kubernetes.io/revision'

export async function replicaSetsOf(cluster: Cluster, deployment: Deployment): Promise<ReplicaSet[]> {
  const sets = await cluster.list<ReplicaSet>('apps/v1', 'ReplicaSet', { labels: labelSelector(deployment) })
  return sets.filter((set) => set.metadata.ownerReferences?.some(({ uid }) => uid === deployment.metadata.uid))
}

/** `a=b,c=d` of `matchLabels`; expressions are left to the owner references. */
export const labelSelector = ({ spec }: Deployment): string =>
  Object.entries(spec.selector.matchLabels ?? {})
    .map(([key, value]) => `${key}=${value}`)
    .join(',')
