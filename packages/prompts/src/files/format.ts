import type { Syntax } from '../variables/variables.ts'

/**
 * How a prompt file is read. `text` may have front matter; `data` is YAML or JSON of any shape; `messages` is GitHub's `.prompt.yml`;
 * `prompty` must have front matter; `other` is code or anything else that the globs let in: its text counts, its braces do not.
 */
export interface PromptFormat {
  readonly kind: 'text' | 'data' | 'messages' | 'prompty' | 'other'
  readonly syntaxes: readonly Syntax[]
  readonly extension: string
}

const ALL: readonly Syntax[] = ['tags', 'format', 'shell']
const TAGS: readonly Syntax[] = ['tags']

/** The longer extension comes first. */
const FORMATS: readonly PromptFormat[] = [
  { kind: 'messages', syntaxes: TAGS, extension: '.prompt.yml' },
  { kind: 'messages', syntaxes: TAGS, extension: '.prompt.yaml' },
  { kind: 'prompty', syntaxes: TAGS, extension: '.prompty' },
  ...['.yaml', '.yml', '.json'].map((extension) => ({ kind: 'data', syntaxes: ALL, extension }) as const),
  ...['.md', '.markdown', '.mdx', '.txt', '.prompt', '.tmpl'].map(
    (extension) => ({ kind: 'text', syntaxes: ALL, extension }) as const,
  ),
  ...['.j2', '.jinja', '.jinja2', '.liquid', '.hbs', '.handlebars', '.mustache'].map(
    (extension) => ({ kind: 'text', syntaxes: TAGS, extension }) as const,
  ),
]

/** The format of a file by its name; a name without an extension is a text. */
export function formatOf(path: string): PromptFormat {
  const fileName = path.slice(path.lastIndexOf('/') + 1)
  const lower = fileName.toLowerCase()
  const known = FORMATS.find(({ extension }) => lower.endsWith(extension))
  if (known) return known
  const dot = fileName.lastIndexOf('.')
  if (dot <= 0) return { kind: 'text', syntaxes: ALL, extension: '' }
  return { kind: 'other', syntaxes: [], extension: fileName.slice(dot) }
}
