/** Part of a text, the end not included. */
export interface Piece {
  readonly start: number
  readonly end: number
}

interface Element extends Piece {
  /** Where the element around it starts. */
  readonly parent: number | undefined
}

/** A comment, CDATA, declaration, instruction or tag. Quotes inside a tag may hold `>`, but no tag holds `<`. */
const TOKEN =
  /<!--[\s\S]*?(?:-->|$)|<!\[CDATA\[[\s\S]*?(?:\]\]>|$)|<!(?:"[^"]*"|'[^']*'|\[(?:"[^"]*"|'[^']*'|[^\]"'])*\]|[^>"'[])*(?:>|$)|<\?[\s\S]*?(?:\?>|$)|<(?<slash>\/?)(?<name>[:A-Z_a-z\u00c0-\u{effff}][-.\d:A-Z_a-z\u00b7\u00c0-\u{effff}]*)(?:"[^"]*"|'[^']*'|[^<>"'])*>/gu

/** The elements of a text that have a beginning and an end, in the order of their ends. */
function elementsIn(text: string): Element[] {
  const open: { readonly name: string; readonly start: number }[] = []
  const elements: Element[] = []
  for (const match of text.matchAll(TOKEN)) {
    const { slash, name } = match.groups as { slash?: string; name?: string }
    if (name === undefined) continue
    const end = match.index + match[0].length
    if (slash === '') {
      if (/\/\s*>$/.test(match[0])) elements.push({ start: match.index, end, parent: open.at(-1)?.start })
      else open.push({ name, start: match.index })
    } else if (open.at(-1)?.name === name) {
      const { start } = open.pop()!
      elements.push({ start, end, parent: open.at(-1)?.start })
    } else open.length = 0
  }
  return elements
}

/**
 * What in a text may be XML, in the order in which it is tried: neighbours that no element is around, together from the first to the last;
 * then each of them alone, with those whose surrounding element has no end.
 */
export function xmlPieces(text: string): readonly Piece[] {
  const elements = elementsIn(text)
  const starts = new Set(elements.map(({ start }) => start))
  const outer = elements.filter(({ parent }) => parent === undefined || !starts.has(parent))
  const groups = new Map<number | undefined, Element[]>()
  for (const element of outer) groups.set(element.parent, [...(groups.get(element.parent) ?? []), element])
  const joined = [...groups.values()]
    .filter((group) => group.length > 1)
    .map((group) => ({
      start: Math.min(...group.map(({ start }) => start)),
      end: Math.max(...group.map(({ end }) => end)),
    }))
  return [...joined, ...outer.toSorted((a, b) => a.start - b.start || b.end - a.end)]
}
