import type { KubernetesObject } from '@agent-ci/delivery/kubernetes/object'

/** The part of a pod that tests look at. */
export interface Pod extends KubernetesObject {
  readonly status: PodStatus
}

type PodStatus = {
  readonly phase?: string
  readonly podIP?: string
  readonly startTime?: string
  readonly conditions?: readonly {
    readonly type: string
    readonly status: string
    readonly lastTransitionTime: string
  }[]
  readonly containerStatuses?: readonly ContainerStatus[]
}

type ContainerStatus = {
  readonly name: string
  readonly image: string
  readonly ready: boolean
  readonly restartCount: number
  readonly state: {
    readonly waiting?: { readonly reason: string; readonly message?: string }
    readonly running?: { readonly startedAt: string }
  }
  readonly lastState: { readonly terminated?: { readonly reason: string; readonly exitCode: number } }
}

/** Whether traffic is sent to it: ready, and not about to be deleted. */
export function isReady({ metadata, status }: Pod): boolean {
  const ready = status.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false
  return ready && metadata.deletionTimestamp === undefined
}
