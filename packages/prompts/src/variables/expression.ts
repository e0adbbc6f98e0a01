const KEYWORDS = new Set(
  'and or not in is if else elif true false none null True False None undefined this loop self super by as'.split(' '),
)

const STRING = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/g
const PATH = /(?<![\p{L}\p{N}_.@$])[\p{L}_][\p{L}\p{N}_]*(?:\.[\p{L}_][\p{L}\p{N}_]*)*/gu

/** The variables in an expression of Jinja, Liquid, Mustache or Handlebars: not its texts, filters, tests, functions and argument names. */
export function variablesInExpression(expression: string): string[] {
  const bare = expression
    .replaceAll(STRING, '""')
    .replaceAll(/\|\s*[\p{L}_][\p{L}\p{N}_.]*(?:\s*:(?!=))?/gu, ' , ')
    .replaceAll(/\bis\s+(?:not\s+)?\w+/g, ' ')
  // A key in quotes before a colon: JSON whose braces were doubled for Python's format.
  if (/^\s*""\s*:/.test(bare)) return []
  const names: string[] = []
  for (const match of bare.matchAll(PATH)) {
    const after = bare.slice(match.index + match[0].length)
    if (/^\s*=(?!=)/.test(after)) continue
    // `user.name.upper()` reads user.name; `now()` reads nothing.
    const path = /^\s*\(/.test(after) ? match[0].split('.').slice(0, -1).join('.') : match[0]
    const name = path.replace(/^this\./, '')
    if (name !== '' && !KEYWORDS.has(name.split('.')[0]!)) names.push(name)
  }
  return names
}
