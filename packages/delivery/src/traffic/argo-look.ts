import type { Cluster } from '../kubernetes/cluster.ts'
import { type Deployment, deploymentNamed } from '../kubernetes/workload.ts'
import { type ArgoPhase, type ArgoRollout, argoPhase, isObserved, isPromoted } from './argo-status.ts'

export const rolloutNamed = (name: string) => ({ apiVersion: 'argoproj.io/v1alpha1', kind: 'Rollout', name }) as const

/** What was seen of a Rollout and of the Deployment that it follows. */
export interface Seen {
  readonly rollout: ArgoRollout
  readonly phase: ArgoPhase
  /** The status is about the Deployment's present template. */
  readonly observed: boolean
  /** That template is in use, wholly. */
  readonly finished: boolean
}

/** Looks at a Rollout; undefined where it is not there. */
export async function lookAt(
  cluster: Cluster,
  { deployment, rollout: name }: { readonly deployment: string; readonly rollout: string },
): Promise<Seen | undefined> {
  // First, so that what is written after it is not taken for observed.
  const followed = await cluster.get<Deployment>(deploymentNamed(deployment))
  const rollout = await cluster.get<ArgoRollout>(rolloutNamed(name))
  if (!rollout) return undefined
  const seen = Number(rollout.status?.workloadObservedGeneration ?? 0)
  const observed = isObserved(rollout) && seen >= (followed?.metadata.generation ?? 0)
  const phase = observed ? argoPhase(rollout) : 'Progressing'
  return { rollout, observed, phase, finished: observed && phase === 'Healthy' && isPromoted(rollout) }
}
