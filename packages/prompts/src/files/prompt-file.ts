import { ConfigurationError } from '@agent-ci/core/errors'
import { isJsonObject, type Json, type JsonObject } from '@agent-ci/core/json'
import { type PromptVersion, promptHash } from '@agent-ci/core/prompt'
import { type Syntax, type Variable, variablesOf } from '../variables/variables.ts'
import { formatOf } from './format.ts'
import { splitFrontMatter } from './front-matter.ts'
import { parseYaml } from './yaml.ts'

export interface Message {
  readonly role: string
  readonly content: string
}

/** A prompt that is a file of its own, versioned by git. */
export interface PromptFile extends PromptVersion {
  /** In the repository, with `/`. */
  readonly path: string
  /** The file whole; `content` is what of it reaches the model. */
  readonly text: string
  /** Where the file holds chat messages; `content` has them one after the other. */
  readonly messages?: readonly Message[]
  /** Their lines are those of the file. */
  readonly variables: readonly Variable[]
}

interface Parts {
  readonly content: string
  readonly metadata: JsonObject
  readonly messages?: readonly Message[]
  /** Where variables are looked for, when not in the content. */
  readonly templates?: readonly string[]
}

const isMessage = (value: Json): value is { role: string; content: string } =>
  isJsonObject(value) && typeof value.role === 'string' && typeof value.content === 'string'

/** Chat messages of a YAML or JSON prompt; everything beside them is metadata. */
function messageParts(value: Json): Parts | undefined {
  if (!isJsonObject(value) || !Array.isArray(value.messages) || value.messages.length === 0) return undefined
  const { messages: list, ...metadata } = value
  const messages = (list as readonly Json[]).filter(isMessage)
  if (messages.length !== (list as readonly Json[]).length) return undefined
  return {
    content: messages.map(({ role, content }) => `${role}:\n${content}`).join('\n\n'),
    metadata,
    messages: messages.map(({ role, content }) => ({ role, content })),
    templates: messages.map(({ content }) => content),
  }
}

/** All texts in a value: braces of YAML and JSON themselves are not variables. */
function textsIn(value: Json): string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null) return []
  return Object.values(value).flatMap(textsIn)
}

/** A file with more variables than this is no prompt, and looking each up takes quadratic time. */
const MOST_LOCATED = 1_000

/** Each variable once, with the line of the file where its text comes first (1 where the file writes it otherwise). */
function locate(templates: readonly string[], text: string, syntaxes: readonly Syntax[]): Variable[] {
  const first = new Map<string, Variable>()
  for (const variable of templates.flatMap((template) => variablesOf(template, syntaxes))) {
    if (first.has(variable.name)) continue
    const index = first.size < MOST_LOCATED ? text.indexOf(variable.token) : -1
    first.set(variable.name, { ...variable, line: index < 0 ? 1 : text.slice(0, index).split('\n').length })
  }
  return [...first.values()]
}

function assemble(path: string, text: string, parts: Parts): PromptFile {
  const { syntaxes, extension } = formatOf(path)
  const { name, version } = parts.metadata
  const hash = promptHash(parts.content)
  return {
    path,
    text,
    name: typeof name === 'string' && name !== '' ? name : path.slice(0, path.length - extension.length),
    version: typeof version === 'string' || typeof version === 'number' ? String(version) : hash,
    content: parts.content,
    hash,
    createdAt: null,
    metadata: parts.metadata,
    ...(parts.messages && { messages: parts.messages }),
    variables: locate(parts.templates ?? [parts.content], text, syntaxes),
  }
}

/** Any file as a prompt that is its whole text: what is left to do with one that is not in its format. */
export const promptFromText = (path: string, text: string): PromptFile =>
  assemble(path, text, { content: text, metadata: {} })

function refuse(path: string, line: number, what: string, mend: string): never {
  throw new ConfigurationError({
    what,
    why: `Its name says that it is a ${formatOf(path).extension} prompt`,
    mend,
    source: { file: path, line },
  })
}

/**
 * A prompt file by its name: text with or without front matter, YAML or JSON, `.prompt.yml`, Prompty. YAML and JSON that do not
 * parse are taken as text, since a template may become YAML only when it is filled in.
 *
 * @throws {ConfigurationError} for a `.prompt.yml` or `.prompty` file that is none, with its line
 */
export async function readPromptFile(path: string, text: string): Promise<PromptFile> {
  const { kind } = formatOf(path)
  switch (kind) {
    case 'other':
      return promptFromText(path, text)
    case 'text': {
      const front = await splitFrontMatter(text)
      return front.kind === 'found'
        ? assemble(path, text, { content: front.body, metadata: front.metadata })
        : promptFromText(path, text)
    }
    case 'prompty': {
      const front = await splitFrontMatter(text)
      if (front.kind === 'broken')
        refuse(path, front.line, `Its front matter is not YAML: ${front.message}`, 'Mend the line')
      if (front.kind === 'none')
        refuse(path, 1, 'It has no front matter', 'Begin the file with a line ---, YAML, and a line ---')
      return assemble(path, text, { content: front.body, metadata: front.metadata })
    }
    case 'messages': {
      const yaml = await parseYaml(text)
      if (!yaml.ok) refuse(path, yaml.line, `It is not YAML: ${yaml.message}`, 'Mend the line')
      const parts = messageParts(yaml.value)
      return parts
        ? assemble(path, text, parts)
        : refuse(path, 1, 'It has no messages', 'Write messages: with a list of {role, content}, both texts')
    }
    case 'data': {
      const yaml = await parseYaml(text)
      if (!yaml.ok) return promptFromText(path, text)
      return assemble(
        path,
        text,
        messageParts(yaml.value) ?? { content: text, metadata: {}, templates: textsIn(yaml.value) },
      )
    }
  }
}
