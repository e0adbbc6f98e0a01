import type { Json } from '@agent-ci/core/json'

/** Digits that a double may not hold: the text is then kept as text. */
const PRECISE = /\d{16}|[eE][+-]?\d{3}/

/** The value of a JSON object or array that survives being written again; undefined where the text itself has to be kept. */
export function parseLossless(text: string): Json | undefined {
  const start = text.trimStart()[0]
  if ((start !== '{' && start !== '[') || PRECISE.test(text)) return undefined
  return parseJson(text)
}

/** Undefined for what is no JSON. */
export function parseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** What kept text means: its value where it is JSON, else the text (`[DONE]`). */
export const meaningOf = (data: Json): Json => (typeof data === 'string' ? (parseJson(data) ?? data) : data)
