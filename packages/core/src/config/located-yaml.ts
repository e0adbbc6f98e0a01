import type { Document, LineCounter } from 'yaml'
import type * as z from 'zod'
import { ConfigurationError, type Problem, type Source } from '../errors.ts'
import { suggestName } from '../nearest.ts'

/** A validated value and where each of its keys was written. */
export interface Located<T> {
  readonly value: T
  readonly file: string
  sourceOf(path: readonly PropertyKey[]): Source
}

/** What a kind of file says in its refusals. */
export interface YamlForm {
  /** The keys that are known where an unknown one was found. */
  readonly knownKeys: (path: readonly PropertyKey[], value: unknown) => readonly string[]
  readonly empty: { readonly why: string; readonly mend: string }
  /** Where to look up what a key may be. */
  readonly mend: string
  /** Whether what stands at a path may be a secret that should not, and is not repeated. */
  readonly secret?: (path: readonly PropertyKey[]) => boolean
  /** 1.1 where the file's reader follows it, as PyYAML does: `off` is false there. Default 1.2. */
  readonly yamlVersion?: '1.1' | '1.2'
}

interface YamlNode {
  readonly range?: readonly number[]
  readonly items?: readonly { readonly key?: YamlNode & { readonly value?: unknown } }[]
}

/** Where a path was written, at the deepest of its keys and items that exists. */
export function locator(document: Document, lines: LineCounter, file: string) {
  const nodeAt = (path: readonly PropertyKey[]) => document.getIn(path, true) as YamlNode | undefined
  const keyAt = (path: readonly PropertyKey[]): YamlNode | undefined => {
    const items = nodeAt(path.slice(0, -1))?.items ?? []
    return items.find(({ key }) => key !== undefined && String(key.value) === String(path.at(-1)))?.key
  }
  return (path: readonly PropertyKey[]): Source => {
    for (let depth = path.length; depth >= 0; depth--) {
      const part = path.slice(0, depth)
      const node = nodeAt(part)
      // The value of a key may begin some lines below it.
      const range = node?.range && ((depth > 0 ? keyAt(part)?.range : undefined) ?? node.range)
      if (range) return { file, line: lines.linePos(range[0]!).line }
    }
    return { file, line: 1 }
  }
}

const valueAt = (value: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>((inner, key) => (inner as Record<PropertyKey, unknown> | null | undefined)?.[key], value)

const reasonOf = ({ message }: z.core.$ZodIssue): string =>
  message
    .replace(/^Invalid input: e/, 'E')
    .replace(/^Invalid discriminator value. Expected (.*)$/, (_, kinds: string) =>
      kinds.includes('|')
        ? `Expected one of ${kinds.replaceAll("'", '').replaceAll(' | ', ', ')}`
        : `Expected ${kinds}`,
    )

function* problemsOf(
  issues: readonly z.core.$ZodIssue[],
  above: readonly PropertyKey[],
  value: unknown,
  form: YamlForm,
): Generator<Omit<Problem, 'source'> & { path: readonly PropertyKey[] }> {
  for (const issue of issues) {
    const path = [...above, ...issue.path]
    const name = path.length === 0 ? 'The file' : path.map(String).join('.')
    const there = JSON.stringify(valueAt(value, path))
    const found = there !== undefined && form.secret?.(path) ? 'not what it may be' : (there ?? 'missing')
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys) {
        const known = form.knownKeys(path, valueAt(value, path))
        yield {
          path: [...path, key],
          what: `"${key}" is not a key of ${path.length === 0 ? 'the file' : name}`,
          why: 'Unknown keys are refused because a misspelt one would be ignored silently',
          mend: known.length > 0 ? suggestName(key, known) : 'Remove it',
        }
      }
    } else if (issue.code === 'invalid_union' && issue.errors.length > 0) {
      // The branch that fits best is the one that the writer meant.
      const branches = issue.errors.filter(
        (errors) => !errors.some((error) => error.path.length === 0 && error.code === 'invalid_type'),
      )
      const meant = (branches.length > 0 ? branches : issue.errors).toSorted((a, b) => a.length - b.length)[0]!
      if (branches.length > 0) yield* problemsOf(meant, path, value, form)
      else
        yield {
          path,
          what: `${name} is ${found}`,
          why: `Expected ${issue.errors
            .flat()
            .map((error) => ('expected' in error ? String(error.expected) : error.message))
            .join(' or ')}`,
          mend: form.mend,
        }
    } else if (found === 'missing' && typeof valueAt(value, path.slice(0, -1)) === 'string') {
      const parent = path.slice(0, -1)
      yield {
        path: parent,
        what: `${parent.map(String).join('.')} is ${JSON.stringify(valueAt(value, parent))}`,
        why: reasonOf(issue),
        mend: form.mend,
      }
    } else {
      yield {
        path,
        what: found === 'missing' ? `${name} is missing` : `${name} is ${found.slice(0, 100)}`,
        why: reasonOf(issue),
        mend: form.mend,
      }
    }
  }
}

/**
 * Reads a YAML file of a known form.
 *
 * @throws {ConfigurationError} with all its problems at once, each with its line
 */
export async function parseYamlWith<T>(
  schema: z.ZodType<T>,
  text: string,
  file: string,
  form: YamlForm,
): Promise<Located<T>> {
  const { LineCounter, parseDocument } = await import('yaml')
  const lines = new LineCounter()
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    logLevel: 'error',
    version: form.yamlVersion ?? '1.2',
  })
  const sourceOf = locator(document, lines, file)
  const broken = document.errors.map(
    (error): Problem => ({
      what: `This is not YAML: ${error.message}`,
      why: 'The file cannot be read',
      mend: 'Mend the line; quote texts that hold ": " or "#"',
      source: { file, line: lines.linePos(error.pos[0]).line },
    }),
  )
  if (broken.length > 0) throw new ConfigurationError(broken)
  const value = toValue(document, file)
  if (value === null || value === undefined) {
    const { why, mend } = form.empty
    throw new ConfigurationError({ what: 'The file is empty', why, mend, source: { file, line: 1 } })
  }
  const parsed = schema.safeParse(value)
  if (!parsed.success) {
    throw new ConfigurationError(
      [...problemsOf(parsed.error.issues, [], value, form)].map(({ path, ...problem }) => ({
        ...problem,
        source: sourceOf(path),
      })),
    )
  }
  return { value: parsed.data, file, sourceOf }
}

function toValue(document: Document, file: string): unknown {
  try {
    return document.toJS()
  } catch (error) {
    // A few aliases of aliases would fill the memory.
    throw new ConfigurationError({
      what: `This YAML cannot be expanded: ${(error as Error).message}`,
      why: 'Aliases are followed at most 100 times',
      mend: 'Write the repeated part out',
      source: { file, line: 1 },
    })
  }
}
