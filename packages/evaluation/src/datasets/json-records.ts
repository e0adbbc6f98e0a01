import { ConfigurationError, type Problem } from '@agent-ci/core/errors'
import { type ByteWindow, MOST_BYTES } from './byte-window.ts'
import { quoteText } from './field-check.ts'
import { describeFound, isComment, type JsonFault, linesBefore, parseJson } from './json-text.ts'
import { MOST_LEVELS, type RawExample, type Report } from './raw-example.ts'

const END = -1
const LINE_FEED = 0x0a
const RETURN = 0x0d
const TAB = 0x09
const SPACE = 0x20
const QUOTE = 0x22
const COMMA = 0x2c
const COLON = 0x3a
const LIST = 0x5b
const BACKSLASH = 0x5c
const LIST_END = 0x5d
const OBJECT = 0x7b
const OBJECT_END = 0x7d

const SHAPE = 'Write {"examples": [{"id": "a", "input": "…", "expected": "…"}, …]}, or only the list'
const COMMENT = 'Remove the comment, or keep the dataset as YAML, which has comments'

/** The text of one value, cut where it can't be read on. */
interface Slice {
  readonly text: string
  /** The line it begins in. */
  readonly line: number
  /** The position of its first byte in the file. */
  readonly offset: number
  readonly cut?: 'end' | 'full' | 'deep'
}

/** Finds the examples of a JSON document without holding more than one of them; each is then parsed by itself. */
class JsonScanner {
  private readonly window: ByteWindow
  private readonly report: Report
  private at = 0
  private line = 1
  /** The position in the file behind the last byte that is not white space. */
  private solid = 0

  constructor(window: ByteWindow, report: Report) {
    this.window = window
    this.report = report
  }

  *examples(): Generator<RawExample> {
    const first = this.next()
    if (first === END) return
    if (first === LIST) yield* this.items()
    else if (first === OBJECT) yield* this.members()
    else this.fail('the list of examples')
    if (this.next() !== END) {
      this.fail(
        'nothing more after the examples',
        'Write all examples in one list, or name the file .jsonl: one a line',
      )
    }
  }

  private *members(): Generator<RawExample> {
    const keys: string[] = []
    this.at++
    let next = this.next()
    while (next !== OBJECT_END || keys.length > 0) {
      if (next !== QUOTE) this.fail('a key in double quotes')
      const key = String(this.parse(this.take()))
      if (this.next() !== COLON) this.fail('":" after the key')
      this.at++
      next = this.next()
      if (key !== 'examples') this.parse(this.take())
      else if (next !== LIST) this.fail('"[" and the list of examples')
      else if (keys.includes(key)) this.fail('one list of examples, not a second one')
      else yield* this.items()
      keys.push(key)
      next = this.next()
      if (next === OBJECT_END) break
      if (next !== COMMA) this.fail('"," or "}"')
      this.at++
      next = this.next()
    }
    this.at++
    if (keys.includes('examples')) return
    this.window.refuse(1, {
      what: 'The object has no "examples"',
      why: `Expected the list of examples there${keys.length > 0 ? `, found ${keys.slice(0, 5).map(quoteText).join(', ')}` : ''}`,
      mend: SHAPE,
    })
  }

  private *items(): Generator<RawExample> {
    this.at++
    let next = this.next()
    while (next !== LIST_END) {
      const slice = this.take()
      const parsed = parseJson(slice.text)
      if ('value' in parsed) {
        yield { value: parsed.value, line: slice.line, lineOf: (path) => slice.line + linesBefore(slice.text, path) }
      } else {
        const problem = () => this.problemOf(slice, parsed.fault)
        // Behind anything but a whole object the next example can't be found.
        if (slice.cut || !slice.text.startsWith('{')) throw new ConfigurationError(problem())
        this.report(problem)
      }
      next = this.next()
      if (next === LIST_END) break
      if (next !== COMMA) this.fail('"," or "]" after an example')
      this.at++
      next = this.next()
      if (next === LIST_END) this.fail('an example after the comma', 'Remove the comma')
    }
    this.at++
  }

