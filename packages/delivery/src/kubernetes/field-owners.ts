import { isJsonObject, type Json, type JsonObject } from '@agent-ci/core/json'
import type { Untrusted } from '@agent-ci/core/untrusted'
import { ApiError } from './api-error.ts'
import { FIELD_MANAGER, type JsonPatch } from './cluster.ts'
import type { ManagedFields, NamedObject } from './object.ts'

/** A field that somebody else owns and that an apply of ours would change. */
export interface FieldConflict {
  readonly field: string
  /** As the API server puts it: `conflict with "argocd-controller" using apps/v1`. */
  readonly message: Untrusted
  readonly owner: string
}

/** The conflicts that a server-side apply was refused for; undefined where it was refused for something else. */
export function fieldConflicts(error: unknown): FieldConflict[] | undefined {
  if (!(error instanceof ApiError) || error.status !== 409) return undefined
  const causes = error.causes.filter(({ reason }) => reason === 'FieldManagerConflict')
  if (causes.length === 0) return undefined
  return causes.map(({ field, message }) => ({
    field,
    message,
    owner: /"([^"]*)"/.exec(message)?.[1] ?? 'somebody',
  }))
}

/** Managers that are a person or a script with kubectl: no controller that would write its fields back. */
export const isByHand = (manager: string): boolean =>
  manager === FIELD_MANAGER || manager === 'before-first-apply' || /^kubectl(-|$)/.test(manager)

/** Managers that write their fields back when somebody else changes them. */
export const isReapplying = (manager: string): boolean =>
  /argocd|flux|kustomize-controller|helm|fleet|config-management/i.test(manager)

/**
 * A patch that makes the fields which were written under one of some other managers, or by our own patches, ours to apply; undefined where there
 * are none. Without it a field that a later release no longer states would stay for ever, owned by who wrote it once (as client-go's
 * csaupgrade does for kubectl's own move to server-side apply).
 */
export function takeOverFields(object: NamedObject, from: (manager: string) => boolean): JsonPatch | undefined {
  const entries = (object.metadata.managedFields ?? []).filter(({ subresource }) => !subresource)
  const isOurs = ({ manager, operation }: ManagedFields) => manager === FIELD_MANAGER && operation === 'Apply'
  const taken = entries.filter((entry) => !isOurs(entry) && from(entry.manager))
  if (taken.length === 0) return undefined
  const ours = entries.find(isOurs)
  const last = ours ?? taken.at(-1)!
  const fieldsV1 = taken.reduce<JsonObject>((sum, { fieldsV1: more }) => union(sum, more), ours?.fieldsV1 ?? {})
  const others = (object.metadata.managedFields ?? []).filter((entry) => entry !== ours && !taken.includes(entry))
  const merged = { ...last, manager: FIELD_MANAGER, operation: 'Apply', fieldsV1 }
  return [
    { op: 'test', path: '/metadata/resourceVersion', value: object.metadata.resourceVersion! },
    { op: 'replace', path: '/metadata/managedFields', value: [...others, merged] as unknown as Json },
  ]
}

/** The union of two sets of fields (FieldsV1: nested objects whose keys are the members). */
function union(a: JsonObject, b: JsonObject): JsonObject {
  const sum: Record<string, Json> = { ...a }
  for (const [key, value] of Object.entries(b)) {
    const there = sum[key]
    sum[key] = isJsonObject(there) && isJsonObject(value) ? union(there, value) : value
  }
  return sum
}
