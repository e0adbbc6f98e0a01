import { countOf } from './numbers.ts'

/** A part of a page that may be cut between its rows. */
export interface Section {
  readonly before: string
  readonly rows: readonly string[]
  /** How many rows there would be, where `rows` holds only the first. */
  readonly total?: number
  /** What one row is, for the sentence about those left out. */
  readonly rowName: string
  readonly after?: string
  /** Sections with a lower number get their room first. */
  readonly priority: number
}

/** A part that stands as a whole, or not at all. */
export const plain = (before: string, priority: number): Section => ({ before, rows: [], rowName: '', priority })

const bytesOf = (text: string): number => Buffer.byteLength(text)

function fitSection(section: Section, room: number, elsewhere: string): string {
  const { before, rows, total = rows.length, rowName, after = '' } = section
  const note = (left: number) =>
    left === 0
      ? ''
      : `\n\n${left === total ? '' : '… and '}${countOf(left, left === total ? rowName : `more ${rowName}`)}: ${elsewhere}`
  let left = room - bytesOf(before) - bytesOf(after) - bytesOf(note(total)) - '… and more '.length
  if (left < 0) return ''
  let taken = 0
  for (const row of rows) {
    left -= bytesOf(row) + 1
    if (left < 0) break
    taken++
  }
  return [before, ...rows.slice(0, taken)].filter((part) => part !== '').join('\n') + note(total - taken) + after
}

/**
 * The sections in their order, in at most `maxBytes` of UTF-8. Where they do not fit, those of low priority lose rows, never half a
 * row, and say how many; `elsewhere` says where the rows are. What would not fit at all is left out.
 */
export function fitSections(sections: readonly Section[], maxBytes: number, elsewhere: string): string {
  const texts = new Map<Section, string>()
  let room = maxBytes - 1
  for (const section of sections.toSorted((a, b) => a.priority - b.priority)) {
    const text = fitSection(section, room - 2, elsewhere)
    texts.set(section, text)
    if (text !== '') room -= bytesOf(text) + 2
  }
  return `${sections
    .map((section) => texts.get(section))
    .filter((text) => text !== '')
    .join('\n\n')}\n`
}
