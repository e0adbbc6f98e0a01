import { quoteText } from '../field-check.ts'

interface Found {
  readonly why: string
  /** `file:line`, and of the same file again the line alone. */
  readonly places: string[]
  last: string
  count: number
}

/** How many places of one name are listed. */
const MOST_PLACES = 10

/** Gathers what a foreign file has and agent-ci does not, one warning a name. */
export class Unmapped {
  private readonly file: string
  private readonly found = new Map<string, Found>()

  constructor(file: string) {
    this.file = file
  }

  readonly add = (name: string, line: number, why: string, file = this.file): void => {
    const known = this.found.get(name) ?? { why, places: [], last: '', count: 0 }
    this.found.set(name, known)
    known.count++
    const place = known.last === file ? `${line}` : `${file}:${line}`
    if (known.places.length >= MOST_PLACES || known.places.at(-1)?.replace(/.*:/, '') === `${line}`) return
    known.places.push(place)
    known.last = file
  }

  /** `"sandbox" (evals/qa.jsonl:3, 5) is not used: agents run where they are.` */
  warnings(): readonly string[] {
    return [...this.found].map(([name, { why, places, count }]) => {
      const more = count > places.length && places.length === MOST_PLACES ? ` and ${count - places.length} more` : ''
      return `${quoteText(name)} (${places.join(', ')}${more}) is not used: ${why}`
    })
  }
}
