import type { Document, LineCounter } from 'yaml'
import * as z from 'zod'
import { ConfigurationError, type Problem, type Source } from '../errors.ts'
import { suggestName } from '../nearest.ts'
import { agentConfigSchema } from './agents.ts'
import { type ConfigFile, configFileSchema } from './file.ts'
import { scorerSchemas } from './scorers.ts'

/** A configuration and where each of its keys was written. */
export interface LocatedConfig {
  readonly config: ConfigFile
  readonly file: string
  sourceOf(path: readonly PropertyKey[]): Source
}

/** The line of the deepest node that exists on a path. */
function locator(document: Document, lines: LineCounter, file: string) {
  return (path: readonly PropertyKey[]): Source => {
    for (let depth = path.length; depth > 0; depth--) {
      const node = document.getIn(path.slice(0, depth), true) as { range?: readonly number[] } | undefined
      if (node?.range) return { file, line: lines.linePos(node.range[0]!).line }
    }
    return { file, line: 1 }
  }
}

/** The keys that are known where an unknown one was found: for a union, those of the form its `type` names. */
function knownKeys(path: readonly PropertyKey[], value: unknown): string[] {
  const shapeOf = (schema: z.ZodType): Record<string, z.ZodType> => {
    const inner =
      schema instanceof z.ZodOptional || schema instanceof z.ZodDefault ? (schema.unwrap() as z.ZodType) : schema
    return inner instanceof z.ZodObject ? (inner.shape as Record<string, z.ZodType>) : {}
  }
  const type = (value as { type?: unknown } | null)?.type
  if (path[0] === 'agent' && path.length === 1) {
    const option = agentConfigSchema.options.find((candidate) => candidate.shape.type.value === type)
    return Object.keys(option?.shape ?? {})
  }
  if (path[0] === 'scorers' && typeof type === 'string' && type in scorerSchemas) {
    return Object.keys(scorerSchemas[type as keyof typeof scorerSchemas].shape)
  }
  let shape = shapeOf(configFileSchema)
  for (const key of path) shape = shapeOf(shape[String(key)] ?? z.unknown())
  return Object.keys(shape)
}

const valueAt = (value: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>((inner, key) => (inner as Record<PropertyKey, unknown> | null | undefined)?.[key], value)

function* problemsOf(
  issues: readonly z.core.$ZodIssue[],
  above: readonly PropertyKey[],
  value: unknown,
): Generator<Omit<Problem, 'source'> & { path: readonly PropertyKey[] }> {
  for (const issue of issues) {
    const path = [...above, ...issue.path]
    const name = path.length === 0 ? 'the file' : path.map(String).join('.')
    // What stands there may be a secret that should not.
    const hidden = path[0] === 'notify' && valueAt(value, path) !== undefined
    const found = hidden ? 'not what it may be' : (JSON.stringify(valueAt(value, path)) ?? 'missing')
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys) {
        const known = knownKeys(path, valueAt(value, path))
        yield {
          path: [...path, key],
          what: `"${key}" is not a key of ${name}`,
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
      if (branches.length > 0) yield* problemsOf(meant, path, value)
      else
        yield {
          path,
          what: `${name} is ${found}`,
          why: `Expected ${issue.errors
            .flat()
            .map((error) => ('expected' in error ? String(error.expected) : error.message))
            .join(' or ')}`,
          mend: 'See schema/agent-ci.schema.json for every key',
        }
    } else if (found === 'missing' && typeof valueAt(value, path.slice(0, -1)) === 'string') {
      const parent = path.slice(0, -1)
      yield {
        path: parent,
        what: `${parent.map(String).join('.')} is ${JSON.stringify(valueAt(value, parent))}`,
        why: issue.message.replace(/^Invalid discriminator value. /, ''),
        mend: 'See schema/agent-ci.schema.json for every key and its values',
      }
    } else {
      yield {
        path,
        what: found === 'missing' ? `${name} is missing` : `${name} is ${found.slice(0, 100)}`,
        why: issue.message.replace(/^Invalid input: e/, 'E'),
        mend: 'See schema/agent-ci.schema.json for every key and its values',
      }
    }
  }
}

/** Reads the text of an agent-ci.yaml; refuses it with all its problems at once, each with its line. */
export async function parseConfig(text: string, file: string): Promise<LocatedConfig> {
  const { LineCounter, parseDocument } = await import('yaml')
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'error' })
  const sourceOf = locator(document, lines, file)
  const broken = document.errors.map(
    (error): Problem => ({
      what: `This is not YAML: ${error.message}`,
      why: 'The file could not be read',
      mend: 'Mend the line; quote texts that hold ": " or "#"',
      source: { file, line: lines.linePos(error.pos[0]).line },
    }),
  )
  if (broken.length > 0) throw new ConfigurationError(broken)
  const value: unknown = document.toJS()
  if (value === null || value === undefined) {
    throw new ConfigurationError({
      what: 'The file is empty',
      why: 'Expected at least a version',
      mend: 'Write version: 1, or run agent-ci init',
      source: { file, line: 1 },
    })
  }
  const parsed = configFileSchema.safeParse(value)
  if (!parsed.success) {
    throw new ConfigurationError(
      [...problemsOf(parsed.error.issues, [], value)].map(({ path, ...problem }) => ({
        ...problem,
        source: sourceOf(path),
      })),
    )
  }
  return { config: parsed.data, file, sourceOf }
}
