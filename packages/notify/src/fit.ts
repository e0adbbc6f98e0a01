/** Lines of a text. */
export const linesOf = (text: string): string[] => text.replaceAll(/\r\n?/g, '\n').split('\n')

/** A text on one line, with its line breaks shown. */
export const oneLine = (text: string): string => text.trim().replaceAll(/\s*[\r\n\u2028\u2029]+\s*/g, ' ↵ ')

/**
 * The longest start of `text` whose encoded form has at most `max` UTF-16 units, encoded; `…` says that something is missing. Never
 * half an entity, never half a surrogate pair.
 */
export function fitEncoded(text: string, max: number, encode: (text: string) => string): string {
  const whole = encode(text)
  if (whole.length <= max) return whole
  // One unit more than can be kept: half a pair at the end is the first to go.
  const points = [...text.slice(0, max)]
  for (let kept = points.length - 1; kept > 0; ) {
    const encoded = encode(points.slice(0, kept).join(''))
    const over = encoded.length - (max - 1)
    if (over <= 0) return `${encoded}…`
    // A character has at most some ten units when it is encoded.
    kept -= Math.ceil(over / 10)
  }
  return '…'
}

/** Rows joined by `separator`, at most `max` UTF-16 units in all; whole rows are left out at the end, and their number is said. */
export function fitRows(rows: readonly string[], max: number, separator = '\n'): string {
  const all = rows.join(separator)
  if (all.length <= max) return all
  const more = (left: number) => `… ${left} more`
  const room = max - more(rows.length).length - separator.length
  const kept: string[] = []
  let length = 0
  for (const row of rows) {
    length += row.length + separator.length
    if (length > room) break
    kept.push(row)
  }
  return [...kept, more(rows.length - kept.length)].join(separator)
}
