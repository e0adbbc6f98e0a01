import type { Json, JsonObject } from '@agent-ci/core/json'

/** What every object has; the interfaces of the kinds that we look into extend it. */
export interface NamedObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: ObjectMeta
}

/** Any object as the API server reads and writes it: plain JSON, times as text. */
export interface KubernetesObject extends NamedObject {
  readonly [field: string]: Json | ObjectMeta | undefined
}

export interface ObjectMeta {
  readonly name: string
  readonly namespace?: string
  readonly uid?: string
  readonly resourceVersion?: string
  readonly generation?: number
  readonly creationTimestamp?: string
  readonly deletionTimestamp?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
  readonly ownerReferences?: readonly {
    readonly apiVersion: string
    readonly kind: string
    readonly name: string
    readonly uid: string
    readonly controller?: boolean
  }[]
  readonly managedFields?: readonly ManagedFields[]
}

/** Who owns which fields, as server-side apply keeps it. */
export interface ManagedFields {
  readonly manager: string
  readonly operation: 'Apply' | 'Update'
  readonly apiVersion: string
  readonly time?: string
  readonly fieldsType: 'FieldsV1'
  readonly fieldsV1: JsonObject
  readonly subresource?: string
}

/** What names an object in a namespace. */
export interface ObjectReference {
  readonly apiVersion: string
  readonly kind: string
  readonly name: string
}

export const referenceOf = ({ apiVersion, kind, metadata }: NamedObject): ObjectReference => ({
  apiVersion,
  kind,
  name: metadata.name,
})

/** `deployment agent-service`: how messages name an object. */
export const formatReference = ({ kind, name }: Pick<ObjectReference, 'kind' | 'name'>): string =>
  `${kind.toLowerCase()} ${name}`
