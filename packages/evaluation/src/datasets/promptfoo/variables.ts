import { readFileSync } from 'node:fs'
import { extname, relative, resolve } from 'node:path'
import { ConfigurationError, messageOf, type Source } from '@agent-ci/core/errors'
import { isJsonObject, type Json, type JsonObject } from '@agent-ci/core/json'
import { filesOf } from './glob.ts'
import { readYamlFile } from './located.ts'

const CODE = /\.(?:js|cjs|mjs|ts|cts|mts|py)$/
const MEDIA = /\.(?:pdf|png|jpe?g|gif|webp|bmp|svg|mp3|wav|ogg|m4a|mp4|webm|mov|avi)$/i

const refuse = (what: string, why: string, mend: string, source: Source): never => {
  throw new ConfigurationError({ what, why, mend, source })
}

/** The variables of a test: written out, or YAML files whose keys are joined. */
export function readVars(value: unknown, directory: string, source: Source): JsonObject {
  if (value === undefined || value === null) return {}
  if (isJsonObject(value)) return value
  const patterns = [value].flat()
  if (!patterns.every((pattern) => typeof pattern === 'string')) {
    refuse(
      'vars is neither a mapping nor the path of one',
      'Expected {name: value}',
      'Write vars: and below it name: value',
      source,
    )
  }
  const found = (patterns as string[]).flatMap((pattern) => {
    const files = filesOf(pattern.replace(/^file:\/\//, ''), directory)
    return files.length > 0
      ? files
      : refuse(`vars names ${pattern}, which does not exist`, 'Expected a YAML file', 'Correct the path', source)
  })
  return Object.assign(
    {},
    ...found.map((path) => readYamlFile(path, relative(directory, path), source).value),
  ) as JsonObject
}

/** Every combination of the values of lists of texts, and of the files that a `file://` glob names. */
export function combinations(vars: JsonObject, directory: string, source: Source): JsonObject[] {
  let made: JsonObject[] = [{}]
  for (const [name, value] of Object.entries(vars)) {
    let values: readonly Json[] = [value]
    if (typeof value === 'string' && value.startsWith('file://')) {
      const pattern = value.slice('file://'.length)
      const files = filesOf(pattern, directory)
      if (files.length === 0)
        refuse(
          `The variable ${name} names ${pattern}, which does not exist`,
          'Expected a file',
          'Correct the path',
          source,
        )
      values = files.map((path) => `file://${relative(directory, path)}`)
    } else if (Array.isArray(value) && typeof value[0] === 'string') values = value as readonly Json[]
    made = made.flatMap((one) => values.map((item) => ({ ...one, [name]: item })))
  }
  return made
}

/** The content of a file that a variable names: YAML as JSON, anything else as text. */
function load(name: string, reference: string, directory: string, source: Source): Json {
  const path = reference.slice('file://'.length)
  if (CODE.test(path))
    refuse(
      `The variable ${name} is computed by ${path}`,
      'agent-ci runs no code to make an example',
      'Write its value',
      source,
    )
  if (MEDIA.test(path))
    refuse(
      `The variable ${name} is the file ${path}`,
      'agent-ci reads text files',
      'Let the agent open the file itself, and pass its path',
      source,
    )
  const whole = resolve(directory, path)
  if (['.yaml', '.yml'].includes(extname(path))) return JSON.stringify(readYamlFile(whole, path, source).value)
  try {
    return readFileSync(whole, 'utf8').trim()
  } catch (error) {
    return refuse(
      `The variable ${name} names ${path}`,
      `It cannot be read: ${messageOf(error)}`,
      'Correct the path',
      source,
    )
  }
}

export const loadFiles = (vars: JsonObject, directory: string, source: Source): JsonObject =>
  Object.fromEntries(
    Object.entries(vars).map(([name, value]) => [
      name,
      typeof value === 'string' && value.startsWith('file://') ? load(name, value, directory, source) : value,
    ]),
  )
