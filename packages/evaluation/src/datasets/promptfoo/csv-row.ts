import { ConfigurationError, formatSource } from '@agent-ci/core/errors'
import type { Json, JsonObject } from '@agent-ci/core/json'
import { quoteText } from '../field-check.ts'
import { readCell } from './csv-cell.ts'
import type { Listing } from './unmapped.ts'

const finite = (text: string): number | undefined => {
  const number = Number(text)
  return /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i.test(text.trim()) && Number.isFinite(number)
    ? number
    : undefined
}

const SPECIAL = [
  'expected',
  'prefix',
  'suffix',
  'description',
  'providerOutput',
  'metric',
  'threshold',
  'metadata',
  'config',
]

/** A test in a row of CSV: columns are variables, but for those that begin with `__`. */
export function readRow(
  row: Readonly<Record<string, string>>,
  place: { readonly file: string; readonly line: number },
  { unmapped, warn }: Listing,
): JsonObject {
  const refuse = (what: string, why: string, mend: string): never => {
    throw new ConfigurationError({ what, why, mend, source: place })
  }
  const vars: Record<string, Json> = {}
  const asserts: Record<string, Json>[] = []
  const options: Record<string, Json> = {}
  const metadata: Record<string, Json> = {}
  const thresholds = new Map<number, number>()
  const test: Record<string, Json> = {}
  for (const [given, cell] of Object.entries(row)) {
    const key = given.trim()
    const [, config] = /^__config:(.*)$/.exec(key) ?? []
    const [, name] = /^__metadata:(.+)$/.exec(key) ?? []
    if (key.startsWith('__expected')) {
      if (cell.trim() !== '') asserts.push({ ...readCell(cell, (why) => warn(`${formatSource(place)}: ${why}`)) })
    } else if (key === '__prefix') options.prefix = cell
    else if (key === '__suffix') options.suffix = cell
    else if (key === '__description') test.description = cell
    else if (key === '__providerOutput') {
      if (cell !== '') test.providerOutput = cell
    } else if (key === '__metric') test.metric = cell
    else if (key === '__threshold') {
      const number = finite(cell)
      if (number !== undefined) test.threshold = number
      else if (cell.trim() !== '')
        refuse(`The cell of __threshold is ${quoteText(cell)}`, 'Expected a number', 'Write for example 0.8')
    } else if (name !== undefined) {
      if (cell.trim() === '') continue
      if (name.endsWith('[]')) {
        metadata[name.slice(0, -2)] = cell.split(/(?<!\\),/).map((item) => item.trim().replaceAll('\\,', ','))
      } else metadata[name] = cell
    } else if (key === '__metadata') unmapped(key, place, 'It needs a key: __metadata:category')
    else if (config !== undefined) {
      const [, index = '1', setting] = /^__expected(\d*):(.+)$/.exec(config) ?? []
      const number = finite(cell)
      const at = Number(index || 1) - 1
      if (setting !== 'threshold' || at < 0) {
        refuse(
          `The column ${quoteText(key)} is no setting of an assertion`,
          'Expected __config:__expected<number>:threshold',
          'Rename it',
        )
      }
      if (number === undefined)
        refuse(`The cell of ${key} is ${quoteText(cell)}`, 'Expected a number', 'Write for example 0.8')
      else thresholds.set(at, number)
    } else {
      if (SPECIAL.some((word) => key === `_${word}`))
        unmapped(key, place, `It is taken for a variable; did you mean _${key}?`)
      vars[key] = cell
    }
  }
  const { metric, ...rest } = test
  for (const [i, assert] of asserts.entries()) {
    if (typeof metric === 'string' && metric !== '') assert.metric = metric
    const threshold = thresholds.get(i)
    if (threshold !== undefined) assert.threshold = threshold
  }
  return { ...rest, vars, assert: asserts, options, ...(Object.keys(metadata).length > 0 && { metadata }) }
}
