import type { ScorerConfigOf } from '@agent-ci/core/config/scorers'
import { type Json, type JsonObject, jsonEqual } from '@agent-ci/core/json'

type ToolsConfig = ScorerConfigOf<'tools'>
/** How one tool's arguments are compared: a mode, or the key paths that must be equal. */
type ArgumentsRule = ToolsConfig['args'] | readonly string[]

/** `time.start` and `items.0.id`; undefined where there is nothing. */
function valueAt(args: JsonObject, path: string): Json | undefined {
  let value: Json | undefined = args
  for (const key of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
    value = (value as JsonObject)[key]
  }
  return value
}

/** Every key of `part` is in `whole` with an equal value. Only the top level is partial; below it values are equal or not. */
const holds = (whole: JsonObject, part: JsonObject): boolean =>
  Object.entries(part).every(([key, value]) => Object.hasOwn(whole, key) && jsonEqual(whole[key]!, value))

/**
 * Whether the arguments of a call are what was expected. It is always asked as (actual, expected): agentevals swaps the sides in its
 * trajectory mode `subset`, which turns the argument modes round there, and we do not. A null argument is not an absent one.
 */
export function argumentsFit(actual: JsonObject, expected: JsonObject, rule: ArgumentsRule): boolean {
  switch (rule) {
    case 'ignore':
      return true
    case 'exact':
      return jsonEqual(actual, expected)
    case 'subset':
      return holds(expected, actual)
    case 'superset':
      return holds(actual, expected)
    default:
      return rule.every((path) => {
        const [a, b] = [valueAt(actual, path), valueAt(expected, path)]
        // A path that is missing on both sides is equal, as in agentevals (openevals fails there).
        return a === undefined || b === undefined ? a === b : jsonEqual(a, b)
      })
  }
}
