import { tagUses, type Use, withoutTags } from './tags.ts'

/** `tags`: double braces and Jinja statements. `format`: `{x}` of Python's format. `shell`: `${x}`. */
export type Syntax = 'tags' | 'format' | 'shell'

export interface Variable {
  /** `question`, `user.name` */
  readonly name: string
  /** As the template has it where it comes first: `{{ question | upper }}`. */
  readonly token: string
  /** Of that place in the template, from 1. */
  readonly line: number
}

/**
 * `{name}`, `{user.name}`, `{items[0]}`, `{price!r:>10.2f}` as Python's str.format reads them: braces doubled around them are text.
 * Not JSON (`{"a": 1}`), a set (`{a, b}`), CSS (`{color: red}`), LaTeX (`\frac{a}{b}`, `x_{i}`), or a regular expression (`\d{3}`).
 */
const FORMAT = new RegExp(
  [
    /(?<![{$\\]|\\[A-Za-z]{1,30}\*?(?:\[[^\]]{0,80}\])?(?:\{[^{}]{0,80}\}){0,3}|\^|_(?=\{\w\}))/u,
    /(?:\{\{)*\{(?<name>[\p{L}_][\p{L}\p{N}_]*(?:\.[\p{L}_][\p{L}\p{N}_]*)*)(?:\[[\p{L}\p{N}_]+\])*(?:![rsa])?/u,
    /(?::(?:(?:.?[<>=^])?[+\- ]?z?#?0?\d*[,_]?(?:\.\d+)?[bcdeEfFgGnosxX%]?|%[^{}]*))?\}(?=(?:\}\})*(?!\}))/u,
  ]
    .map((part) => part.source)
    .join(''),
  'gu',
)
/** Not `$${x}` or `\${x}`, which stand for the text. */
const SHELL = /(?<![\\$])\$\{(?<name>[\p{L}_][\p{L}\p{N}_]*(?:\.[\p{L}_][\p{L}\p{N}_]*)*)\}/gu

/** The ranges of the template inside code fences. */
function fences(template: string): { start: number; end: number }[] {
  const found: { start: number; end: number }[] = []
  let open: { mark: string; start: number } | undefined
  let index = 0
  for (const line of template.split('\n')) {
    const mark = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1]
    if (mark && !open) open = { mark, start: index + line.length }
    else if (mark && open && mark.startsWith(open.mark) && line.trim() === mark) {
      found.push({ start: open.start, end: index })
      open = undefined
    }
    index += line.length + 1
  }
  if (open) found.push({ start: open.start, end: template.length })
  return found
}

function isAloneOnLine(template: string, start: number, end: number): boolean {
  let before = start - 1
  while (template[before] === ' ' || template[before] === '\t') before--
  let after = end
  while (/[ \t\r]/.test(template[after] ?? '')) after++
  return (before < 0 || template[before] === '\n') && (after >= template.length || template[after] === '\n')
}

/** Code in a fence has braces of its own: there a variable in single braces counts only where it has its line to itself. */
function braceUses(template: string, pattern: RegExp): Use[] {
  const code = fences(template)
  const uses: Use[] = []
  let next = 0
  for (const match of template.matchAll(pattern)) {
    const lead = match[0].search(/\{(?!\{)|\$/)
    const index = match.index + lead
    while (next < code.length && code[next]!.end <= index) next++
    const inCode = next < code.length && code[next]!.start <= index
    if (inCode && !isAloneOnLine(template, index, match.index + match[0].length)) continue
    uses.push({ name: match.groups!.name!, token: match[0].slice(lead), index })
  }
  return uses
}

/** The variables of a template, each once, in the order in which they come first. */
export function variablesOf(template: string, syntaxes: readonly Syntax[] = ['tags', 'format', 'shell']): Variable[] {
  const rest = syntaxes.includes('tags') ? withoutTags(template) : template
  const uses = [
    ...(syntaxes.includes('tags') ? tagUses(template) : []),
    ...(syntaxes.includes('format') ? braceUses(rest, FORMAT) : []),
    ...(syntaxes.includes('shell') ? braceUses(rest, SHELL) : []),
  ].sort((a, b) => a.index - b.index)
  const first = new Map<string, Variable>()
  let line = 1
  let counted = 0
  for (const { name, token, index } of uses) {
    for (; counted < index; counted++) if (template[counted] === '\n') line++
    if (!first.has(name)) first.set(name, { name, token, line })
  }
  return [...first.values()]
}

export interface VariableComparison {
  /** Filled in by the caller before and by nobody now: what it holds no longer reaches the model. */
  readonly dropped: readonly Variable[]
  /** A caller that does not know them yet leaves them as they are written. */
  readonly added: readonly Variable[]
}

export function compareVariables(base: readonly Variable[], head: readonly Variable[]): VariableComparison {
  const without = (all: readonly Variable[], others: readonly Variable[]) => {
    const names = new Set(others.map(({ name }) => name))
    return all.filter(({ name }) => !names.has(name))
  }
  return { dropped: without(base, head), added: without(head, base) }
}
