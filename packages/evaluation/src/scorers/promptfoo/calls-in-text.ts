import type { Json } from '@agent-ci/core/json'

function parse(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json
  } catch {
    return undefined
  }
}

/** Lines outside Markdown's code fences; a fence is one empty line. */
function outsideFences(text: string): string[] {
  const lines: string[] = []
  let fence = ''
  for (const line of text.split('\n')) {
    const mark = /^\s*(?:[-+*]\s+|\d+[.)]\s+)?(`{3,}|~{3,})(.*)$/.exec(line)
    if (fence !== '') {
      if (mark && mark[1]!.startsWith(fence) && mark[2]!.trim() === '') fence = ''
    } else if (mark) {
      fence = mark[1]!
      lines.push('')
    } else lines.push(line)
  }
  return lines
}

const MOST_LINES = 2_000

/**
 * The JSON values of an answer: the whole of it, or else objects and lists that begin at the start of a line and end at the end of one,
 * outside code fences.
 */
export function valuesIn(text: string): Json[] {
  const whole = parse(text)
  if (whole !== undefined) return typeof whole === 'string' ? valuesIn(whole) : [whole]
  const lines = outsideFences(text)
  const values: Json[] = []
  let tries = 0
  for (let first = 0; first < lines.length; first++) {
    if (!/^\s*[{[]/.test(lines[first]!)) continue
    for (let last = first; last < lines.length && ++tries < MOST_LINES; last++) {
      if (!/[}\]]\s*$/.test(lines[last]!)) continue
      const value = parse(lines.slice(first, last + 1).join('\n'))
      if (value === undefined) continue
      values.push(value)
      first = last
      break
    }
  }
  return values
}
