import { messageOf, type Problem } from '@agent-ci/core/errors'
import { forLog } from '@agent-ci/core/untrusted'
import { ApiError } from '../kubernetes/api-error.ts'
import { type Cluster, FIELD_MANAGER } from '../kubernetes/cluster.ts'
import { type FieldConflict, fieldConflicts, isByHand } from '../kubernetes/field-owners.ts'
import { formatReference, type KubernetesObject, type NamedObject, referenceOf } from '../kubernetes/object.ts'
import type { Deployment } from '../kubernetes/workload.ts'

/** What the API server would make of some objects. */
export interface Rehearsal {
  /** As the server would hold them, in the order they were given; short of those with a problem. */
  readonly results: readonly KubernetesObject[]
  readonly problems: readonly Problem[]
  /** Fields that we take over from people and scripts. */
  readonly takenOver: readonly string[]
}

/**
 * Applies objects as a dry run. Fields that were set by hand (kubectl) are taken over; those of another controller are a problem, for it
 * would write them back, unless `force` says otherwise.
 */
export async function rehearse(
  cluster: Cluster,
  objects: readonly KubernetesObject[],
  force: boolean,
): Promise<Rehearsal> {
  const results: KubernetesObject[] = []
  const problems: Problem[] = []
  const takenOver: string[] = []
  for (const object of objects) {
    try {
      results.push(await cluster.apply<KubernetesObject>(object, { dryRun: true, force }))
    } catch (error) {
      const conflicts = fieldConflicts(error)
      const foreign = conflicts?.filter(({ owner }) => !isByHand(owner)) ?? []
      if (conflicts && foreign.length === 0) {
        takenOver.push(
          ...byOthers(conflicts).map(({ field, owner }) =>
            forLog(`${field} of ${formatReference(referenceOf(object))}, set by ${owner}`),
          ),
        )
        try {
          results.push(await cluster.apply<KubernetesObject>(object, { dryRun: true, force: true }))
        } catch (second) {
          problems.push(refusal(object, second))
        }
      } else if (conflicts) {
        const list = foreign.map(({ field, owner }) => `${field} (owned by ${owner})`).join(', ')
        problems.push({
          what: forLog(`${formatReference(referenceOf(object))} has fields of another owner: ${list}`),
          why: 'A controller that owns a field writes it back when we change it',
          mend: 'Let one of the two manage the field: remove it from the manifests or from that tool, or set force-conflicts: true to take it over',
        })
      } else problems.push(refusal(object, error))
    }
  }
  return { results, problems, takenOver }
}

/** Our own patches write under another entry than our applies; that is nobody's business. */
const byOthers = (conflicts: readonly FieldConflict[]) => conflicts.filter(({ owner }) => owner !== FIELD_MANAGER)

/** A paused Deployment starts no pods of another template. */
export function pausedProblem({ metadata, spec }: Deployment): Problem[] {
  if (!spec.paused) return []
  return [
    {
      what: `deployment ${metadata.name} is paused`,
      why: 'Its controller starts no pods of another template until it is resumed',
      mend: `Run kubectl rollout resume deployment/${metadata.name}`,
    },
  ]
}

/** What the API server has against an object. Throws what is not about the object. */
function refusal(object: NamedObject, error: unknown): Problem {
  if (!(error instanceof ApiError)) throw error
  const what = forLog(`${formatReference(referenceOf(object))}: ${messageOf(error)}`)
  if (error.status === 403)
    return {
      what,
      why: 'We may not write it, or an admission rule of the cluster refuses it',
      mend: 'Add the verb to the Role of this identity, or mend what the message names',
    }
  if (error.status === 404)
    return {
      what,
      why: 'The namespace or the kind is not there',
      mend: 'Create the namespace, or install the definition of the kind, first',
    }
  return { what, why: 'The API server would refuse it', mend: 'Mend the manifest as the message says' }
}
