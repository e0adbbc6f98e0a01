import { formatPatch, OMIT_HEADERS, type StructuredPatch, type StructuredPatchHunk, structuredPatch } from 'diff'
import { diffWords, type Segment } from './words.ts'

/** Lines of a text, counted from 1, both ends included; `end` is `start - 1` for none. */
export interface LineRange {
  readonly start: number
  readonly end: number
}

export interface Hunk {
  /** With three lines of context around what changed. */
  readonly base: LineRange
  readonly head: LineRange
  /** The lines of the head text that changed; where lines were only removed, the line that took their place (or the last one). */
  readonly changed: LineRange
  readonly segments: readonly Segment[]
}

export interface TextDiff {
  /** In the unified format, with a line break at the end; empty when the texts are equal. */
  readonly unified: string
  readonly hunks: readonly Hunk[]
  readonly added: number
  readonly removed: number
}

/** Beyond this many differing lines a text is shown as replaced whole: the search is quadratic in it. */
const MOST_EDITS = 1_500
const CONTEXT = 3

/** A name in a header is on one line whatever is in it; quoted as in C where git would quote it. */
const headerName = (name: string): string =>
  /[\u0000-\u001f\u007f-\u009f\u2028\u2029"\\]/.test(name) ? JSON.stringify(name) : name

const linesOf = (text: string): string[] => (text === '' ? [] : text.replace(/\n$/, '').split('\n'))

/** The patch of a text that is replaced whole. */
function wholePatch(base: string, head: string): StructuredPatch {
  const removed = linesOf(base)
  const added = linesOf(head)
  const marked = (mark: string, lines: string[], text: string) => [
    ...lines.map((line) => mark + line),
    ...(text.endsWith('\n') || text === '' ? [] : ['\\ No newline at end of file']),
  ]
  return {
    oldFileName: '',
    newFileName: '',
    oldHeader: undefined,
    newHeader: undefined,
    hunks: [
      {
        oldStart: 1,
        oldLines: removed.length,
        newStart: 1,
        newLines: added.length,
        lines: [...marked('-', removed, base), ...marked('+', added, head)],
      },
    ],
  }
}

const textOf = (lines: readonly string[], mark: string): string =>
  lines
    .filter((line) => line.startsWith(' ') || line.startsWith(mark))
    .map((line) => `${line.slice(1)}\n`)
    .join('')

function hunkOf({ oldStart, oldLines, newStart, newLines, lines }: StructuredPatchHunk, headLines: number): Hunk {
  const added: number[] = []
  const removedAt: number[] = []
  let line = newStart
  for (const text of lines) {
    if (text.startsWith('+')) added.push(line)
    if (text.startsWith('-')) removedAt.push(Math.max(1, Math.min(line, headLines)))
    if (text.startsWith('+') || text.startsWith(' ')) line++
  }
  const changed = added.length > 0 ? added : removedAt
  return {
    base: { start: oldStart, end: oldStart + oldLines - 1 },
    head: { start: newStart, end: newStart + newLines - 1 },
    changed: { start: changed[0]!, end: changed.at(-1)! },
    segments: diffWords(textOf(lines, '-'), textOf(lines, '+')),
  }
}

/** How a text became another: as a patch, and hunk by hunk as words. */
export function diffTexts(
  base: { readonly name: string; readonly text: string },
  head: { readonly name: string; readonly text: string },
): TextDiff {
  const patch =
    structuredPatch('', '', base.text, head.text, undefined, undefined, {
      context: CONTEXT,
      maxEditLength: MOST_EDITS,
    }) ?? wholePatch(base.text, head.text)
  const count = (mark: string) =>
    patch.hunks.reduce((sum, hunk) => sum + hunk.lines.filter((line) => line.startsWith(mark)).length, 0)
  const headLines = linesOf(head.text).length
  return {
    unified:
      patch.hunks.length === 0
        ? ''
        : `--- ${headerName(base.name)}\n+++ ${headerName(head.name)}\n${formatPatch(patch, OMIT_HEADERS)}`,
    hunks: patch.hunks.map((hunk) => hunkOf(hunk, headLines)),
    added: count('+'),
    removed: count('-'),
  }
}
