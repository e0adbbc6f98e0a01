import { cut, forMarkdown } from '@agent-ci/core/untrusted'
import type { Verdict } from '@agent-ci/core/verdict'

/** Untrusted text as one line of inline code; `(empty)` where there is none. */
export const code = (text: string, max = 300): string => (text.trim() === '' ? '(empty)' : forMarkdown(text, max))

/** A word that Markdown and GitHub read as nothing else: letters and digits, joined by single signs, with punctuation around. */
const PLAIN_WORD = /^\(?[$≥≤+-]?[\p{L}\p{N}]+(?:[._'’%/–-][\p{L}\p{N}]+)*%?\)?[.,;:!?]?\)?$/u
const SIGN = /^(?:>=|<=|>|<|=|%\)?[.,;:]?|–|·)$/
/** What GitHub makes links of without any mark: addresses, issues (GH-12) and commits. */
const LINKED = /^\(?(?:www\.|gh-\d)|^\W*[0-9a-f]{7,40}\W*$/i

/**
 * A sentence of ours that may quote somebody else's words: plain words stay as they are, everything else becomes inline code.
 */
export function prose(text: string, max = 1_000): string {
  const parts: { plain: boolean; words: string[] }[] = []
  for (const word of cut(text, max).split(/\s+/).filter(Boolean)) {
    const plain = SIGN.test(word) || (PLAIN_WORD.test(word) && !LINKED.test(word))
    const last = parts.at(-1)
    if (last?.plain === plain) last.words.push(word)
    else parts.push({ plain, words: [word] })
  }
  return parts.map(({ plain, words }) => (plain ? words.join(' ') : code(words.join(' '), max))).join(' ')
}

const WEB_ADDRESS = /^https?:\/\/[\w.~:/?#@!&=+%,;-]+$/i

/** A link to an address on the web; anything else is shown as text. */
export const link = (label: string, address: string): string =>
  WEB_ADDRESS.test(address) ? `[${label}](${address})` : `${label}: ${code(address)}`

const MOMENT = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC$/

/** A time as `formatMoment` writes it; what somebody wrote in its place is shown as code. */
export const time = (moment: string): string => (MOMENT.test(moment) ? moment : code(moment, 60))

/** How a verdict looks at a glance. */
export const MARKS: Readonly<Record<Verdict, string>> = {
  passed: '✅',
  inconclusive: '❔',
  failed: '❌',
  errored: '⚠️',
}

/** Lines of Markdown behind a line of our own words that opens them. */
export const fold = (title: string, lines: readonly string[]): string =>
  `<details><summary>${title}</summary>\n\n${lines.join('\n')}\n\n</details>`

/** The head of a table. */
export const tableHead = (...titles: readonly string[]): string =>
  `| ${titles.join(' | ')} |\n|${'---|'.repeat(titles.length)}`

/** A row of cells that are Markdown already. */
export const tableRow = (...cells: readonly string[]): string => `| ${cells.join(' | ')} |`
