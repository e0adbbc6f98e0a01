import { isJsonObject, type Json, type JsonObject } from '@agent-ci/core/json'
import type { Reply } from '@agent-ci/core/reply'
import { Malformed } from './finding.ts'

/** One of promptfoo's assertions, its value rendered. */
export interface Assertion {
  /** As it was written: `not-contains`. */
  readonly type: string
  /** Without `not-`. */
  readonly base: string
  readonly inverse: boolean
  readonly value: Json | undefined
  readonly threshold: number | undefined
  readonly weight: number
  readonly metric: string | undefined
  /** JavaScript that is applied to the answer first. */
  readonly transform: string | undefined
  readonly config: JsonObject | undefined
}

/** Several assertions that count as one. */
export interface AssertionSet {
  readonly set: readonly Assertion[]
  readonly threshold: number | undefined
  readonly weight: number
  readonly metric: string | undefined
}

/** What assertions judge. */
export interface Subject {
  /** What the agent answered, after the transforms. */
  readonly output: Json
  /** The same as text: anything but a text is its JSON. */
  readonly text: string
  readonly reply: Reply
  readonly input: Json
  readonly vars: JsonObject
  readonly metadata: JsonObject
}

const numberIn = (raw: JsonObject, key: string): number | undefined => {
  const value = raw[key]
  if (value === undefined || value === null) return undefined
  if (typeof value === 'number') return value
  throw new Malformed(`Its ${key} is ${JSON.stringify(value)}, and a number was expected`)
}

const textIn = (raw: JsonObject, key: string): string | undefined => {
  const value = raw[key]
  if (value === undefined || value === null) return undefined
  if (typeof value === 'string') return value
  throw new Malformed(`Its ${key} is ${JSON.stringify(value)}, and a text was expected`)
}

/** Reads an assertion as promptfoo writes it. @throws Malformed */
export function readAssertion(raw: Json): Assertion {
  if (!isJsonObject(raw) || typeof raw.type !== 'string') throw new Malformed('It has no type')
  const inverse = raw.type.startsWith('not-')
  return {
    type: raw.type,
    base: inverse ? raw.type.slice('not-'.length) : raw.type,
    inverse,
    value: raw.value,
    threshold: numberIn(raw, 'threshold'),
    weight: numberIn(raw, 'weight') ?? 1,
    metric: textIn(raw, 'metric'),
    transform: textIn(raw, 'transform'),
    config: isJsonObject(raw.config) ? raw.config : undefined,
  }
}

/** Reads an assertion or a set of them. @throws Malformed */
export function readAssertionOrSet(raw: Json): Assertion | AssertionSet {
  if (!isJsonObject(raw) || raw.type !== 'assert-set') return readAssertion(raw)
  const inner = raw.assert
  if (!Array.isArray(inner) || inner.length === 0) throw new Malformed('An assert-set has no list of assertions')
  return {
    set: (inner as readonly Json[]).map((item) => {
      const assertion = readAssertion(item)
      if (assertion.base === 'assert-set') throw new Malformed('An assert-set stands inside another one')
      return assertion
    }),
    threshold: numberIn(raw, 'threshold'),
    weight: numberIn(raw, 'weight') ?? 1,
    metric: textIn(raw, 'metric'),
  }
}
