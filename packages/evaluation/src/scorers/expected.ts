import type { Json } from '@agent-ci/core/json'

const isScalar = (value: Json): value is string | number | boolean | null => typeof value !== 'object' || value === null

/**
 * The answers that an example accepts: each item of a list of texts, numbers or booleans, otherwise the value itself. A list that holds
 * objects or lists is one JSON value: read as alternatives it would let an answer pass that has only one of its items.
 */
export function acceptedAnswers(expected: Json | undefined): readonly Json[] {
  if (expected === undefined) return []
  return Array.isArray(expected) && expected.length > 0 && expected.every(isScalar) ? expected : [expected]
}

/** The accepted answers that are texts, or numbers and booleans written as such. */
export const acceptedTexts = (expected: Json | undefined): readonly string[] =>
  acceptedAnswers(expected).flatMap((answer) => (isScalar(answer) && answer !== null ? [String(answer)] : []))
