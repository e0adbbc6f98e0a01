import type { Json } from '@agent-ci/core/json'

export type ParsedYaml =
  | { readonly ok: true; readonly value: Json }
  | { readonly ok: false; readonly message: string; readonly line: number }

/** YAML (and so JSON) as JSON values, or its first error with the line from 1. */
export async function parseYaml(text: string): Promise<ParsedYaml> {
  const { LineCounter, parseDocument } = await import('yaml')
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'silent' })
  const [broken] = document.errors
  if (broken) return { ok: false, message: broken.message, line: lines.linePos(broken.pos[0]).line }
  try {
    // Through JSON: .nan and .inf become null.
    return { ok: true, value: JSON.parse(JSON.stringify(document.toJS() ?? null)) as Json }
  } catch (error) {
    // Too many aliases, which would fill the memory.
    return { ok: false, message: (error as Error).message, line: 1 }
  }
}
