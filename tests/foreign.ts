import { isJsonObject, type Json } from '@agent-ci/core/json'
import fc from './properties.ts'

const SNIPPETS = [
  ...['"', '\\', '{', '}', '[', ']', ',', ':', '\n', '\r', '\t', ' ', '//', '#', '""', '- ', '? ', '&first ', '*first'],
  ...['|', '>', 'null', '1e999', '-', '0x', '"__proto__": ', '"id": 1', '\ufeff', '\u2028', '\0', '!!set ', '\u202e'],
  ...['<<: *first', '%YAML 1.1\n', '---\n', '<script>', '::error::', '\u001b[31m', '](http://x)', '@all', ']]>', '-->'],
].map((text) => Buffer.from(text))
const BROKEN = [[0xff], [0xc3], [0xe2, 0x82], [0xf0, 0x9f], [0xed, 0xa0, 0x80], [0x80]].map((bytes) =>
  Buffer.from(bytes),
)

interface Edit {
  readonly at: number
  readonly remove: number
  readonly insert: Buffer
}

const where = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })

const edit: fc.Arbitrary<Edit> = fc.record({
  at: where,
  remove: fc.oneof(fc.constant(0), fc.nat(3), fc.nat(80)),
  insert: fc.oneof(
    fc.constant(Buffer.alloc(0)),
    fc.constantFrom(...SNIPPETS),
    fc.constantFrom(...BROKEN),
    fc.uint8Array({ maxLength: 6 }).map((bytes) => Buffer.from(bytes)),
    fc.tuple(fc.constantFrom(...SNIPPETS), fc.nat(300)).map(([snippet, n]) => Buffer.concat(Array(n).fill(snippet))),
  ),
})

function edited(text: string, edits: readonly Edit[]): Buffer {
  let bytes = Buffer.from(text)
  for (const { at, remove, insert } of edits) {
    const from = Math.floor(at * bytes.length)
    bytes = Buffer.concat([bytes.subarray(0, from), insert, bytes.subarray(from + remove)])
  }
  return bytes
}

/** A good text with up to three edits that may break it anywhere; now and then bytes that have nothing to do with it. */
export const bytesNear = (text: string, mostEdits = 3): fc.Arbitrary<Buffer> =>
  fc.oneof(
    {
      weight: 20,
      arbitrary: fc.array(edit, { minLength: 1, maxLength: mostEdits }).map((edits) => edited(text, edits)),
    },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)) },
  )

export const textNear = (text: string): fc.Arbitrary<string> => bytesNear(text).map((bytes) => bytes.toString())

/** Texts that mean something to a log, Markdown, HTML, a path or a query. */
const HOSTILE = [
  '</script><script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '::error file=a::stop',
  '##[error]stop',
  '\u001b]8;;http://x\u0007x\u001b[2J',
  '[x](javascript:alert(1)) ![i](http://x/i.png) @someone #1 | a | b |',
  '```\n# heading\n```',
  '--> <!-- agent-ci',
  ']]> &amp; &#x0;',
  '\u202egnihton\u2066 \u200b\ud800',
  '../../etc/passwd',
  '"} or vector(1) #',
  '__proto__',
  'constructor',
  '',
  ' '.repeat(100),
  'x'.repeat(5_000),
]

const anyText = fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ maxLength: 20 }))
const anyNumber = fc.oneof(
  fc.constantFrom(0, -1, 1, 0.5, 1e308, -1e308, 5e-324, 2 ** 53),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.nat(1_000),
)
const anyValue: fc.Arbitrary<Json> = fc.oneof(
  anyText,
  anyNumber,
  fc.constantFrom<Json>(null, true, false, [], {}, [[]], { a: {} }),
  fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<Json>,
)

/** What happens at one place of a value. */
interface Change {
  readonly at: number
  /** `alike`: what stands there stays what it is, a text or a number, so that a schema takes it. */
  readonly how: 'alike' | 'other' | 'gone'
  readonly text: string
  readonly number: number
  readonly value: Json
}

const changeOf = (...hows: readonly Change['how'][]): fc.Arbitrary<Change> =>
  fc.record({ at: where, how: fc.constantFrom(...hows), text: anyText, number: anyNumber, value: anyValue })
const anyChange = changeOf('alike', 'alike', 'alike', 'alike', 'other', 'gone')
/** What an API server lets through: it has checked the types. */
const typedChange = changeOf('alike', 'alike', 'gone')

function replacement(before: unknown, { how, text, number, value }: Change): Json {
  if (how === 'other') return value
  if (typeof before === 'string') return text
  if (typeof before === 'number') return Number.isInteger(before) ? Math.trunc(number) : number
  return typeof before === 'boolean' ? !before : (before as Json)
}

/** The places of a value, each by its path; the whole is no place of itself. */
function placesIn(value: Json, path: readonly (string | number)[] = []): (readonly (string | number)[])[] {
  const inner: readonly (readonly [string | number, Json])[] = Array.isArray(value)
    ? value.map((item, index) => [index, item] as const)
    : isJsonObject(value)
      ? Object.entries(value)
      : []
  return inner.flatMap(([key, item]) => [[...path, key], ...placesIn(item, [...path, key])])
}

function changed(value: Json, one: Change, required: readonly string[]): Json {
  const places = placesIn(value)
  const path = places[Math.floor(one.at * places.length)]
  if (!path) return value
  const copy = structuredClone(value)
  const inside = path.slice(0, -1).reduce<unknown>((inner, key) => (inner as Record<PropertyKey, unknown>)[key], copy)
  const holder = inside as Record<PropertyKey, unknown>
  const key = path.at(-1)!
  if (one.how === 'gone' && required.includes(String(key))) return value
  if (one.how !== 'gone') holder[key] = replacement(holder[key], one)
  else if (Array.isArray(inside)) inside.splice(Number(key), 1)
  else delete holder[key]
  return copy
}

const withChanges = (value: Json, one: fc.Arbitrary<Change>, required: readonly string[] = []): fc.Arbitrary<Json> =>
  fc
    .array(one, { minLength: 1, maxLength: 3 })
    .map((changes) => changes.reduce<Json>((whole, each) => changed(whole, each, required), value))

/** A good value in which up to three places hold something else or nothing. */
export const jsonNear = (value: Json): fc.Arbitrary<Json> => withChanges(value, anyChange)

/**
 * A good value in which up to three places hold another text or number, or are left out.
 * @param required keys that are never left out: a schema wants them
 */
export const typedNear = (value: Json, required: readonly string[]): fc.Arbitrary<Json> =>
  withChanges(value, typedChange, required)
