import { quoteText } from './field-check.ts'
import { MOST_LEVELS, type Path } from './raw-example.ts'

/** V8 takes seconds and hundreds of megabytes for millions of `[`, so that long texts are walked before they are parsed. */
const LONG_TEXT = 64 * 1024

/** Where a text stops being JSON. `offset` counts UTF-16 units. */
export interface JsonFault {
  readonly offset: number
  /** `Expected a value, found "x"` */
  readonly why: string
  readonly isComment: boolean
}

const isDigit = (char: string | undefined): boolean => char !== undefined && char >= '0' && char <= '9'

export const isComment = (text: string, at: number): boolean =>
  text[at] === '#' || /^\/[/*]/.test(text.slice(at, at + 2))

/** What stands at a position, for "found …". */
export function describeFound(text: string, at: number): string {
  if (at >= text.length) return 'but the text ends'
  if (isComment(text, at)) return 'found a comment, which JSON does not have'
  return `found ${quoteText(String.fromCodePoint(text.codePointAt(at)!))}`
}

/**
 * Checks a text that JSON.parse refused, or finds a place in one: V8's own messages lack a position in many cases, and on
 * Node 20 in most. `visit` sees each value's path and offset before the value is checked.
 */
export function walkJson(text: string, visit?: (path: Path, offset: number) => void): JsonFault | undefined {
  let at = 0
  let fault: JsonFault | undefined
  const path: (string | number)[] = []

  const fail = (expected: string): false => {
    const found = describeFound(text, at)
    fault = { offset: at, why: `Expected ${expected}, ${found}`, isComment: isComment(text, at) }
    return false
  }
  const skipSpace = (): void => {
    while (text[at] === ' ' || text[at] === '\n' || text[at] === '\r' || text[at] === '\t') at++
  }
  const digits = (): boolean => {
    if (!isDigit(text[at])) return fail('a digit')
    while (isDigit(text[at])) at++
    return true
  }
  const number = (): boolean => {
    if (text[at] === '-') at++
    if (text[at] === '0') at++
    else if (!digits()) return false
    if (text[at] === '.') {
      at++
      if (!digits()) return false
    }
    if (text[at] === 'e' || text[at] === 'E') {
      at++
      if (text[at] === '+' || text[at] === '-') at++
      return digits()
    }
    return true
  }
  const string = (): boolean => {
    at++
    for (;;) {
      const code = text.charCodeAt(at)
      if (code === 0x22) {
        at++
        return true
      }
      if (Number.isNaN(code) || code < 0x20) {
        return fail(
          Number.isNaN(code) || code === 0x0a ? 'the string to end with "' : 'no control character in a string',
        )
      }
      if (code === 0x5c) {
        const match = /^\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/.exec(text.slice(at, at + 6))
        if (!match) return fail('one of the escapes \\" \\\\ \\/ \\b \\f \\n \\r \\t \\u0000')
        at += match[0].length
      } else {
        at++
      }
    }
  }
  /** The members of an object or the items of a list, `at` behind the opening bracket. */
  const rest = (close: '}' | ']', level: number): boolean => {
    skipSpace()
    if (text[at] === close) {
      at++
      return true
    }
    for (let item = 0; ; item++) {
      if (close === ']') path.push(item)
      else {
        skipSpace()
        const start = at
        if (text[at] !== '"') return fail('a key in double quotes')
        if (!string()) return false
        path.push(JSON.parse(text.slice(start, at)))
        skipSpace()
        if (text[at] !== ':') return fail('":" after the key')
        at++
      }
      if (!value(level)) return false
      path.pop()
      skipSpace()
      if (text[at] === close) {
        at++
        return true
      }
      if (text[at] !== ',') return fail(`"," or "${close}"`)
      at++
    }
  }
  const value = (level: number): boolean => {
    skipSpace()
    visit?.(path, at)
    const char = text[at]
    if (char === '{' || char === '[') {
      if (level === MOST_LEVELS) return fail(`at most ${MOST_LEVELS} levels of nesting`)
      at++
      return rest(char === '{' ? '}' : ']', level + 1)
    }
    if (char === '"') return string()
    if (char === '-' || isDigit(char)) return number()
    const word = ['true', 'false', 'null'].find((literal) => text.startsWith(literal, at))
    if (word === undefined) return fail('a value')
    at += word.length
    return true
  }

  if (value(0)) {
    skipSpace()
    if (at < text.length) fail('nothing more after the value')
  }
  return fault
}

/** A value, or where its text stops being JSON. */
export function parseJson(text: string): { readonly value: unknown } | { readonly fault: JsonFault } {
  if (text.length > LONG_TEXT) {
    const fault = walkJson(text)
    if (fault) return { fault }
  }
  try {
    return { value: JSON.parse(text) }
  } catch (error) {
    const fault = walkJson(text)
    if (!fault) throw error
    return { fault }
  }
}

/** How many lines of a JSON text come before the value at a path; before the nearest value around it where there is none. */
export function linesBefore(text: string, path: Path): number {
  let offset = 0
  walkJson(text, (at, position) => {
    if (at.length <= path.length && at.every((key, i) => key === path[i])) offset = position
  })
  return text.slice(0, offset).split('\n').length - 1
}
