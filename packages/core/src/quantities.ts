import { ConfigurationError, type Source } from './errors.ts'

/** Where a value came from, for the message when it is refused: an input's name or a config key. */
export interface Origin {
  readonly name: string
  readonly source?: Source
}

function refuse(origin: Origin, text: string, expected: string, example: string): never {
  throw new ConfigurationError({
    what: `${origin.name} is ${JSON.stringify(text)}`,
    why: `Expected ${expected}`,
    mend: `Write for example ${origin.name}: ${example}`,
    ...(origin.source && { source: origin.source }),
  })
}

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i

/** A fraction in [0, 1]: `0.85` or `85%`. */
export function parseRate(text: string, origin: Origin): number {
  const trimmed = text.trim()
  const percent = trimmed.endsWith('%')
  const digits = percent ? trimmed.slice(0, -1).trim() : trimmed
  const value = NUMBER.test(digits) ? Number(percent ? `${digits}e-2` : digits) : Number.NaN
  if (!(value >= 0 && value <= 1)) refuse(origin, text, 'a fraction from 0 to 1 or a percentage', '0.85')
  return value
}

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** A duration in milliseconds: `500ms`, `30s`, `5m`, `1h30m`; a bare number is in `bareUnit`, or refused where there is none. */
export function parseDurationMs(text: string, origin: Origin, bareUnit?: 'ms' | 's'): number {
  const trimmed = text.trim()
  if (bareUnit && NUMBER.test(trimmed) && Number(trimmed) >= 0) return Number(trimmed) * UNIT_MS[bareUnit]!
  const parts = [...trimmed.matchAll(/(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)/g)]
  if (parts.length === 0 || parts.map((part) => part[0]).join('') !== trimmed.replaceAll(/(?<=[a-z])\s+/g, '')) {
    refuse(
      origin,
      text,
      `a duration such as 500ms, 30s or 5m${bareUnit ? `, or a number of ${bareUnit === 'ms' ? 'milliseconds' : 'seconds'}` : ''}`,
      '30s',
    )
  }
  return parts.reduce((sum, [, digits, unit]) => sum + Number(digits) * UNIT_MS[unit!]!, 0)
}

/** The longest time that a timer can wait. */
const LONGEST_MS = 2 ** 31 - 1

/** A time that is waited or measured for, as `parseDurationMs`: more than 0, and no more than a timer can wait. */
export function parseTimeMs(text: string, origin: Origin, bareUnit?: 'ms' | 's'): number {
  const ms = parseDurationMs(text, origin, bareUnit)
  if (!(ms > 0 && ms <= LONGEST_MS)) refuse(origin, text, 'a time of more than 0 and at most 24 days', '60s')
  return ms
}

/** A whole number in [least, most]. */
export function parseWhole(text: string, origin: Origin, least: number, most = Number.MAX_SAFE_INTEGER): number {
  const value = /^\d+$/.test(text.trim()) ? Number(text) : Number.NaN
  if (!(value >= least && value <= most)) {
    const range = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`
    refuse(origin, text, `a whole number ${range}`, String(Math.max(least, 1)))
  }
  return value
}

/** An amount of at least 0: dollars, milliseconds, tokens. */
export function parseAmount(text: string, origin: Origin, example = '1.50'): number {
  const value = NUMBER.test(text.trim()) ? Number(text) : Number.NaN
  if (!(value >= 0 && Number.isFinite(value))) refuse(origin, text, 'a number of at least 0', example)
  return value
}

/** One of some words. */
export function parseChoice<T extends string>(text: string, origin: Origin, choices: readonly T[]): T {
  const found = choices.find((choice) => choice === text.trim())
  if (found === undefined) refuse(origin, text, `one of ${choices.join(', ')}`, choices[0]!)
  return found
}

/** `true` or `false`, as YAML 1.2 writes them. */
export function parseBoolean(text: string, origin: Origin): boolean {
  const word = text.trim().toLowerCase()
  if (word !== 'true' && word !== 'false') refuse(origin, text, 'true or false', 'true')
  return word === 'true'
}

/** A newline- or comma-separated list; blank items are dropped. */
export const parseList = (text: string): string[] =>
  text
    .split(/[\n,]/)
    .map((item) => item.trim())
    .filter((item) => item !== '')

/** `8` examples or `10%` of them. */
export type Sample = { readonly count: number } | { readonly share: number }

export function parseSample(text: string, origin: Origin): Sample {
  if (text.trim().endsWith('%')) return { share: parseRate(text, origin) }
  return { count: parseWhole(text, origin, 1) }
}

/** `2/8`: the second of eight shards. */
export interface Shard {
  readonly index: number
  readonly of: number
}

export function parseShard(text: string, origin: Origin): Shard {
  const match = /^(\d+)\/(\d+)$/.exec(text.trim())
  const index = Number(match?.[1])
  const of = Number(match?.[2])
  if (!match || index < 1 || index > of) refuse(origin, text, 'a shard as index/count, the index from 1', '2/8')
  return { index, of }
}
