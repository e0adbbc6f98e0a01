import type { Problem } from '@agent-ci/core/errors'
import type { Cluster } from './cluster.ts'
import type { NamedObject } from './object.ts'
import { groupOf, knownResource } from './resources.ts'

/** One thing that we must be allowed to do. */
export interface Permission {
  readonly verb: string
  /** `apps`; the empty text is the core group. */
  readonly group: string
  /** `deployments`, or `deployments/scale`. */
  readonly resource: string
}

/** Permissions for some verbs on one resource. */
export const permit = (group: string, resource: string, verbs: readonly string[]): Permission[] =>
  verbs.map((verb) => ({ verb, group, resource }))

/** What every rollout and every way back needs. */
export const ROLLOUT_PERMISSIONS: readonly Permission[] = [
  ...permit('apps', 'deployments', ['get', 'list', 'create', 'patch', 'delete']),
  ...permit('apps', 'replicasets', ['list']),
  ...permit('', 'pods', ['list']),
  ...permit('', 'events', ['list']),
  ...permit('', 'configmaps', ['get', 'list', 'create', 'update', 'patch', 'delete']),
  ...permit('coordination.k8s.io', 'leases', ['get', 'create', 'update']),
  ...permit('autoscaling', 'horizontalpodautoscalers', ['list']),
]

/** What applying some objects needs; kinds whose resource only the server knows are left to its dry run. */
export const writePermissions = (objects: readonly NamedObject[]): Permission[] =>
  objects.flatMap(({ apiVersion, kind }) => {
    const resource = knownResource(apiVersion, kind)
    return resource ? permit(groupOf(apiVersion), resource.plural, ['get', 'create', 'patch']) : []
  })

/** The permissions that we lack, each with the rule to add to the Role. */
export async function missingPermissions(cluster: Cluster, needed: readonly Permission[]): Promise<Problem[]> {
  const unique = [...new Map(needed.map((each) => [`${each.verb} ${each.group}/${each.resource}`, each])).values()]
  const answers = await Promise.all(unique.map(({ verb, group, resource }) => cluster.mayI(verb, group, resource)))
  return unique
    .filter((_, index) => !answers[index])
    .map(({ verb, group, resource }) => ({
      what: `We may not ${verb} ${resource}${group === '' ? '' : `.${group}`} in namespace ${cluster.namespace}`,
      why: 'The rollout, or its way back, needs it, and would stop half-way',
      mend: `Add {apiGroups: [${JSON.stringify(group)}], resources: [${resource}], verbs: [${verb}]} to the Role of this identity`,
    }))
}
