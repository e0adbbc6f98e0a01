import { ConfigurationError, messageOf } from '@agent-ci/core/errors'
import { isJsonObject } from '@agent-ci/core/json'
import { forLog } from '@agent-ci/core/untrusted'
import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  type Node,
  type ParsedNode,
  parseDocument,
  visit,
} from 'yaml'
import { type ByteWindow, MOST_BYTES } from './byte-window.ts'
import { quoteText } from './field-check.ts'
import type { Path, RawExample, Report } from './raw-example.ts'

/** The parser takes up to 1 kB and 15 µs for each of them, and gathers errors without end; lexing is cheap. */
const MOST_LEXEMES = 500_000

type YamlDocument = Document.Parsed<ParsedNode>
type ReportAt = (offset: number, what: string, why: string, mend: string) => void

function readText(window: ByteWindow): string {
  const refuse = (what: string): never =>
    window.refuse(1, {
      what,
      why: 'YAML is held in memory as a whole',
      mend: 'Keep large datasets as JSON Lines (.jsonl)',
    })
  let slid = window.slide(0)
  while (slid === 'more') slid = window.slide(0)
  if (slid === 'full') refuse(`The file is larger than ${MOST_BYTES / 2 ** 20} MiB`)
  const text = window.bytes.toString('utf8', 0, window.end)
  let lexemes = 0
  for (const _ of new Lexer().lex(text)) {
    if (++lexemes > MOST_LEXEMES) refuse(`The file has more than ${MOST_LEXEMES} words and signs`)
  }
  return text
}

function parse(text: string, lines: LineCounter): YamlDocument {
  return parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    // Not `silent`: that drops the error for a second document.
    logLevel: 'error',
    // Takes quadratic time; checkNodes does it.
    uniqueKeys: false,
    // `%YAML 1.1` and known tags would make values that JSON does not have: dates, sets, bytes.
    schema: 'core',
    resolveKnownTags: false,
  })
}

/** Whether the document's nodes can safely be made values: with collections as keys that would take exponential time. */
function checkNodes(document: YamlDocument, reportAt: ReportAt): boolean {
  const anchors = new Set<string>()
  let sound = true
  const refuse: ReportAt = (...problem) => {
    sound = false
    reportAt(...problem)
  }
  visit(document, {
    Alias(_, { source, range }) {
      if (anchors.has(source)) return
      refuse(
        range?.[0] ?? 0,
        `There is no anchor ${quoteText(source)} before this use`,
        'Expected it above',
        `Write &${source}`,
      )
    },
    Value(_, { anchor }) {
      if (anchor !== undefined) anchors.add(anchor)
    },
    Map(_, { items, range, anchor }) {
      if (anchor !== undefined) anchors.add(anchor)
      const keys = new Set<string>()
      for (const { key } of items) {
        const offset = (isNode(key) ? key.range?.[0] : undefined) ?? range?.[0] ?? 0
        if (!isScalar(key)) {
          refuse(
            offset,
            'A key is not a plain word',
            'Expected text as the key',
            'Put a text that has brackets in quotes',
          )
        } else if (keys.has(String(key.value))) {
          refuse(
            offset,
            `The key ${quoteText(String(key.value))} is there twice`,
            'Expected each key once',
            'Remove one',
          )
        } else {
          keys.add(String(key.value))
        }
      }
    },
  })
  return sound
}

/** The node at a path, or the nearest one around it. Going through an alias takes time: its anchor is searched for. */
function nodeAt(document: YamlDocument, from: Node, path: Path): Node {
  let node = from
  for (const step of path) {
    const around = isAlias(node) ? node.resolve(document) : node
    const inner = isMap(around)
      ? around.items.find(({ key }) => isScalar(key) && String(key.value) === step)?.value
      : isSeq(around) && around.items[Number(step)]
    if (!isNode(inner)) break
    node = inner
  }
  return node
}

const offsetOf = (node: Node): number => node.range?.[0] ?? 0

/** A YAML document's value, and the line of a value inside it. */
export interface YamlValue {
  readonly value: unknown
  lineOf(path: Path): number
  /** The same for what lies in one value: the way to it, which may go through aliases, is gone once. */
  lineOfIn(path: Path): (path: Path) => number
}

/** Reads a whole document; undefined where it is empty, or where what is wrong with it was reported. */
export const readYamlValue = (window: ByteWindow, report: Report): YamlValue | undefined =>
  parseYaml(readText(window), window.file, report)

/** Parses a text of YAML that may be hostile; undefined where it is empty, or where what is wrong with it was reported. */
export function parseYaml(text: string, file: string, report: Report): YamlValue | undefined {
  const lines = new LineCounter()
  const lineAt = (offset: number): number => lines.linePos(offset).line
  const reportAt: ReportAt = (offset, what, why, mend) =>
    report(() => ({ what, why, mend, source: { file, line: lineAt(offset) } }))

  const document = parse(text, lines)
  const faults = [...document.errors, ...document.warnings]
  const { length } = text.trimEnd()
  for (const { pos, message } of faults) {
    const offset = Math.min(pos[0], length)
    const { col } = lines.linePos(offset)
    reportAt(
      offset,
      `This is not YAML at column ${col}`,
      `The parser says: ${forLog(message, 200)}`,
      'Mend it, or quote the text',
    )
  }
  if (faults.length > 0 || !checkNodes(document, reportAt)) return undefined

  const root = document.contents
  if (root === null || (isScalar(root) && root.value === null)) return undefined
  try {
    const lineFrom = (node: Node, path: Path): number => lineAt(offsetOf(nodeAt(document, node, path)))
    return {
      value: document.toJS(),
      lineOf: (path) => lineFrom(root, path),
      lineOfIn: (path) => {
        const found = nodeAt(document, root, path)
        const node = (isAlias(found) && found.resolve(document)) || found
        return (inner) => lineFrom(node, inner)
      },
    }
  } catch (error) {
    const mend = 'Write the values out instead of repeating *anchors, or keep the dataset as JSON Lines'
    throw new ConfigurationError({
      what: 'The anchors cannot be resolved',
      why: `The parser says: ${forLog(messageOf(error), 200)}`,
      mend,
      source: { file, line: 1 },
    })
  }
}

/** Reads a list of examples, or a mapping that has it under `examples`. */
export function* readYaml(window: ByteWindow, report: Report): Generator<RawExample> {
  const read = readYamlValue(window, report)
  if (!read) return
  const { value } = read
  const at: Path = isJsonObject(value) ? ['examples'] : []
  const list = isJsonObject(value) ? value.examples : value
  if (!Array.isArray(list)) {
    report(() => ({
      what: isJsonObject(value) ? 'There is no list under "examples"' : 'The file is neither a list nor a mapping',
      why: 'Expected the list of examples',
      mend: 'Write examples: and below it the list (- id: a)',
      source: { file: window.file, line: read.lineOf(at) },
    }))
    return
  }
  const lineOfIn = read.lineOfIn(at)
  for (const [i, item] of list.entries()) {
    const lineOf = (path: Path): number => lineOfIn([i, ...path])
    yield { value: item, line: lineOf([]), lineOf }
  }
}
