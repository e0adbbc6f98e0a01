/** Edit distance (insert, delete, replace, swap of neighbours), bounded by the lengths of short names. */
function distance(a: string, b: string): number {
  let before: number[] = []
  let above = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1
      let best = Math.min(above[j]! + 1, row[j - 1]! + 1, above[j - 1]! + cost)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) best = Math.min(best, before[j - 2]! + 1)
      row.push(best)
    }
    before = above
    above = row
  }
  return above[b.length]!
}

/** The known name that a mistyped one most likely meant, or undefined when none is near. */
export function nearestName(typed: string, known: Iterable<string>): string | undefined {
  const flat = (name: string) => name.toLowerCase().replaceAll(/[-_ ]/g, '')
  let best: string | undefined
  let least = Math.min(4, Math.max(2, Math.floor(typed.length / 3))) + 1
  for (const name of known) {
    const d = distance(flat(typed).slice(0, 64), flat(name))
    if (d < least && d < name.length / 2) {
      least = d
      best = name
    }
  }
  return best
}

/**
 * `Did you mean "x"?` as the last part of a three-part message.
 * @param otherwise where no name is near; the list of what is known, unless the message has it already
 */
export function suggestName(typed: string, known: readonly string[], otherwise = `Known: ${known.join(', ')}`): string {
  const nearest = nearestName(typed, known)
  return nearest === undefined ? otherwise : `Did you mean "${nearest}"?`
}
