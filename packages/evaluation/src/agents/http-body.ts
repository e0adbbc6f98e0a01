import { ConfigurationError } from '@agent-ci/core/errors'
import type { Json } from '@agent-ci/core/json'
import { suggestName } from '@agent-ci/core/nearest'

/** What a placeholder stands for; undefined where the run has none. */
export interface Values {
  readonly id: string
  readonly input: Json
  readonly model: string | undefined
  readonly prompts: Json | undefined
}

const NAMES = ['input', 'id', 'model', 'prompts'] as const
type Name = (typeof NAMES)[number]

type Render = (values: Values) => Json | undefined

const textOf = (value: Json | undefined): string =>
  value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value)

const PLACEHOLDER = /\{\{\s*([\w-]+)\s*\}\}/g

/** The names of a text's placeholders. */
export function placeholdersOf(text: string, key: string): Name[] {
  return [...text.matchAll(PLACEHOLDER)].map(([whole, name = '']) => {
    if (!NAMES.includes(name as Name)) {
      throw new ConfigurationError({
        what: `${key} has the placeholder ${whole}`,
        why: `Expected ${NAMES.map((known) => `{{${known}}}`).join(', ')}`,
        mend: suggestName(name, NAMES, 'Write one of them'),
      })
    }
    return name as Name
  })
}

/** Replaces the placeholders in a text, each value passed through `encode`. */
export const fillText = (text: string, values: Values, encode = (value: string) => value): string =>
  text.replaceAll(PLACEHOLDER, (_, name: Name) => encode(textOf(values[name])))

/**
 * Makes a function that fills a template: a string that is exactly one placeholder becomes the value itself (a key whose value is
 * undefined is left out), in any other string placeholders become text.
 * @throws ConfigurationError for an unknown placeholder
 */
export function compileTemplate(template: Json, key: string): Render {
  if (typeof template === 'string') {
    const names = placeholdersOf(template, key)
    if (names.length === 0) return () => template
    const only = names[0]!
    if (new RegExp(`^${PLACEHOLDER.source}$`).test(template)) return (values) => values[only]
    return (values) => fillText(template, values)
  }
  if (Array.isArray(template)) {
    const items = (template as readonly Json[]).map((item) => compileTemplate(item, key))
    return (values) => items.map((render) => render(values) ?? null)
  }
  if (typeof template === 'object' && template !== null) {
    const entries = Object.entries(template).map(([name, value]) => [name, compileTemplate(value, key)] as const)
    return (values) => {
      const filled = entries.map(([name, render]) => [name, render(values)] as const)
      return Object.fromEntries(filled.filter((entry): entry is readonly [string, Json] => entry[1] !== undefined))
    }
  }
  return () => template
}