  /** The next byte that is not white space; `at` stands on it. */
  private next(): number {
    for (;;) {
      const { bytes, end } = this.window
      for (; this.at < end; this.at++) {
        const byte = bytes[this.at]!
        if (byte === LINE_FEED) this.line++
        else if (byte !== SPACE && byte !== TAB && byte !== RETURN) {
          this.solid = this.window.offsetOf(this.at) + 1
          return byte
        }
      }
      const passed = this.at
      this.at = 0
      if (this.window.slide(passed) === 'end') return END
    }
  }

  /** The value that begins at `at`, found by its brackets and quotes alone. */
  private take(): Slice {
    const { line } = this
    let i = this.at
    let level = 0
    let inString = false
    let escaped = false
    const slice = (end: number, cut?: Slice['cut']): Slice => {
      if (end === this.at) this.fail('a value')
      const text = this.window.bytes.toString('utf8', this.at, end)
      const offset = this.window.offsetOf(this.at)
      this.solid = this.window.offsetOf(end)
      this.at = end
      return { text, line, offset, ...(cut && { cut }) }
    }
    for (;;) {
      const { bytes, end } = this.window
      for (; i < end; i++) {
        const byte = bytes[i]!
        if (inString) {
          if (byte === LINE_FEED) this.line++
          if (escaped) escaped = false
          else if (byte === BACKSLASH) escaped = true
          else if (byte === QUOTE) {
            inString = false
            if (level === 0) return slice(i + 1)
          }
        } else if (byte === QUOTE) {
          inString = true
        } else if (byte === OBJECT || byte === LIST) {
          if (++level > MOST_LEVELS) return slice(i + 1, 'deep')
        } else if (byte === OBJECT_END || byte === LIST_END) {
          if (level === 0) return slice(i)
          if (--level === 0) return slice(i + 1)
        } else if (
          level === 0 &&
          (byte === COMMA || byte === SPACE || byte === TAB || byte === RETURN || byte === LINE_FEED)
        ) {
          return slice(i)
        } else if (byte === LINE_FEED) {
          this.line++
        }
      }
      const slid = this.window.slide(this.at)
      i -= this.at
      this.at = 0
      if (slid !== 'more') return slice(i, slid)
    }
  }

  /** A value beside the examples. */
  private parse(slice: Slice): unknown {
    const parsed = parseJson(slice.text)
    if ('value' in parsed) return parsed.value
    throw new ConfigurationError(this.problemOf(slice, parsed.fault))
  }

  private problemOf({ text, offset, line, cut }: Slice, fault: JsonFault): Problem {
    const { file } = this.window
    const atEnd = fault.offset === text.length
    if (cut === 'full' && atEnd) {
      return {
        what: `The value that begins here is larger than ${MOST_BYTES / 2 ** 20} MiB`,
        why: 'An example is held in memory as a whole',
        mend: 'Check that its last string and its brackets are closed, or make it smaller',
        source: { file, line },
      }
    }
    const before = atEnd ? text.trimEnd() : text.slice(0, fault.offset)
    const place = this.window.place(offset + Buffer.byteLength(before))
    const ends = cut === 'end' && atEnd
    return {
      what: ends
        ? `The file ends at column ${place.column}, inside a value that begins at line ${line}`
        : `This is not JSON at column ${place.column}`,
      why: fault.why,
      mend: fault.isComment ? COMMENT : ends ? 'Check that the file is complete' : 'Write valid JSON there',
      source: { file, line: place.line },
    }
  }

  /** What stands at `at` can't be read past. */
  private fail(expected: string, mend = SHAPE): never {
    const { bytes, end } = this.window
    const rest = bytes.toString('utf8', this.at, Math.min(end, this.at + 8))
    const { line, column } = this.window.place(rest === '' ? this.solid : this.window.offsetOf(this.at))
    const comment = isComment(rest, 0)
    return this.window.refuse(line, {
      what: rest === '' ? `The file ends at column ${column}` : `This is not a JSON dataset at column ${column}`,
      why: `Expected ${expected}, ${rest === '' ? 'but the file ends' : describeFound(rest, 0)}`,
      mend: comment ? COMMENT : rest === '' ? 'Check that the file is complete' : mend,
    })
  }
}

/** Reads `{"examples": [...]}` or a list. */
export const readJson = (window: ByteWindow, report: Report): Iterable<RawExample> =>
  new JsonScanner(window, report).examples()
