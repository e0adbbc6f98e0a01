/**
 * Text that somebody else wrote: model output, an agent's stdout, a pull request's words, a branch name. It reaches a log,
 * Markdown, HTML or a child process only through `forLog`, `forMarkdown`, `forHtml` or an argv element.
 */
export type Untrusted = string & { readonly untrusted: unique symbol }

export const untrusted = (text: string): Untrusted => text as Untrusted

const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g
/** Complete terminal sequences only: one that never ends would swallow the rest of the text. */
const ANSI = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[@-Z\\^_])/g
/** Bidirectional controls, zero-width characters, line separators and tags: they make a text read as something else. */
const DECEPTIVE =
  /[\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|\u{e0001}|[\u{e0020}-\u{e007f}]/gu

const codePoint = (char: string): string => `\\u{${char.codePointAt(0)!.toString(16)}}`

/**
 * For a place that reads no markup at all: well-formed text without terminal sequences; characters that deceive or control are shown
 * by their number.
 */
export function visible(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(ANSI, '')
    .replaceAll(/\r\n?/g, '\n')
    .replaceAll(CONTROL, codePoint)
    .replaceAll(DECEPTIVE, codePoint)
}

/** The first `max` characters, never half a surrogate pair, and how many were left out. */
export function cut(text: string, max: number): string {
  if (text.length <= max) return text
  const end = /[\ud800-\udbff]/.test(text[max - 1] ?? '') ? max - 1 : max
  return `${text.slice(0, end)}… (${text.length - end} more characters)`
}

/**
 * For a log line on stdout or stderr. The runner obeys `::command::` at the start of a line (after white space) and `##[command]`
 * anywhere in it (actions/runner ActionCommand.cs), so both are broken visibly. Further lines are indented by two spaces.
 */
export function forLog(text: string, max = 2_000): string {
  return visible(cut(text, max))
    .replaceAll('##[', '## [')
    .replaceAll(/^(\s*):(?=:)/gm, '$1: ')
    .replaceAll('\n', '\n  ')
}

/** For any place in HTML text or a quoted attribute. */
export function forHtml(text: string): string {
  return visible(text).replaceAll(/[&<>"'`]/g, (char) => `&#${char.charCodeAt(0)};`)
}

/**
 * For GitHub Markdown: one line of inline code. An HTML `code` element, because GitHub links mentions, issues and addresses after it
 * has decoded entities, but not inside code; entities, because Markdown is still read inside inline HTML.
 */
export function forMarkdown(text: string, max = 300): string {
  const line = visible(cut(text, max))
    .replaceAll(/\s*\n\s*/g, ' ↵ ')
    .replaceAll('\t', ' ')
  const encoded = line.replaceAll(
    /[^\p{L}\p{N}\p{Emoji_Presentation} ,.;?%€…↵]/gu,
    (char) => `&#${char.codePointAt(0)};`,
  )
  // GitHub's Markdown makes a link of `www.` even inside a `code` element (cmark-gfm, extensions/autolink.c), if the point is itself.
  return `<code>${encoded.replaceAll(/(?<=www)\./gi, '&#46;')}</code>`
}

/** For XML 1.0 text and attributes: what XML cannot hold at all is shown by its number. */
export function forXml(text: string): string {
  return visible(text)
    .replaceAll(/[\ufffe\uffff]/g, codePoint)
    .replaceAll(/[&<>"'\n\t]/g, (char) => `&#${char.charCodeAt(0)};`)
}
