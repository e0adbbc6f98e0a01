import { cut, forLog } from '@agent-ci/core/untrusted'
import { MOST_LEVELS, type Path } from './raw-example.ts'

/** Where a value is wrong, what it is, what was expected, what to write. */
export type Refuse = (path: Path, what: string, why: string, mend: string) => void

/** A file's text in a message: quoted, cut, and safe for a log. */
export const quoteText = (text: string): string => forLog(JSON.stringify(cut(text, 60)))

/** `expected_tools[0].args`; the inner keys of a deep one left out. */
export function formatPath(path: Path): string {
  const shown = path.slice(0, 6).map((key, i) => {
    if (typeof key === 'number') return `[${key}]`
    return `${i === 0 ? '' : '.'}${/^\w{1,60}$/.test(key) ? key : quoteText(key)}`
  })
  return `${shown.join('')}${path.length > 6 ? '…' : ''}`
}

/** What a value is, behind "is". */
export function describeValue(value: unknown): string {
  if (value === undefined) return 'missing'
  if (typeof value === 'string') return value === '' ? 'an empty string' : quoteText(value)
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list'
  return typeof value === 'object' && value !== null ? 'an object' : String(value)
}

interface Unfit {
  readonly path: (string | number)[]
  readonly what: string
}

/** What canonical JSON or a recursion can't hold: numbers beyond a double's range become infinite as they are parsed; YAML has cycles. */
export function findUnfit(value: unknown, level = 0): Unfit | undefined {
  if (typeof value === 'number' && !Number.isFinite(value)) return { path: [], what: `the number ${value}` }
  if (typeof value !== 'object' || value === null) return undefined
  if (level === MOST_LEVELS) return { path: [], what: `nested more than ${MOST_LEVELS} levels deep` }
  for (const [key, item] of Object.entries(value)) {
    if (typeof item === 'string') continue
    const found = findUnfit(item, level + 1)
    if (found) {
      found.path.unshift(Array.isArray(value) ? Number(key) : key)
      return found
    }
  }
  return undefined
}
