/** Where the last semicolon outside quotes is; -1 where there is none. */
function lastSemicolon(code: string): number {
  let quote = ''
  let last = -1
  for (let at = 0; at < code.length; at++) {
    const char = code[at]!
    if (char === '\\') at++
    else if (quote !== '') quote = char === quote ? '' : quote
    else if (char === '"' || char === "'" || char === '`') quote = char
    else if (char === ';') last = at
  }
  return last
}

/** The body of a function that returns what a line of JavaScript comes to; behind declarations that is its last expression. */
export function functionBody(line: string): string {
  const code = line.trim().replace(/;+\s*$/, '')
  if (!/^(?:const|let|var)\s/.test(code)) return `return ${code}`
  const at = lastSemicolon(code)
  const expression = code.slice(at + 1).trim()
  return at < 0 || expression === '' ? code : `${code.slice(0, at + 1)} return ${expression}`
}
