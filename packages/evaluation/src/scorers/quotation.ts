import type { Json } from '@agent-ci/core/json'
import { cut } from '@agent-ci/core/untrusted'

const MAX_CHARACTERS = 200

/** A text in quotation marks, cut at 200 characters. */
export const quote = (text: string): string => `"${cut(text, MAX_CHARACTERS)}"`

/** A value as JSON, cut at 200 characters. */
export function quoteJson(value: Json): string {
  try {
    return cut(JSON.stringify(value), MAX_CHARACTERS)
  } catch (error) {
    // An answer may nest so deeply that JSON.parse reads it and JSON.stringify overflows the stack.
    if (error instanceof RangeError) return 'a deeply nested value'
    throw error
  }
}

/** `"a" or "b"`, for what an example accepts. */
export const quoteAny = (values: readonly Json[]): string => cut(values.map(quoteJson).join(' or '), MAX_CHARACTERS)
