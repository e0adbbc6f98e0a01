import { forLog } from '@agent-ci/core/untrusted'
import { isForbidden, isNotFound } from '../kubernetes/api-error.ts'
import type { Cluster } from '../kubernetes/cluster.ts'
import { isReapplying } from '../kubernetes/field-owners.ts'
import type { NamedObject } from '../kubernetes/object.ts'
import { selects } from './canary-workload.ts'
import type { Labels } from './router.ts'
import type { Service } from './service.ts'

/** A NetworkPolicy or a PodDisruptionBudget: objects that select pods by label. */
interface PodSelecting extends NamedObject {
  readonly spec: {
    readonly podSelector?: { readonly matchLabels?: Labels }
    readonly selector?: { readonly matchLabels?: Labels }
  }
}

/** What selects the stable pods and will not select the canary's, which have other labels: policies, budgets, other Services. */
export async function leftBehind(
  cluster: Cluster,
  stable: Labels,
  canary: Labels,
  known: readonly string[],
): Promise<string[]> {
  const misses = (selector: Labels | undefined) => selects(selector, stable) && !selects(selector, canary)
  const [services, policies, budgets] = await Promise.all([
    allowed(cluster.list<Service>('v1', 'Service')),
    allowed(cluster.list<PodSelecting>('networking.k8s.io/v1', 'NetworkPolicy')),
    allowed(cluster.list<PodSelecting>('policy/v1', 'PodDisruptionBudget')),
  ])
  return [
    ...services
      .filter(({ metadata, spec }) => !known.includes(metadata.name) && misses(spec.selector))
      .map(({ metadata }) => `service ${metadata.name} will not lead to canary pods`),
    ...policies
      .filter(({ spec }) => misses(spec.podSelector?.matchLabels))
      .map(
        ({ metadata }) =>
          `networkpolicy ${metadata.name} will not apply to canary pods: what it allows, they may not do`,
      ),
    ...budgets
      .filter(({ spec }) => misses(spec.selector?.matchLabels))
      .map(({ metadata }) => `poddisruptionbudget ${metadata.name} will not protect canary pods`),
  ].map((text) => forLog(text, 300))
}

/** Controllers that write an object's fields back when we change them. */
export function reappliers({ metadata }: NamedObject): string[] {
  const managers = (metadata.managedFields ?? []).map(({ manager }) => manager).filter(isReapplying)
  return [...new Set(managers)].map((manager) => forLog(manager, 100))
}

/** A list that is only for warnings: where we may not read it, there are none. */
async function allowed<T>(list: Promise<T[]>): Promise<T[]> {
  try {
    return await list
  } catch (error) {
    if (isForbidden(error) || isNotFound(error)) return []
    throw error
  }
}
