import type { Deployment } from './workload.ts'

/** How far a Deployment is in bringing up its present template. */
export type DeploymentProgress =
  | { readonly state: 'complete' }
  | { readonly state: 'waiting'; readonly why: string }
  | { readonly state: 'failed'; readonly why: string }

/**
 * kubectl's idea of a finished rollout (kubectl pkg/polymorphichelpers/rollout_status.go), with a paused Deployment named, because its
 * deadline never strikes, and without trust in a status of an older generation.
 */
export function deploymentProgress(deployment: Deployment): DeploymentProgress {
  const { spec, status = {} } = deployment
  if (!observed(deployment)) return { state: 'waiting', why: 'the controller has not seen the new template yet' }
  const progressing = status.conditions?.find((condition) => condition.type === 'Progressing')
  if (progressing?.reason === 'ProgressDeadlineExceeded')
    return {
      state: 'failed',
      why: `it made no progress for ${spec.progressDeadlineSeconds ?? 600} s (ProgressDeadlineExceeded)`,
    }
  const replicas = spec.replicas ?? 1
  const updated = status.updatedReplicas ?? 0
  const total = status.replicas ?? 0
  const available = status.availableReplicas ?? 0
  if (spec.paused && updated < replicas) return { state: 'waiting', why: 'the Deployment is paused (spec.paused)' }
  if (updated < replicas) return { state: 'waiting', why: `${updated} of ${replicas} pods have the new template` }
  if (total > updated) return { state: 'waiting', why: `${total - updated} old pods are still ending` }
  if (available < updated) return { state: 'waiting', why: `${available} of ${updated} new pods are available` }
  return { state: 'complete' }
}

/** Whether the controller has seen the present spec: until then, status and revision speak of the one before. */
export const observed = ({ metadata, status }: Deployment): boolean =>
  (metadata.generation ?? 0) <= (status?.observedGeneration ?? 0)

/** The message of a failure to create pods (quota, admission), which kubectl passes over until the deadline. */
export function replicaFailure(deployment: Deployment): string | undefined {
  if (!observed(deployment)) return undefined
  const failure = deployment.status?.conditions?.find(
    (condition) => condition.type === 'ReplicaFailure' && condition.status === 'True',
  )
  return failure && `pods cannot be created: ${failure.message ?? failure.reason ?? 'no reason given'}`
}
