import { isJsonObject, type JsonObject } from '@agent-ci/core/json'
import { parseYaml } from './yaml.ts'

export type FrontMatter =
  | { readonly kind: 'found'; readonly metadata: JsonObject; readonly body: string }
  | { readonly kind: 'none' }
  | { readonly kind: 'broken'; readonly message: string; readonly line: number }

const OPENING = /^\ufeff?---[ \t]*\r?\n/
const CLOSING = /^(?:---|\.\.\.)[ \t]*(?:\r?\n|$(?![\s\S]))/m

/** The YAML between two lines of `---` at the start of a text (the second may be `...`), and what follows. */
export async function splitFrontMatter(text: string): Promise<FrontMatter> {
  const opening = OPENING.exec(text)?.[0]
  if (opening === undefined) return { kind: 'none' }
  const rest = text.slice(opening.length)
  const closing = CLOSING.exec(rest)
  if (!closing) return { kind: 'none' }
  const yaml = await parseYaml(rest.slice(0, closing.index))
  if (!yaml.ok) return { kind: 'broken', message: yaml.message, line: yaml.line + 1 }
  const metadata = yaml.value ?? {}
  if (!isJsonObject(metadata)) return { kind: 'none' }
  return { kind: 'found', metadata, body: rest.slice(closing.index + closing[0].length) }
}
