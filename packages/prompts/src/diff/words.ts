import { diffArrays } from 'diff'

export interface Segment {
  readonly kind: 'same' | 'added' | 'removed'
  readonly text: string
}

/** Beyond this many differing words two texts are shown as one replaced by the other: the search is quadratic in it. */
const MOST_EDITS = 600

/** The locale is fixed so that a diff does not depend on the machine; the segmenter finds words in every script. */
const segmenter = new Intl.Segmenter('en', { granularity: 'word' })

/**
 * Words with the blanks after them. A blank as a token of its own would be found everywhere, and words would be shown as replaced
 * around it; a line break stays one, so that text that was only wrapped differently keeps its words.
 */
function tokensOf(text: string): string[] {
  const tokens: string[] = []
  for (const { segment } of segmenter.segment(text)) {
    const last = tokens.length - 1
    if (/^[ \t]+$/.test(segment) && last >= 0 && !tokens[last]!.endsWith('\n')) tokens[last] += segment
    else tokens.push(segment)
  }
  return tokens
}

/** What was removed and added between two texts, by words. `same` and `removed` make up the first, `same` and `added` the second. */
export function diffWords(before: string, after: string): Segment[] {
  const changes = diffArrays(tokensOf(before), tokensOf(after), { maxEditLength: MOST_EDITS })
  const segments: Segment[] = changes
    ? changes.map((change) => ({
        kind: change.added ? 'added' : change.removed ? 'removed' : 'same',
        text: change.value.join(''),
      }))
    : [
        { kind: 'removed', text: before },
        { kind: 'added', text: after },
      ]
  return segments.filter((segment) => segment.text !== '')
}
