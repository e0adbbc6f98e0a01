import { isJsonObject, type Json, type JsonObject } from '@agent-ci/core/json'
import { type JsonPath, valueAt, withValue } from './json-path.ts'
import { templatePath } from './pod-template.ts'

/** A place where a pod template names a ConfigMap. */
export interface ConfigMapReference {
  readonly configMap: string
  /** Of the object in the manifest that holds the name. */
  readonly path: JsonPath
  /** One value, all values as variables, or files. */
  readonly as: 'value' | 'variables' | 'files'
  /** The pod starts without it. */
  readonly optional: boolean
  /** The keys that must be there; empty where all are taken. */
  readonly keys: readonly string[]
}

function* listAt(object: JsonObject, path: JsonPath): Generator<{ value: JsonObject; path: JsonPath }> {
  const list = valueAt(object, path)
  if (!Array.isArray(list)) return
  for (const [i, value] of (list as readonly Json[]).entries()) {
    if (isJsonObject(value)) yield { value, path: [...path, i] }
  }
}

/** Every place of a pod template where a ConfigMap can be named. */
function* places(object: JsonObject): Generator<{ path: JsonPath; as: ConfigMapReference['as'] }> {
  const template = templatePath(object)
  if (!template) return
  const spec = [...template, 'spec']
  for (const list of ['initContainers', 'containers']) {
    for (const container of listAt(object, [...spec, list])) {
      for (const { path } of listAt(object, [...container.path, 'env'])) {
        yield { path: [...path, 'valueFrom', 'configMapKeyRef'], as: 'value' }
      }
      for (const { path } of listAt(object, [...container.path, 'envFrom'])) {
        yield { path: [...path, 'configMapRef'], as: 'variables' }
      }
    }
  }
  for (const volume of listAt(object, [...spec, 'volumes'])) {
    yield { path: [...volume.path, 'configMap'], as: 'files' }
    for (const { path } of listAt(object, [...volume.path, 'projected', 'sources'])) {
      yield { path: [...path, 'configMap'], as: 'files' }
    }
  }
}

/** The ConfigMaps that the pods of an object name. */
export function configMapReferences(object: JsonObject): ConfigMapReference[] {
  return [...places(object)].flatMap(({ path, as }) => {
    const holder = valueAt(object, path)
    if (!isJsonObject(holder) || typeof holder.name !== 'string') return []
    const items = as === 'value' ? [holder] : [...listAt(holder, ['items'])].map(({ value }) => value)
    const keys = items.map(({ key }) => key).filter((key) => typeof key === 'string')
    return [{ configMap: holder.name, path, as, optional: holder.optional === true, keys }]
  })
}

/** What a ConfigMap is called in the release, and where its keys go when it is mounted whole. */
export interface Renamed {
  readonly name: string
  readonly items?: readonly { readonly key: string; readonly path: string }[]
}

/** An object whose pods name other ConfigMaps; names that are not renamed stay. */
export function renameConfigMaps(object: JsonObject, renamed: ReadonlyMap<string, Renamed>): JsonObject {
  return configMapReferences(object).reduce((before, { configMap, path, as }) => {
    const to = renamed.get(configMap)
    if (!to) return before
    const holder = valueAt(before, path) as JsonObject
    const items = as === 'files' && to.items && holder.items === undefined ? { items: to.items } : {}
    return withValue(before, path, { ...holder, name: to.name, ...items })
  }, object)
}
