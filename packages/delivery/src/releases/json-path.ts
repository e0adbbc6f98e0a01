import { isJsonObject, type Json, type JsonObject } from '@agent-ci/core/json'

export type JsonPath = readonly (string | number)[]

export const valueAt = (value: Json | undefined, path: JsonPath): Json | undefined =>
  path.reduce<Json | undefined>((inner, key) => {
    if (Array.isArray(inner)) return (inner as readonly Json[])[key as number]
    return isJsonObject(inner) && Object.hasOwn(inner, key) ? inner[key] : undefined
  }, value)

/** The object at a path; an empty one where there is none. */
export function objectAt(value: Json | undefined, path: JsonPath): JsonObject {
  const found = valueAt(value, path)
  return isJsonObject(found) ? found : {}
}

/** The objects of a list at a path; none where there is no list. */
export function objectsAt(value: Json | undefined, path: JsonPath): readonly JsonObject[] {
  const found = valueAt(value, path)
  return Array.isArray(found) ? (found as readonly Json[]).filter(isJsonObject) : []
}

/** A copy with another value at a path; objects that are missing on the way are made. */
export function withValue<T extends Json>(whole: T, path: JsonPath, value: Json): T {
  const [key, ...rest] = path
  if (key === undefined) return value as T
  if (Array.isArray(whole)) {
    return (whole as readonly Json[]).map((item, i) => (i === key ? withValue(item, rest, value) : item)) as Json as T
  }
  const object = isJsonObject(whole) ? whole : {}
  return { ...object, [key]: withValue(valueAt(object, [key]) ?? {}, rest, value) } as Json as T
}
