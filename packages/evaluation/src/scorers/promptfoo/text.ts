import { isDeepStrictEqual } from 'node:util'
import { isJsonObject, type Json } from '@agent-ci/core/json'
import { boundedRegExp, RegExpTimeout } from '../bounded-regexp.ts'
import { quote, quoteJson } from '../quotation.ts'
import { listOf } from './comma-list.ts'
import { type Check, type MakeCheck, Malformed, Unjudged, verdictOf } from './finding.ts'

const fold = (text: string): string => text.toLowerCase()
const keep = (text: string): string => text

const equals: MakeCheck = (assertion) => {
  const { value, inverse } = assertion
  const not = inverse ? 'not ' : ''
  const failure = (text: string) => `Expected the answer ${not}to equal ${quoteJson(value ?? null)}, got ${quote(text)}`
  if (typeof value !== 'object' || value === null) {
    // promptfoo compares with the word "undefined" or "null"; nobody means that.
    if (value === undefined || value === null) throw new Malformed('It has no value', 'Write the expected answer')
    return ({ text }) => verdictOf(assertion, text === String(value), failure(text))
  }
  return ({ text }) => {
    let answer: unknown
    try {
      answer = JSON.parse(text)
    } catch {
      return verdictOf(assertion, false, failure(text))
    }
    return verdictOf(assertion, isDeepStrictEqual(value, answer), failure(text))
  }
}

function oneText(value: Json | undefined): string {
  if ((typeof value === 'string' && value !== '') || typeof value === 'number') return String(value)
  throw new Malformed('Its value is neither a text nor a number', 'Write the text that the answer should contain')
}

const contains =
  (normal: (text: string) => string): MakeCheck =>
  (assertion) => {
    const wanted = oneText(assertion.value)
    const not = assertion.inverse ? 'not ' : ''
    return ({ text }) =>
      verdictOf(
        assertion,
        normal(text).includes(normal(wanted)),
        `Expected the answer ${not}to contain ${quote(wanted)}`,
      )
  }

const containsSome =
  (normal: (text: string) => string, all: boolean): MakeCheck =>
  (assertion) => {
    const wanted = listOf(assertion.value).map(String)
    const not = assertion.inverse ? 'not ' : ''
    return ({ text }) => {
      const answer = normal(text)
      const missing = wanted.filter((item) => !answer.includes(normal(item)))
      const holds = all ? missing.length === 0 : missing.length < wanted.length
      const lack = all && !assertion.inverse ? `; it lacks ${quoteJson(missing)}` : ''
      return verdictOf(
        assertion,
        holds,
        `Expected the answer ${not}to contain ${all ? 'all' : 'one'} of ${quoteJson(wanted)}${lack}`,
      )
    }
  }

function givenText(value: Json | undefined, what: string): string {
  if (typeof value === 'string' && value !== '') return value
  throw new Malformed('Its value is not a text', `Write ${what}`)
}

const startsWith: MakeCheck = (assertion) => {
  const prefix = givenText(assertion.value, 'how the answer should begin')
  const not = assertion.inverse ? 'not ' : ''
  return ({ text }) =>
    verdictOf(assertion, text.startsWith(prefix), `Expected the answer ${not}to start with ${quote(prefix)}`)
}

const regex: MakeCheck = (assertion) => {
  const source = givenText(assertion.value, 'a regular expression')
  let pattern: ReturnType<typeof boundedRegExp>
  try {
    pattern = boundedRegExp(source, '')
  } catch (error) {
    throw new Malformed(`Its value is no regular expression: ${(error as Error).message}`, 'Correct the pattern')
  }
  const not = assertion.inverse ? 'not ' : ''
  return ({ text }) => {
    try {
      return verdictOf(assertion, pattern.test(text), `Expected the answer ${not}to match ${pattern}`)
    } catch (error) {
      if (error instanceof RegExpTimeout) throw new Unjudged(error.message)
      throw error
    }
  }
}

const countWords = (text: string): number =>
  text
    .trim()
    .split(/\s+/)
    .filter((word) => word !== '').length

function wordBounds(value: Json | undefined): { readonly min?: number; readonly max?: number } {
  const mend = 'Write a number, or {min, max}'
  if (isJsonObject(value)) {
    const { min, max } = value
    for (const bound of [min, max]) {
      if (bound !== undefined && typeof bound !== 'number')
        throw new Malformed('A bound of its value is no number', mend)
    }
    if (min === undefined && max === undefined) throw new Malformed('Its value has neither min nor max', mend)
    if (typeof min === 'number' && typeof max === 'number' && min > max)
      throw new Malformed('Its min is above its max', mend)
    return { ...(typeof min === 'number' && { min }), ...(typeof max === 'number' && { max }) }
  }
  const count = typeof value === 'number' ? value : typeof value === 'string' ? Number(value) : Number.NaN
  if (Number.isNaN(count)) throw new Malformed('Its value is no number', mend)
  return { min: count, max: count }
}

const wordCount: MakeCheck = (assertion): Check => {
  const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = wordBounds(assertion.value)
  const not = assertion.inverse ? 'not ' : ''
  const range =
    min === max
      ? `${min}`
      : min === Number.NEGATIVE_INFINITY
        ? `at most ${max}`
        : max === Number.POSITIVE_INFINITY
          ? `at least ${min}`
          : `${min} to ${max}`
  return ({ text }) => {
    const count = countWords(text)
    return verdictOf(assertion, count >= min && count <= max, `The answer has ${count} words, expected ${not}${range}`)
  }
}

export const textChecks: Readonly<Record<string, MakeCheck>> = {
  equals,
  contains: contains(keep),
  icontains: contains(fold),
  'contains-any': containsSome(keep, false),
  'contains-all': containsSome(keep, true),
  'icontains-any': containsSome(fold, false),
  'icontains-all': containsSome(fold, true),
  'starts-with': startsWith,
  regex,
  'word-count': wordCount,
}
