import type { Json, JsonObject } from '@agent-ci/core/json'
import type { NamedObject } from '../kubernetes/object.ts'

/** A Rollout (argoproj.io/v1alpha1), as far as we read it. */
export interface ArgoRollout extends NamedObject {
  readonly spec: {
    readonly paused?: boolean
    readonly template?: JsonObject
    readonly workloadRef?: { readonly kind?: string; readonly name?: string }
    readonly strategy?: { readonly canary?: { readonly steps?: readonly ArgoStep[] }; readonly blueGreen?: Json }
  }
  readonly status?: ArgoStatus
}

export type ArgoStep = JsonObject & {
  readonly setWeight?: number
  readonly pause?: { readonly duration?: Json }
}

interface ArgoStatus {
  readonly phase?: string
  readonly message?: string
  readonly abort?: boolean
  readonly controllerPause?: boolean
  readonly currentPodHash?: string
  readonly stableRS?: string
  readonly currentStepIndex?: number
  readonly observedGeneration?: string
  readonly workloadObservedGeneration?: string
  readonly promoteFull?: boolean
  readonly pauseConditions?: readonly { readonly reason: string }[]
  readonly canary?: {
    readonly weights?: { readonly verified?: boolean; readonly canary?: { readonly weight?: number } }
  }
}

export type ArgoPhase = 'Healthy' | 'Progressing' | 'Paused' | 'Degraded'

/** Whether somebody cleared the pause, and the controller has not reacted yet. */
export const isLetGo = ({ status = {} }: Pick<ArgoRollout, 'status'>): boolean =>
  status.controllerPause === true && (status.pauseConditions ?? []).length === 0

/** Whether the status is about the present spec. A string; what is no number is a hash of old controllers and counts as observed. */
export function isObserved({ metadata, status = {} }: ArgoRollout): boolean {
  const text = status.observedGeneration ?? ''
  return !/^\d+$/.test(text) || Number(text) >= (metadata.generation ?? 0)
}

/** The phase as kubectl's plugin tells it (argo-rollouts utils/rollout/rolloututil.go GetRolloutPhase). */
export function argoPhase(rollout: ArgoRollout): ArgoPhase {
  const { status = {} } = rollout
  if (!isObserved(rollout)) return 'Progressing'
  if (isLetGo({ status })) return 'Progressing'
  const { phase } = status
  return phase === 'Healthy' || phase === 'Paused' || phase === 'Degraded' ? phase : 'Progressing'
}

/** Whether the present template is the stable one. */
export const isPromoted = ({ status = {} }: ArgoRollout): boolean =>
  status.currentPodHash !== undefined && status.currentPodHash === status.stableRS

export const stepsOf = ({ spec }: ArgoRollout): readonly ArgoStep[] => spec.strategy?.canary?.steps ?? []

export const stepIndex = ({ status }: ArgoRollout): number => status?.currentStepIndex ?? 0

/** The first step that gives the canary at least a weight; undefined where only the end does. */
export function stepFor(
  rollout: ArgoRollout,
  weight: number,
): { readonly index: number; readonly weight: number } | undefined {
  const steps = stepsOf(rollout)
  const index = steps.findIndex(({ setWeight }) => setWeight !== undefined && setWeight >= weight)
  return index < 0 || weight === 100 ? undefined : { index, weight: steps[index]!.setWeight! }
}

/** The weight of the last step that is done. */
export function weightReached(rollout: ArgoRollout): number {
  const measured = rollout.status?.canary?.weights?.canary?.weight
  if (measured !== undefined) return measured
  const done = stepsOf(rollout).slice(0, stepIndex(rollout))
  return done.findLast(({ setWeight }) => setWeight !== undefined)?.setWeight ?? 0
}
