import { isJsonObject, type Json } from '@agent-ci/core/json'
import { XMLParser } from 'fast-xml-parser'
import { SaxesParser } from 'saxes'
import { type MakeCheck, Malformed, verdictOf } from './finding.ts'
import { type Piece, xmlPieces } from './xml-in-text.ts'

const NAME = /^[:A-Z_a-z\u00c0-\u{effff}][-.\d:A-Z_a-z\u00b7\u00c0-\u{effff}]*$/u
const LITERAL = /"[^"]*"|'[^']*'/.source
/** `<!DOCTYPE name SYSTEM "…">` and `PUBLIC "…" "…"`, without what stands in brackets. */
const DOCTYPE = new RegExp(
  `^\\s+(?<name>[^\\s"'[\\]<>]+)(?:\\s+(?:(?<system>SYSTEM)|(?<public>PUBLIC)\\s+(?<publicId>${LITERAL}))\\s+(?<systemId>${LITERAL}))?\\s*$`,
)
const PUBLIC_ID = /^[ \r\na-zA-Z0-9'()+,./:=?;!*#@$_%-]*$/

/** What is wrong with a document type; undefined where nothing is. */
function whyNotDoctype(doctype: string): string | undefined {
  if (doctype.replaceAll(new RegExp(LITERAL, 'g'), '').includes('['))
    return 'It has a DTD of its own, which is not read'
  const parts = DOCTYPE.exec(doctype)?.groups
  const sound =
    parts?.name !== undefined &&
    NAME.test(parts.name) &&
    (parts.publicId === undefined || PUBLIC_ID.test(parts.publicId.slice(1, -1))) &&
    !parts.systemId?.includes('#')
  return sound ? undefined : 'Its DOCTYPE is malformed'
}

/** Why a text is not well-formed XML with namespaces; undefined where it is. */
function whyNotXml(text: string): string | undefined {
  const parser = new SaxesParser({ xmlns: true })
  let standalone = false
  parser.on('xmldecl', (declaration) => {
    standalone = declaration.standalone === 'yes'
  })
  parser.on('doctype', (doctype) => {
    const why = whyNotDoctype(doctype)
    if (why !== undefined) throw new Error(why)
    // Its entities may be declared in the external subset, which nobody reads.
    if (/\s(?:SYSTEM|PUBLIC)\s/.test(doctype) && !standalone) {
      parser.ENTITIES = new Proxy(parser.ENTITIES, {
        get: (known, name) =>
          typeof name === 'string' && NAME.test(name) && !Reflect.has(known, name)
            ? `&${name};`
            : Reflect.get(known, name),
      })
    }
  })
  parser.on('error', (error) => {
    throw error
  })
  try {
    parser.write(text).close()
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}

function hasPath(value: unknown, path: readonly string[]): boolean {
  let inner = value
  for (const key of path) {
    if (typeof inner !== 'object' || inner === null) return false
    inner = (inner as Record<string, unknown>)[key]
    if (inner === undefined) return false
  }
  return true
}

type Content = { readonly fits: true } | { readonly fits: false; readonly wellFormed: boolean; readonly why: string }

/** Reads leniently, as promptfoo does, and looks for the elements that must be there: `a.b` is b inside a. */
function readContent(text: string, required: readonly string[]): Content {
  const parser = new XMLParser({
    allowBooleanAttributes: true,
    ignoreAttributes: false,
    parseAttributeValue: true,
    parseTagValue: true,
  })
  let value: unknown
  try {
    value = parser.parse(text)
  } catch (error) {
    return { fits: false, wellFormed: false, why: (error as Error).message }
  }
  const missing = required.filter((path) => !hasPath(value, path.split('.')))
  return missing.length === 0
    ? { fits: true }
    : { fits: false, wellFormed: true, why: `It lacks ${missing.join(', ')}` }
}

function requiredElements(value: Json | undefined): readonly string[] {
  if (typeof value === 'string') return value.split(',').map((path) => path.trim())
  if (Array.isArray(value)) return value.map(String)
  if (!isJsonObject(value) || Object.keys(value).length === 0) return []
  if (Array.isArray(value.requiredElements)) return value.requiredElements.map(String)
  throw new Malformed('Its value names no elements', 'Write {requiredElements: [a.b]}, or no value')
}

const isXml: MakeCheck = (assertion) => {
  const required = requiredElements(assertion.value)
  return ({ text }) => {
    const malformed = whyNotXml(text)
    if (malformed !== undefined) return verdictOf(assertion, false, `The answer is no XML: ${malformed}`)
    const content = readContent(text, required)
    return verdictOf(
      assertion,
      content.fits,
      content.fits ? 'The answer is XML' : `The answer is XML, but: ${content.why}`,
    )
  }
}

const containsXml: MakeCheck = (assertion) => {
  const required = requiredElements(assertion.value)
  const found = (text: string): boolean => {
    const wellFormed: Piece[] = []
    for (const piece of xmlPieces(text)) {
      // What stands inside a well-formed element was looked at with it.
      if (wellFormed.some(({ start, end }) => piece.start >= start && piece.end <= end)) continue
      const content = readContent(text.slice(piece.start, piece.end), required)
      if (content.fits) return true
      if (content.wellFormed) wellFormed.push(piece)
    }
    return false
  }
  const not = assertion.inverse ? 'no ' : ''
  const wanted = required.length > 0 ? ` with ${required.join(', ')}` : ''
  return ({ text }) => verdictOf(assertion, found(text), `Expected ${not}XML${wanted} in the answer`)
}

export const xmlChecks: Readonly<Record<string, MakeCheck>> = { 'is-xml': isXml, 'contains-xml': containsXml }
