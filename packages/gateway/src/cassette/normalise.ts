import { ConfigurationError } from '@agent-ci/core/errors'
import type { Json } from '@agent-ci/core/json'
import { isJsonObject } from '@agent-ci/core/json'
import { below, type JsonPath, parseJsonPath } from './json-path.ts'

/** Parts of texts that vary from run to run without changing what is asked. */
const VOLATILE = {
  timestamps: /\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?/g,
  dates: /\b\d{4}-\d\d-\d\d\b/g,
  uuids: /\b[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}\b/gi,
  ids: /\b(?:toolu|srvtoolu|msg|call|chatcmpl|resp|req|fc|rs|ws|item|run|thread|session)_[A-Za-z0-9]{8,}\b/g,
} as const

export type Volatile = keyof typeof VOLATILE

/** A named class of volatile text, or a pattern of one's own. */
export type Normaliser = Volatile | { readonly pattern: string; readonly replacement: string }

/** What is taken out of a request before it is compared with recordings. */
export interface MatchingRules {
  readonly ignore: readonly JsonPath[]
  readonly replace: readonly { readonly pattern: RegExp; readonly by: string }[]
}

/** Throws {@link ConfigurationError} for what is no path, no normaliser or no pattern. */
export function matchingRules(ignore: readonly string[] = [], normalisers: readonly Normaliser[] = []): MatchingRules {
  return {
    ignore: ignore.map(parseJsonPath),
    replace: normalisers.map((normaliser) => {
      if (typeof normaliser === 'string') return { pattern: VOLATILE[normaliser], by: `<${normaliser}>` }
      return { pattern: compilePattern('normalise', normaliser.pattern), by: normaliser.replacement }
    }),
  }
}

/** A user's regular expression. */
export function compilePattern(where: string, pattern: string): RegExp {
  try {
    return new RegExp(pattern, 'g')
  } catch (error) {
    throw new ConfigurationError({
      what: `${where} has the pattern ${JSON.stringify(pattern)}`,
      why: error instanceof Error ? error.message : String(error),
      mend: 'Write a JavaScript regular expression, without slashes around it',
    })
  }
}

/** A request's body as it is compared: ignored places dropped, volatile texts replaced. */
export function normalise(body: Json, { ignore, replace }: MatchingRules): Json {
  if (ignore.length === 0 && replace.length === 0) return body
  const walk = (value: Json, paths: readonly JsonPath[]): Json => {
    if (typeof value === 'string') return replace.reduce((text, { pattern, by }) => text.replaceAll(pattern, by), value)
    if (Array.isArray(value)) {
      return value.flatMap((item, index) => {
        const rest = below(paths, index)
        return rest ? [walk(item, rest)] : []
      })
    }
    if (!isJsonObject(value)) return value
    return Object.fromEntries(
      Object.entries(value).flatMap(([key, item]) => {
        const rest = below(paths, key)
        return rest ? [[key, walk(item, rest)]] : []
      }),
    )
  }
  return walk(body, ignore)
}
