import { isJsonObject, type Json, jsonEqual } from '@agent-ci/core/json'
import type { PlannedObject } from '@agent-ci/core/rollout-plan'
import type { Cluster } from '../kubernetes/cluster.ts'
import { type KubernetesObject, referenceOf } from '../kubernetes/object.ts'

/** Set by the server on every write. */
const BOOKKEEPING = new Set(['managedFields', 'resourceVersion', 'generation', 'creationTimestamp', 'uid', 'selfLink'])
const MOST_FIELDS = 20

/** What an apply would do to each object, as the API server itself says. Changes nothing. */
export async function plannedObjects(cluster: Cluster, objects: readonly KubernetesObject[]): Promise<PlannedObject[]> {
  const planned: PlannedObject[] = []
  for (const object of objects) {
    const reference = referenceOf(object)
    const live = await cluster.get<KubernetesObject>(reference)
    const named = { kind: object.kind, name: object.metadata.name }
    if (!live) {
      planned.push({ ...named, change: 'created', fields: [] })
      continue
    }
    const then = await cluster.apply<KubernetesObject>(object, { dryRun: true, force: true })
    const fields = changedFields(bare(live), bare(then)).slice(0, MOST_FIELDS)
    planned.push({ ...named, change: fields.length === 0 ? 'unchanged' : 'changed', fields })
  }
  return planned
}

function bare({ status: _, metadata, ...rest }: KubernetesObject): Json {
  const kept = Object.fromEntries(Object.entries(metadata).filter(([key]) => !BOOKKEEPING.has(key)))
  return { ...rest, metadata: kept } as unknown as Json
}

/** The paths at which two values differ, the items of lists by their names: `spec.template.spec.containers[agent].image`. */
function changedFields(before: Json, after: Json, path = ''): string[] {
  if (jsonEqual(before, after)) return []
  if (isJsonObject(before) && isJsonObject(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort()
    return keys.flatMap((key) =>
      changedFields(before[key] ?? null, after[key] ?? null, path === '' ? key : `${path}.${key}`),
    )
  }
  if (Array.isArray(before) && Array.isArray(after)) {
    const [a, b] = [byName(before), byName(after)]
    if (a && b)
      return [...new Set([...a.keys(), ...b.keys()])].flatMap((name) =>
        changedFields(a.get(name) ?? null, b.get(name) ?? null, `${path}[${name}]`),
      )
  }
  return [path]
}

function byName(list: readonly Json[]): Map<string, Json> | undefined {
  const named = new Map<string, Json>()
  for (const item of list) {
    if (!isJsonObject(item) || typeof item.name !== 'string' || named.has(item.name)) return undefined
    named.set(item.name, item)
  }
  return named
}
