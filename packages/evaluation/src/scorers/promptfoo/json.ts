import { isJsonObject, type Json } from '@agent-ci/core/json'
import { Ajv, type ValidateFunction } from 'ajv'
import addFormats from 'ajv-formats'
import { parse } from 'yaml'
import { boundedRegExp, RegExpTimeout } from '../bounded-regexp.ts'
import { type Finding, type MakeCheck, Malformed, Unjudged, verdictOf } from './finding.ts'
import { objectsIn } from './json-in-text.ts'

type Validate = (value: unknown) => { readonly fits: boolean; readonly errors: string }

/** Draft 07 with formats and ajv's strict mode, as promptfoo has it; a pattern may not search without end. */
export function compileAsPromptfoo(schema: unknown): Validate {
  const ajv = new Ajv({
    strictSchema: true,
    logger: false,
    code: {
      regExp: Object.assign((pattern: string, flags: string) => boundedRegExp(pattern, flags), {
        code: 'boundedRegExp',
      }),
    },
  })
  ;(addFormats as unknown as (ajv: Ajv) => void)(ajv)
  let validate: ValidateFunction
  try {
    validate = ajv.compile(schema as object)
  } catch (error) {
    throw new Malformed(`Its schema cannot be used: ${(error as Error).message}`, 'Correct the JSON Schema (draft 07)')
  }
  return (value) => {
    try {
      return { fits: validate(value), errors: ajv.errorsText(validate.errors) }
    } catch (error) {
      if (error instanceof RegExpTimeout) throw new Unjudged(error.message)
      throw error
    }
  }
}

/** A schema stands in the value as an object, or as YAML or JSON in a text. */
function schemaOf(value: Json | undefined): Validate | undefined {
  if (value === undefined || value === null || value === '' || value === false || value === 0) return undefined
  if (typeof value === 'object') return compileAsPromptfoo(value)
  if (typeof value !== 'string') throw new Malformed('Its value is no JSON Schema')
  let schema: unknown
  try {
    schema = parse(value)
  } catch (error) {
    throw new Malformed(`Its value is not YAML: ${(error as Error).message.split('\n')[0]}`, 'Correct the schema')
  }
  if (!isJsonObject(schema) && typeof schema !== 'boolean') throw new Malformed('Its value is no JSON Schema')
  return compileAsPromptfoo(schema)
}

const isJson: MakeCheck = (assertion) => {
  const { inverse } = assertion
  const validate = schemaOf(assertion.value)
  return ({ text }): Finding => {
    let answer: unknown
    try {
      answer = JSON.parse(text)
    } catch {
      return verdictOf(assertion, false, 'Expected the answer to be JSON')
    }
    if (!validate) return verdictOf(assertion, true, 'Expected the answer not to be JSON')
    const { fits, errors } = validate(answer)
    return verdictOf(
      assertion,
      fits,
      inverse ? 'The answer fits the schema' : `The answer does not fit the schema: ${errors}`,
    )
  }
}

const containsJson: MakeCheck = (assertion) => {
  const { inverse } = assertion
  const validate = schemaOf(assertion.value)
  return ({ text }): Finding => {
    const objects = objectsIn(text)
    if (!validate || objects.length === 0) {
      return verdictOf(assertion, objects.length > 0, `Expected the answer ${inverse ? 'not ' : ''}to contain JSON`)
    }
    let last = ''
    for (const object of objects) {
      const { fits, errors } = validate(object)
      if (fits) return verdictOf(assertion, true, 'The answer contains JSON that fits the schema')
      last = errors
    }
    return verdictOf(assertion, false, `No JSON in the answer fits the schema: ${last}`)
  }
}

export const jsonChecks: Readonly<Record<string, MakeCheck>> = { 'is-json': isJson, 'contains-json': containsJson }
