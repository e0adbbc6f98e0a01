import { createHash } from 'node:crypto'
import { canonicalJson } from '@agent-ci/core/json'
import { type MatchingRules, normalise } from './normalise.ts'
import type { RecordedRequest } from './recording.ts'

/**
 * The digest that a request is found by: SHA-256 (64 hex digits) of its method, path, the headers that change the answer, and its
 * canonical body without what the rules ignore or replace.
 */
export function requestKey({ method, path, headers, body }: RecordedRequest, rules: MatchingRules): string {
  const hash = createHash('sha256').update(`${method} ${path}\n${canonicalJson(headers)}\n`)
  return hash.update(canonicalJson(normalise(body, rules))).digest('hex')
}

/** The part of a URL that counts: the path, and the query in a fixed order. */
export function canonicalPath(path: string, search: string): string {
  if (search === '') return path
  const query = new URLSearchParams(search)
  query.sort()
  return query.size === 0 ? path : `${path}?${query}`
}

/** The headers that are part of the key; the items of a list in a fixed order. */
export function keyHeaders(
  headers: Readonly<Record<string, string | string[] | undefined>>,
  names: readonly string[],
): Record<string, string> {
  const found: Record<string, string> = {}
  for (const name of names) {
    const value = headers[name]
    if (value === undefined) continue
    const items = String(value).split(',')
    found[name] = items
      .map((item) => item.trim())
      .sort()
      .join(',')
  }
  return found
}
