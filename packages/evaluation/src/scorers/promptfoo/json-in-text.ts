import { parse } from 'yaml'

/** No longer piece is taken for an object. */
const MOST_CHARACTERS = 100_000
/** Each opening brace may cost a parse of the text behind it. */
const MOST_TRIES = 2_000

/** `// comments` as YAML has them, outside quotes and not in an address. */
const withHashComments = (text: string): string =>
  text
    .split('\n')
    .map((line) => line.replace(/^((?:"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|[^"'/]|\/(?!\/)|(?<=:)\/\/)*)\/\/+/, '$1#'))
    .join('\n')

function asObject(text: string): object | undefined {
  const source = text.includes('//') ? withHashComments(text) : text
  try {
    const value: unknown = parse(source, { uniqueKeys: false, schema: 'core', logLevel: 'silent', maxAliasCount: 100 })
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}

/**
 * The objects that a text has between braces, read as promptfoo reads them: as YAML, so that keys need no quotes, and with the closing
 * braces that the end of the text cut off. Braces are counted inside quotes too.
 */
export function objectsIn(text: string): object[] {
  const objects: object[] = []
  let tries = 0
  for (let start = text.indexOf('{'); start >= 0; start = text.indexOf('{', start + 1)) {
    if (++tries > MOST_TRIES) break
    const limit = Math.min(start + MOST_CHARACTERS, text.length)
    let open = 0
    let end = start
    do {
      if (text[end] === '{') open++
      else if (text[end] === '}') open--
      end++
    } while (open > 0 && end < limit)
    const object = asObject(text.slice(start, end) + '}'.repeat(open))
    if (object === undefined) continue
    objects.push(object)
    start = end - 1
  }
  return objects
}
