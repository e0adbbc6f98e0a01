import { forLog } from '@agent-ci/core/untrusted'
import type { Hunk, LineRange } from '@agent-ci/prompts/diff/text-diff'
import type { Segment } from '@agent-ci/prompts/diff/words'
import type { VersionDiff } from '@agent-ci/prompts/store/read'
import { compareVariables, variablesOf } from '@agent-ci/prompts/variables/variables'

type Paint = (style: number, text: string) => string
const BOLD = 1
const RED = 31
const GREEN = 32
const CYAN = 36

/** A line or a part of one, whole. A carriage return is shown: forLog would break the line there. */
const shown = (text: string): string => forLog(text.replaceAll('\r', '\\u{d}'), Number.POSITIVE_INFINITY)

function paintLine(line: string, paint: Paint): string {
  if (line.startsWith('@@')) return paint(CYAN, line)
  if (line.startsWith('-')) return paint(RED, line)
  return line.startsWith('+') ? paint(GREEN, line) : line
}

const rangeOf = ({ start, end }: LineRange): string => `${start},${end - start + 1}`

/** Marked as `git diff --word-diff` marks words; a line break that came or went is shown as `↵`, and made. */
function markWords({ kind, text }: Segment, paint: Paint): string {
  if (kind === 'same') return text.split('\n').map(shown).join('\n')
  const [style, open, close] = kind === 'added' ? [GREEN, '{+', '+}'] : [RED, '[-', '-]']
  return text.replaceAll(/([^\n]*)(\n?)/g, (whole, words: string, lineBreak: string) =>
    whole === '' ? '' : paint(style, `${open}${shown(words)}${lineBreak && '↵'}${close}`) + lineBreak,
  )
}

function hunkInWords({ base, head, segments }: Hunk, paint: Paint): string[] {
  // The runner obeys `##[…]`, and our mark may follow on `##`.
  const words = segments
    .map((segment) => markWords(segment, paint))
    .join('')
    .replaceAll('##[', '## [')
  return [paint(CYAN, `@@ -${rangeOf(base)} +${rangeOf(head)} @@`), ...words.replace(/\n$/, '').split('\n')]
}

/** A diff for people, line by line, with the variables that the prompt dropped and added; nothing where the texts are equal. */
export function renderDiff(
  diff: VersionDiff,
  { words, colour }: { readonly words: boolean; readonly colour: boolean },
): string[] {
  if (diff.hunks.length === 0) return []
  const paint: Paint = (style, text) => (colour ? `\u001b[${style}m${text}\u001b[0m` : text)
  const [from, to, ...lines] = diff.unified.replace(/\n$/, '').split('\n').map(shown)
  const { dropped, added } = compareVariables(variablesOf(diff.base.content), variablesOf(diff.head.content))
  return [
    paint(BOLD, from!),
    paint(BOLD, to!),
    ...(words ? diff.hunks.flatMap((hunk) => hunkInWords(hunk, paint)) : lines.map((line) => paintLine(line, paint))),
    ...dropped.map(({ token }) =>
      paint(RED, `dropped ${forLog(token, 100)}: what is filled in for it does not reach the model any more`),
    ),
    ...added.map(({ token }) => paint(GREEN, `added ${forLog(token, 100)}: every caller must fill it in`)),
  ]
}
