import { quoteText } from '../field-check.ts'

/** How many places of one name are listed. */
const MOST_PLACES = 10

/** Gathers what a foreign file has and agent-ci does not, one warning a name. */
export class Unmapped {
  private readonly file: string
  private readonly found = new Map<string, { readonly why: string; readonly lines: number[]; count: number }>()

  constructor(file: string) {
    this.file = file
  }

  readonly add = (name: string, line: number, why: string): void => {
    const known = this.found.get(name) ?? { why, lines: [], count: 0 }
    this.found.set(name, known)
    known.count++
    if (known.lines.length < MOST_PLACES && known.lines.at(-1) !== line) known.lines.push(line)
  }

  /** `"sandbox" (evals/qa.jsonl:3, 5) is not used: agents run where they are.` */
  warnings(): readonly string[] {
    return [...this.found].map(([name, { why, lines, count }]) => {
      const more = count > lines.length && lines.length === MOST_PLACES ? ` and ${count - lines.length} more` : ''
      return `${quoteText(name)} (${this.file}:${lines.join(', ')}${more}) is not used: ${why}`
    })
  }
}
