import type { Json } from '@agent-ci/core/json'
import { isJsonObject } from '@agent-ci/core/json'
import type { Fragment } from '../protocols/protocol.ts'
import { compilePattern } from './normalise.ts'

export const REDACTED = '[redacted]'

/** How keys look, by their issuer. Broad on purpose: a word blotted out by mistake costs less than a key in git. */
const KEY_SHAPES = new RegExp(
  [
    '(?<![A-Za-z0-9])(?:sk-[A-Za-z0-9_-]{16,}',
    'gh[oprsu]_[A-Za-z0-9_.-]{16,}',
    'github_pat_[A-Za-z0-9_]{16,}',
    'glpat-[A-Za-z0-9_-]{16,}',
    '(?:npm|hf)_[A-Za-z0-9]{24,}',
    '(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])',
    'AIza[A-Za-z0-9_-]{35}',
    'xox[a-z]-[A-Za-z0-9-]{10,}',
    'eyJ[A-Za-z0-9_-]{10,}\\.[A-Za-z0-9_-]{10,}\\.[A-Za-z0-9_-]{10,})',
    '-----BEGIN [A-Z ]*PRIVATE KEY-----[^]*?-----END [A-Z ]*PRIVATE KEY-----',
  ].join('|'),
  'g',
)

/** A shorter value would blot out ordinary words. */
const SHORTEST_SECRET = 8
const SHORTEST_CREDENTIAL = 16
const MOST_EXTENDED = 100

type Span = readonly [start: number, end: number]
const NO_SPANS: readonly Span[] = []

/** The forms in which a secret shows in texts: as it is, inside JSON, inside a URL, in base64. */
const formsOf = (secret: string): string[] => [
  secret,
  JSON.stringify(secret).slice(1, -1),
  encodeURIComponent(secret),
  Buffer.from(secret).toString('base64').replace(/=+$/, ''),
]

const literal = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')

export interface RedactionRules {
  /** Values that must not be stored in any form; those of under 8 characters are left alone. */
  readonly secrets?: readonly string[]
  /** Regular expressions of the user's own. */
  readonly patterns?: readonly string[]
}

/** Blots secrets out of what is stored. */
export class Redactor {
  private readonly patterns: readonly RegExp[]

  private readonly rules: RedactionRules
  private readonly extended = new Map<string, Redactor>()

  /** Throws {@link ConfigurationError} for a pattern that is none. */
  constructor(rules: RedactionRules = {}) {
    const { secrets = [], patterns = [] } = rules
    const forms = [...new Set(secrets.filter((secret) => secret.length >= SHORTEST_SECRET).flatMap(formsOf))]
      // The longest first: a secret may begin with another one.
      .sort((a, b) => b.length - a.length)
    this.rules = rules
    this.patterns = [
      ...(forms.length > 0 ? [new RegExp(forms.map(literal).join('|'), 'g')] : []),
      KEY_SHAPES,
      ...patterns.map((pattern) => compilePattern('redact', pattern)),
    ]
  }

  /** One that knows a request's own credentials too. Short ones are left alone: agents are given words like `unused` as keys. */
  knowing(credentials: readonly string[]): Redactor {
    const long = credentials.filter((credential) => credential.length >= SHORTEST_CREDENTIAL)
    if (long.length === 0) return this
    const name = long.join('\n')
    const known = this.extended.get(name)
    if (known) return known
    const redactor = new Redactor({ ...this.rules, secrets: [...(this.rules.secrets ?? []), ...long] })
    if (this.extended.size < MOST_EXTENDED) this.extended.set(name, redactor)
    return redactor
  }

  /** Where secrets lie, in order and apart. */
  private spans(text: string): readonly Span[] {
    const found: [number, number][] = []
    for (const pattern of this.patterns) {
      // Not matchAll: it copies the pattern each time, and most texts have no match.
      pattern.lastIndex = 0
      for (let match = pattern.exec(text); match; match = pattern.exec(text)) {
        if (match[0] === '') pattern.lastIndex++
        else found.push([match.index, match.index + match[0].length])
      }
    }
    if (found.length === 0) return NO_SPANS
    found.sort((a, b) => a[0] - b[0])
    const apart: [number, number][] = []
    for (const span of found) {
      const last = apart.at(-1)
      if (last && span[0] <= last[1]) last[1] = Math.max(last[1], span[1])
      else apart.push(span)
    }
    return apart
  }

  text(text: string): string {
    let result = ''
    let at = 0
    for (const [start, end] of this.spans(text)) {
      result += text.slice(at, start) + REDACTED
      at = end
    }
    return at === 0 ? text : result + text.slice(at)
  }

  /** Every text in a value, keys of objects included. */
  json(value: Json): Json {
    if (typeof value === 'string') return this.text(value)
    if (Array.isArray(value)) return value.map((item) => this.json(item))
    if (!isJsonObject(value)) return value
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [this.text(key), this.json(item)]))
  }

  /** Secrets that a stream has cut into pieces: found in each channel's joined text and blotted out of the pieces, in place. */
  fragments(fragments: readonly Fragment[]): void {
    const channels = new Map<string, Fragment[]>()
    for (const fragment of fragments) {
      const pieces = channels.get(fragment.channel)
      if (pieces) pieces.push(fragment)
      else channels.set(fragment.channel, [fragment])
    }
    for (const pieces of channels.values()) {
      const texts = pieces.map(({ holder, key }) => String(holder[key]))
      const spans = this.spans(texts.join(''))
      if (spans.length === 0) continue
      let start = 0
      for (const [i, { holder, key }] of pieces.entries()) {
        const end = start + texts[i]!.length
        holder[key] = blot(texts[i]!, start, end, spans)
        start = end
      }
    }
  }
}

/** One piece [start, end) of a longer text without the spans; what stands for a span goes where the span begins. */
function blot(piece: string, start: number, end: number, spans: readonly Span[]): string {
  let result = ''
  let at = start
  for (const [from, to] of spans) {
    if (to <= start || from >= end) continue
    result += piece.slice(at - start, Math.max(from, start) - start)
    if (from >= start) result += REDACTED
    at = Math.min(to, end)
  }
  return result + piece.slice(at - start)
}
