import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { ConfigurationError, messageOf } from '@agent-ci/core/errors'
import type { Json, JsonObject } from '@agent-ci/core/json'
import type { ErrorObject, Options } from 'ajv'
import { boundedRegExp } from './bounded-regexp.ts'

/** What is wrong with a value, or undefined where it fits the schema. A `RegExpTimeout` is thrown through. */
export type SchemaCheck = (value: Json) => string | undefined

const OPTIONS: Options = {
  // An unknown keyword is an error: a mistyped `requried` would demand nothing. Formats are annotations, as the standard has it by default.
  strict: false,
  strictSchema: true,
  validateFormats: false,
  logger: false,
  code: {
    regExp: Object.assign((pattern: string, flags: string) => boundedRegExp(pattern, flags), { code: 'boundedRegExp' }),
  },
}

/** ajv has a class for each family of drafts. */
async function createValidator(dialect: string) {
  if (dialect.includes('draft-07')) return new (await import('ajv')).Ajv(OPTIONS)
  if (dialect.includes('2019-09')) return new (await import('ajv/dist/2019.js')).Ajv2019(OPTIONS)
  return new (await import('ajv/dist/2020.js')).Ajv2020(OPTIONS)
}

function describe({ instancePath, message, params }: ErrorObject): string {
  const surplus = params.additionalProperty ?? params.unevaluatedProperty
  return `${instancePath || 'the value'} ${message}${surplus === undefined ? '' : ` ${JSON.stringify(surplus)}`}`
}

/**
 * Compiles a JSON Schema (draft 2020-12, 2019-09 or 07, by its `$schema`), given inline or as a path.
 * @throws ConfigurationError when the file can't be read or is no schema
 */
export async function compileSchema(
  schema: string | boolean | Readonly<Record<string, unknown>>,
  name: string,
  cwd: string,
): Promise<SchemaCheck> {
  const what =
    typeof schema === 'string'
      ? `The scorer "${name}" has the schema ${schema}`
      : `The scorer "${name}" has an inline schema`
  try {
    const document = typeof schema === 'string' ? JSON.parse(await readFile(resolve(cwd, schema), 'utf8')) : schema
    const dialect = String((document as JsonObject | null)?.$schema ?? '')
    const validate = (await createValidator(dialect)).compile(document)
    return (value) => (validate(value) ? undefined : describe(validate.errors![0]!))
  } catch (error) {
    throw new ConfigurationError({
      what,
      why: `It cannot be used: ${messageOf(error)}`,
      mend: 'Write a JSON Schema (draft 2020-12, 2019-09 or 07) without references to other files, or the path of one relative to the working directory',
    })
  }
}
