/** Zero-width characters, bidirectional controls, variation selectors, soft hyphens. */
const INVISIBLE = /\p{Default_Ignorable_Code_Point}/gu
/** Tag characters repeat ASCII invisibly (Unicode 15, 23.9). */
const TAGS = /[\u{e0020}-\u{e007e}]/gu
/** Cyrillic and Greek letters that look like Latin ones; in lower case. */
const LOOKALIKES: Readonly<Record<string, string>> = {
  а: 'a',
  ԛ: 'q',
  ԝ: 'w',
  в: 'b',
  е: 'e',
  к: 'k',
  м: 'm',
  н: 'h',
  о: 'o',
  р: 'p',
  с: 'c',
  т: 't',
  у: 'y',
  х: 'x',
  і: 'i',
  ј: 'j',
  ѕ: 's',
  α: 'a',
  β: 'b',
  ε: 'e',
  η: 'h',
  ι: 'i',
  κ: 'k',
  μ: 'm',
  ν: 'n',
  ο: 'o',
  ρ: 'p',
  τ: 't',
  υ: 'y',
  χ: 'x',
  ζ: 'z',
}
const NAMED: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  shy: '',
  zwnj: '',
}

const MAX_DEPTH = 3
const MAX_READINGS = 60

const fromCode = (code: number): string => (code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : '')

/** Bytes as a text, where nearly all of it can be read. */
function legible(bytes: Buffer): string | undefined {
  const text = bytes.toString('utf8')
  const odd = text.match(/[\u0000-\u0008\u000e-\u001f\ufffd]/g)?.length ?? 0
  return text !== '' && odd <= text.length / 10 ? text : undefined
}

const hexBytes = (run: string): string => legible(Buffer.from(run.replaceAll(/0x|\\x|[^0-9a-f]/gi, ''), 'hex')) ?? run

/** Each reads a text in another way; a text that it has nothing to say about comes back as it is. */
const DECODERS: readonly ((text: string) => string)[] = [
  (text) =>
    text.replaceAll(/(?:%[0-9a-f]{2})+/gi, (run) => legible(Buffer.from(run.replaceAll('%', ''), 'hex')) ?? run),
  (text) =>
    text.replaceAll(/&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|([a-z]{2,6}));?/gi, (whole, hex, decimal, name) => {
      if (name !== undefined) return NAMED[String(name).toLowerCase()] ?? whole
      return fromCode(hex === undefined ? Number(decimal) : Number.parseInt(hex, 16))
    }),
  (text) =>
    text.replaceAll(/\\u\{?([0-9a-f]{4,6})\}?|\\x([0-9a-f]{2})/gi, (_, long, short) =>
      fromCode(Number.parseInt(long ?? short, 16)),
    ),
  (text) => text.replaceAll(/[A-Za-z0-9+/_-]{8,}={0,2}/g, (run) => legible(Buffer.from(run, 'base64')) ?? run),
  // Lines of MIME, or a token that was broken in pieces. Without the look-behind a long run is searched again from each of its characters.
  (text) =>
    text.replaceAll(
      /(?<![A-Za-z0-9+/])[A-Za-z0-9+/]+(?:\s+[A-Za-z0-9+/]+)+={0,2}/g,
      (run) => legible(Buffer.from(run, 'base64')) ?? run,
    ),
  (text) => text.replaceAll(/(?:(?:0x|\\x)?[0-9a-f]{2}[\s,:;-]*){6,}/gi, hexBytes),
  (text) =>
    text.replaceAll(/(?:\b\d{2,3}\b[\s,;-]*){6,}/g, (run) =>
      run
        .match(/\d+/g)!
        .map((code) => fromCode(Number(code)))
        .join(''),
    ),
]

const rot13 = (text: string): string =>
  text.replaceAll(/[a-z]/gi, (letter) => {
    const base = letter <= 'Z' ? 65 : 97
    return String.fromCharCode(((letter.charCodeAt(0) - base + 13) % 26) + base)
  })

/** The text that a reader sees of Markdown links, without their targets. */
const withoutTargets = (text: string): string => text.replaceAll(/\]\([^)]{0,2000}\)/g, ']')

/** What several URLs carry together: the values of their queries and fragments, in order. */
const carried = (text: string): string =>
  urlsIn(text)
    .map(
      (url) =>
        url
          .match(/[?&#;][^?&#;=]*=?([^?&#;]*)/g)
          ?.map((part) => part.replace(/^.[^=]*=/, ''))
          .join('') ?? '',
    )
    .join('')

/** The first character of every line, and of every list item's text. */
const initials = (text: string): string =>
  text
    .split('\n')
    .map((line) => /[\p{L}\p{N}]/u.exec(line.replace(/^\s*(?:[-*]|\d+[.)])\s+/, ''))?.[0] ?? '')
    .join('')

/** The addresses in a text, protocol-relative ones too. */
export const urlsIn = (text: string): string[] =>
  text.match(/(?:\b[a-z][a-z0-9+.-]{0,15}:)?\/\/[^\s<>"'`)\]]+|\bmailto:[^\s<>"'`)\]]+/gi) ?? []

/** The letters and digits of a text as a reader sees them: no spacing, marks, case, look-alikes or invisible characters. */
export const bare = (text: string): string =>
  text
    .replaceAll(TAGS, (char) => String.fromCodePoint(char.codePointAt(0)! - 0xe0000))
    .replaceAll(INVISIBLE, '')
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[\u0370-\u03ff\u0430-\u052f]/g, (char) => LOOKALIKES[char] ?? char)
    .replaceAll(/[^\p{L}\p{N}]/gu, '')

/** A text and what it says once it is decoded, so many encodings deep. */
export function decodings(text: string, depth: number, decoders = DECODERS): ReadonlySet<string> {
  const seen = new Set([text])
  let layer = [text]
  for (let i = 0; i < depth; i++) {
    const next: string[] = []
    for (const each of layer) {
      for (const decode of decoders) {
        if (seen.size >= MAX_READINGS) return seen
        const decoded = decode(each)
        if (seen.has(decoded)) continue
        seen.add(decoded)
        next.push(decoded)
      }
    }
    layer = next
  }
  return seen
}

/** The letters and digits of a text, as it stands, decoded, by its links and by its initials. */
export function readings(text: string): ReadonlySet<string> {
  const found = new Set<string>()
  for (const each of decodings(text, MAX_DEPTH, [...DECODERS, rot13])) {
    for (const view of [each, withoutTargets(each), carried(each), initials(each)]) found.add(bare(view))
  }
  return found
}

export const reversed = (text: string): string => [...text].reverse().join('')
