import type { ContainerStatus, Pod } from './workload.ts'

/** What keeps a pod from working, in the words of the kubelet. */
export interface PodTrouble {
  readonly pod: string
  readonly container: string | null
  readonly reason: string
  readonly message: string
  /** `fatal`: waiting longer cannot mend it. `stubborn`: it may pass, and is fatal when it lasts. `waiting`: worth telling. */
  readonly weight: 'fatal' | 'stubborn' | 'waiting'
}

/** Restarts after which a crash loop is no accident of the start. */
const CRASHES = 3

const FATAL = new Set(['InvalidImageName', 'ErrImageNeverPull'])
const STUBBORN = new Set([
  'ImagePullBackOff',
  'ErrImagePull',
  'RegistryUnavailable',
  'CreateContainerConfigError',
  'CreateContainerError',
  'RunContainerError',
])

/** The troubles of some pods, the worst first. Texts come from the cluster. */
export function podTroubles(pods: readonly Pod[]): PodTrouble[] {
  const order = { fatal: 0, stubborn: 1, waiting: 2 }
  return pods.flatMap(troublesOf).toSorted((a, b) => order[a.weight] - order[b.weight])
}

function troublesOf(pod: Pod): PodTrouble[] {
  if (pod.metadata.deletionTimestamp) return []
  const statuses = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])]
  const found = statuses.flatMap((status) => containerTrouble(pod, status) ?? [])
  const scheduled = pod.status?.conditions?.find((condition) => condition.type === 'PodScheduled')
  if (scheduled?.status === 'False')
    found.push({
      pod: pod.metadata.name,
      container: null,
      reason: scheduled.reason ?? 'Unschedulable',
      message: scheduled.message ?? '',
      weight: 'waiting',
    })
  return found
}

function containerTrouble(pod: Pod, status: ContainerStatus): PodTrouble | undefined {
  const waiting = status.state?.waiting
  const ended = status.state?.terminated ?? status.lastState?.terminated
  const told = { pod: pod.metadata.name, container: status.name }
  if (waiting?.reason === 'CrashLoopBackOff') {
    const how = ended ? `, last ended with ${ended.reason ?? 'Error'} (exit code ${ended.exitCode ?? '?'})` : ''
    return {
      ...told,
      reason: 'CrashLoopBackOff',
      message: `restarted ${status.restartCount} times${how}`,
      weight: status.restartCount >= CRASHES ? 'fatal' : 'stubborn',
    }
  }
  const reason = waiting?.reason ?? ''
  if (FATAL.has(reason) || STUBBORN.has(reason))
    return { ...told, reason, message: waiting?.message ?? '', weight: FATAL.has(reason) ? 'fatal' : 'stubborn' }
  if (ended?.reason === 'OOMKilled')
    return { ...told, reason: 'OOMKilled', message: `restarted ${status.restartCount} times`, weight: 'stubborn' }
  return undefined
}

/** One trouble as a phrase: `pod a-1: container agent: ImagePullBackOff: Back-off pulling image "x"`. */
export const formatTrouble = ({ pod, container, reason, message }: PodTrouble): string =>
  `pod ${pod}${container === null ? '' : `, container ${container}`}: ${reason}${message === '' ? '' : `: ${message}`}`
