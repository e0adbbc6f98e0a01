import type { ScorerConfigOf } from '@agent-ci/core/config/scorers'
import type { Json } from '@agent-ci/core/json'
import type { Scorer } from '@agent-ci/core/score'
import { RegExpTimeout } from './bounded-regexp.ts'
import type { ScorerDeps } from './deps.ts'
import { parseJsonAnswer } from './json-answer.ts'
import { firstDifference, type JsonComparison } from './json-difference.ts'
import { compileSchema, type SchemaCheck } from './json-schema.ts'
import { judged, unscored } from './judgement.ts'
import { quote } from './quotation.ts'

/** A text that is JSON stands for it: a CSV cell can't hold an object. A list of texts is accepted as itself or by any of its items. */
function acceptedValues(expected: Json): readonly Json[] {
  if (typeof expected === 'string') return [parseJsonAnswer(expected) ?? expected]
  if (Array.isArray(expected) && expected.length > 0 && expected.every((item) => typeof item === 'string')) {
    return [...expected.map((item) => parseJsonAnswer(item) ?? item), expected]
  }
  return [expected]
}

function differenceFromAll(answer: Json, expected: Json, comparison: JsonComparison): string | undefined {
  let first: string | undefined
  for (const value of acceptedValues(expected)) {
    const difference = firstDifference(answer, value, comparison)
    if (difference === undefined) return undefined
    first ??= difference
  }
  return first
}

/**
 * The answer is JSON (one Markdown code fence around it is tolerated), fits the schema where there is one, and equals the expected value or
 * holds at least it.
 * @throws ConfigurationError for a schema that can't be used
 */
export async function createJson(config: ScorerConfigOf<'json'>, name: string, deps: ScorerDeps): Promise<Scorer> {
  const { compare } = config
  const check: SchemaCheck | undefined =
    config.schema === undefined ? undefined : await compileSchema(config.schema, name, deps.cwd)
  return {
    name,
    judges: 'output',
    appliesTo: (example) => compare === 'none' || check !== undefined || example.expected !== undefined,
    async score({ expected }, { output }) {
      const answer = parseJsonAnswer(output)
      if (answer === undefined) return judged(name, false, `The answer is no JSON: ${quote(output)}.`)
      try {
        const misfit = check?.(answer)
        if (misfit !== undefined) return judged(name, false, `The answer does not fit the schema: ${misfit}.`)
        const difference =
          compare === 'none' || expected === undefined ? undefined : differenceFromAll(answer, expected, compare)
        if (difference !== undefined) return judged(name, false, `The answer differs: ${difference}.`)
      } catch (error) {
        if (error instanceof RegExpTimeout) return unscored(name, error.message)
        // Only a schema that refers to itself follows an answer into any depth.
        if (error instanceof RangeError) return judged(name, false, 'The answer is nested too deeply to be checked.')
        throw error
      }
      return judged(name, true, 'The answer is the expected JSON.')
    },
  }
}
