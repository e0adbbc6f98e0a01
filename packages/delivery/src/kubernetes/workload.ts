import type { Json } from '@agent-ci/core/json'
import type { NamedObject, ObjectMeta } from './object.ts'

/** The parts of a pod template that we read; everything else in it is carried as it is. */
export interface PodTemplate {
  readonly metadata?: Partial<Pick<ObjectMeta, 'labels' | 'annotations'>>
  readonly spec: {
    readonly containers: readonly Container[]
    readonly initContainers?: readonly Container[]
    readonly [field: string]: Json | readonly Container[] | undefined
  }
}

export interface Container {
  readonly name: string
  readonly image: string
  readonly [field: string]: Json | undefined
}

export interface Condition {
  readonly type: string
  readonly status: 'True' | 'False' | 'Unknown'
  readonly reason?: string
  readonly message?: string
}

export interface DeploymentSpec {
  readonly replicas?: number
  readonly paused?: boolean
  readonly progressDeadlineSeconds?: number
  readonly minReadySeconds?: number
  readonly selector: { readonly matchLabels?: Readonly<Record<string, string>>; readonly [more: string]: unknown }
  readonly strategy?: {
    readonly type?: string
    readonly rollingUpdate?: { readonly maxSurge?: number | string; readonly maxUnavailable?: number | string }
  }
  readonly template: PodTemplate
}

export interface DeploymentStatus {
  readonly observedGeneration?: number
  readonly replicas?: number
  readonly updatedReplicas?: number
  readonly readyReplicas?: number
  readonly availableReplicas?: number
  readonly unavailableReplicas?: number
  readonly conditions?: readonly Condition[]
}

export interface Deployment extends NamedObject {
  readonly spec: DeploymentSpec
  readonly status?: DeploymentStatus
}

export interface ReplicaSet extends NamedObject {
  readonly spec: { readonly replicas?: number; readonly template: PodTemplate }
  readonly status?: {
    readonly observedGeneration?: number
    readonly replicas?: number
    readonly availableReplicas?: number
  }
}

interface ContainerState {
  readonly waiting?: { readonly reason?: string; readonly message?: string }
  readonly running?: { readonly startedAt?: string }
  readonly terminated?: { readonly reason?: string; readonly exitCode?: number; readonly message?: string }
}

export interface ContainerStatus {
  readonly name: string
  readonly ready: boolean
  readonly restartCount: number
  readonly state?: ContainerState
  readonly lastState?: ContainerState
}

export interface Pod extends NamedObject {
  readonly spec: { readonly containers: readonly Container[]; readonly nodeName?: string }
  readonly status?: {
    readonly phase?: string
    readonly podIP?: string
    readonly conditions?: readonly Condition[]
    readonly containerStatuses?: readonly ContainerStatus[]
    readonly initContainerStatuses?: readonly ContainerStatus[]
  }
}

export interface ConfigMap extends NamedObject {
  readonly immutable?: boolean
  readonly data?: Readonly<Record<string, string>>
  /** Base64 by key. */
  readonly binaryData?: Readonly<Record<string, string>>
}

export const deploymentNamed = (name: string) => ({ apiVersion: 'apps/v1', kind: 'Deployment', name }) as const
export const configMapNamed = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', name }) as const
