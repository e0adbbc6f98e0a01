import type { Json } from '@agent-ci/core/json'

const FENCED = /^```(?:json)?[ \t]*\r?\n([\s\S]*?)\r?\n?```$/i

/** A text as JSON, alone or in one Markdown code fence; undefined when it is none. */
export function parseJsonAnswer(text: string): Json | undefined {
  const trimmed = text.trim()
  try {
    return JSON.parse(FENCED.exec(trimmed)?.[1] ?? trimmed) as Json
  } catch {
    return undefined
  }
}
