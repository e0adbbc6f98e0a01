import { variablesInExpression } from './expression.ts'

/** A variable's use in a template: the text that was found, and where it begins. */
export interface Use {
  readonly name: string
  readonly token: string
  readonly index: number
}

const blank = (text: string): string => text.replaceAll(/[^\n]/g, ' ')

/**
 * Makes blank what lies between two marks. A search that stops where an opening has no end, because a lazy expression would try
 * again at each opening: quadratic time for a hostile template.
 */
function blankBetween(text: string, opening: RegExp, closing: (match: RegExpExecArray) => string): string {
  const parts: string[] = []
  const unclosed = new Set<string>()
  let at = 0
  for (const match of text.matchAll(opening)) {
    const close = closing(match)
    if (match.index < at || unclosed.has(close)) continue
    const end = text.indexOf(close, match.index + match[0].length)
    if (end < 0) {
      unclosed.add(close)
      continue
    }
    parts.push(text.slice(at, match.index), blank(text.slice(match.index, end + close.length)))
    at = end + close.length
  }
  return parts.join('') + text.slice(at)
}

/** The template without its comments and without what `raw` blocks hold; all positions stay. */
function withoutComments(template: string): string {
  const uncommented = blankBetween(
    blankBetween(template, /(?<!\{)\{#/g, () => '#}'),
    /\{\{!(--)?/g,
    (match) => (match[1] ? '--}}' : '}}'),
  )
  return blankBetween(uncommented, /\{%-?\s?(raw|verbatim|comment)\s?-?%\}/g, (match) => `end${match[1]}`)
}

const STATEMENT = /\{%[-+]?\s{0,20}(\w{1,50})([^%]{0,2000})%\}/g
/** Not `${{ … }}`, which is GitHub's, and not `\{{`, which Handlebars prints as it is. */
const TAG = /(?<![\\$])\{\{\{?([^{}]{1,500})\}\}\}?/g

const namesIn = (text: string): string[] => text.match(/[\p{L}_][\p{L}\p{N}_]*/gu) ?? []

interface Statement {
  readonly expression: string
  /** Names that the statement itself gives a value. */
  readonly locals: readonly string[]
}

/** What a Jinja or Liquid statement reads and defines. */
function statementOf(keyword: string, rest: string): Statement {
  switch (keyword) {
    case 'for': {
      const [target = '', ...source] = rest.split(/\bin\b/)
      return { expression: source.join(' in '), locals: namesIn(target) }
    }
    case 'set':
    case 'assign':
    case 'with': {
      const [target = '', ...value] = rest.split(/=(?!=)/)
      return { expression: value.join('='), locals: namesIn(target) }
    }
    case 'macro':
    case 'capture':
      return { expression: '', locals: namesIn(rest) }
    case 'if':
    case 'elif':
    case 'elsif':
    case 'unless':
    case 'case':
    case 'when':
      return { expression: rest, locals: [] }
    default:
      return { expression: '', locals: [] }
  }
}

/** What a tag in double braces reads and defines; the sections of Mustache and the blocks of Handlebars among them. */
function tagOf(inner: string): Statement {
  const text = inner.replace(/^[-~]/, '').replace(/[-~]$/, '').trim()
  if (/^(?:[/>=]|else$)/.test(text)) return { expression: '', locals: [] }
  const block = /^[#^]\s*(?:(?:if|unless|each|with)\s+)?([\s\S]*)$/.exec(text)
  const [expression = '', as = ''] = (block?.[1] ?? text.replace(/^&|^else\s+(?:if\s+)?/, '')).split(/\bas\s*\|/)
  return { expression, locals: namesIn(as) }
}

/** The variables of Jinja, Liquid, Mustache and Handlebars in a template; loop variables and others it defines itself are not listed. */
export function tagUses(template: string): Use[] {
  const text = withoutComments(template)
  const locals = new Set<string>()
  const uses: Use[] = []
  const add = (match: RegExpExecArray, statement: Statement) => {
    for (const local of statement.locals) locals.add(local)
    for (const name of variablesInExpression(statement.expression)) {
      uses.push({ name, token: match[0], index: match.index })
    }
  }
  for (const match of text.matchAll(STATEMENT)) add(match, statementOf(match[1]!, match[2]!))
  for (const match of text.matchAll(TAG)) add(match, tagOf(match[1]!))
  return uses.filter(({ name }) => !locals.has(name.split('.')[0]!))
}

/** The template with the tags made blank, so that their inside is not read again. */
export const withoutTags = (template: string): string =>
  withoutComments(template).replaceAll(STATEMENT, blank).replaceAll(TAG, blank)
