import { formatSource, type Source } from '@agent-ci/core/errors'
import { quoteText } from '../field-check.ts'

/** How many places of one name are listed. */
const MOST_PLACES = 10

interface Found {
  readonly why: string
  readonly places: Source[]
  count: number
}

/** Gathers what one side has and the other does not: a warning for each name, with its places. */
export class Unmapped {
  private readonly found = new Map<string, Found>()

  add(name: string, source: Source, why: string): void {
    const key = JSON.stringify([name, why])
    const known = this.found.get(key) ?? { why, places: [], count: 0 }
    this.found.set(key, known)
    known.count++
    if (known.places.length < MOST_PLACES) known.places.push(source)
  }

  /** `"sandbox" (evals/qa.jsonl:3, 5) is not used: the agent runs where it is` */
  warnings(verb: 'used' | 'written'): readonly string[] {
    return [...this.found].map(([key, { why, places, count }]) => {
      const [name] = JSON.parse(key) as [string]
      const [first, ...others] = places
      const rest = [
        ...new Set(others.map((place) => (place.file === first!.file ? String(place.line) : formatSource(place)))),
      ]
      const more = count > places.length ? ` and ${count - places.length} more` : ''
      return `${quoteText(name)} (${[formatSource(first!), ...rest].join(', ')}${more}) is not ${verb}: ${why}`
    })
  }
}
