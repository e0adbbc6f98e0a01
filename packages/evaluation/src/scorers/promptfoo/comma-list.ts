import type { Json } from '@agent-ci/core/json'
import { Malformed } from './finding.ts'

const MEND = 'Write a list, or texts with commas between them; a text that has commas in double quotes'

/** A field in double quotes, behind its first one: `""` and `\"` are a quote, `\\` a backslash. */
function quotedField(text: string, start: number): { readonly field: string; readonly end: number } {
  let field = ''
  for (let at = start; at < text.length; at++) {
    const char = text[at]!
    const next = text[at + 1]
    if ((char === '\\' && (next === '"' || next === '\\')) || (char === '"' && next === '"')) {
      field += next
      at++
    } else if (char === '"') return { field, end: at + 1 }
    else field += char
  }
  throw new Malformed('A double quote in its value is not closed', MEND)
}

/** The fields of a text with commas between them, white space around them left out; empty ones count only in quotes. */
export function splitCommas(text: string): string[] {
  const fields: string[] = []
  for (let at = 0; at < text.length; ) {
    if (/[\s,]/.test(text[at]!)) {
      at++
      continue
    }
    if (text[at] === '"') {
      const { field, end } = quotedField(text, at + 1)
      fields.push(field)
      const rest = text.slice(end)
      if (!/^\s*(?:,|$)/.test(rest)) throw new Malformed('There is no comma behind a closing quote in its value', MEND)
      at = end
    } else {
      const comma = text.indexOf(',', at)
      const end = comma < 0 ? text.length : comma
      fields.push(text.slice(at, end).trim())
      at = end
    }
  }
  return fields
}

/** The texts of a value that is a list, or a text with commas. @throws Malformed */
export function listOf(value: Json | undefined): readonly Json[] {
  if (Array.isArray(value)) return value as readonly Json[]
  if (typeof value === 'string' && value !== '') return splitCommas(value)
  throw new Malformed('Its value is no list of texts', MEND)
}
