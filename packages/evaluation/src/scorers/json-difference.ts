import { isJsonObject, type Json, type JsonObject } from '@agent-ci/core/json'
import { quoteJson } from './quotation.ts'

/** `equal`, or `superset`: objects may hold more keys than expected, at every depth; lists have the same length. */
export type JsonComparison = 'equal' | 'superset'

const stepTo = (key: string): string => (/^[\w$]+$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`)

/** The first place where a value is not as expected, as a JSON path and in words; undefined where there is none. */
export function firstDifference(
  actual: Json,
  expected: Json,
  comparison: JsonComparison,
  path = '$',
): string | undefined {
  if (Array.isArray(actual) && Array.isArray(expected)) return inLists(actual, expected, comparison, path)
  if (isJsonObject(actual) && isJsonObject(expected)) return inObjects(actual, expected, comparison, path)
  return actual === expected ? undefined : `${path} is ${quoteJson(actual)} instead of ${quoteJson(expected)}`
}

function inLists(actual: readonly Json[], expected: readonly Json[], comparison: JsonComparison, path: string) {
  for (let i = 0; i < Math.min(actual.length, expected.length); i++) {
    const difference = firstDifference(actual[i]!, expected[i]!, comparison, `${path}[${i}]`)
    if (difference !== undefined) return difference
  }
  if (actual.length === expected.length) return undefined
  return `${path} has the length ${actual.length} instead of ${expected.length}`
}

function inObjects(actual: JsonObject, expected: JsonObject, comparison: JsonComparison, path: string) {
  for (const [key, value] of Object.entries(expected)) {
    // An absent key is not null.
    if (!Object.hasOwn(actual, key)) return `${path}${stepTo(key)} is missing`
    const difference = firstDifference(actual[key]!, value, comparison, `${path}${stepTo(key)}`)
    if (difference !== undefined) return difference
  }
  if (comparison === 'superset') return undefined
  const surplus = Object.keys(actual).find((key) => !Object.hasOwn(expected, key))
  return surplus === undefined ? undefined : `${path}${stepTo(surplus)} is not expected`
}
