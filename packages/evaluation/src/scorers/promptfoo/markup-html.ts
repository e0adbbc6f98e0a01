import { type DefaultTreeAdapterTypes, parse } from 'parse5'
import { type MakeCheck, verdictOf } from './finding.ts'

type Node = DefaultTreeAdapterTypes.Node
type Element = DefaultTreeAdapterTypes.Element

const MOST_CHARACTERS = 10 * 1024 * 1024
const WRAPPERS = ['html', 'head', 'body']

/** The elements of HTML that promptfoo knows; custom ones have a dash. */
const ELEMENTS = new Set(
  (
    'title base link meta style article section nav aside h1 h2 h3 h4 h5 h6 header footer address p hr pre blockquote ol ul li dl dt dd ' +
    'figure figcaption main div a em strong small s cite q dfn abbr ruby rt rp data time code var samp kbd sub sup i b u mark bdi bdo span ' +
    'br wbr img iframe embed object param picture source video audio track map area svg math script noscript canvas ins del table caption ' +
    'colgroup col tbody thead tfoot tr td th form label input button select datalist optgroup option textarea output progress meter ' +
    'fieldset legend details summary dialog menu slot template'
  ).split(' '),
)

const isElement = (node: Node): node is Element => 'tagName' in node
/** The parser makes html, head and body where they were not written. */
const isWritten = (element: Element): boolean => element.sourceCodeLocation != null

function* elementsOf(root: Node): Generator<Element> {
  const stack: Node[] = [root]
  for (let node = stack.pop(); node; node = stack.pop()) {
    if (isElement(node)) yield node
    if ('childNodes' in node) stack.push(...node.childNodes.toReversed())
  }
}

/** Why a text is no HTML; undefined where it is. */
function whyNotHtml(answer: string): string | undefined {
  const text = answer.trim()
  if (text === '') return 'The answer is empty'
  if (text.length > MOST_CHARACTERS) return 'The answer is too large to be looked at'
  if (/^<\?xml/i.test(text)) return 'The answer is XML, not HTML'
  const lower = text.toLowerCase()
  const elements = [...elementsOf(parse(text, { sourceCodeLocationInfo: true }))]
  const wasWritten = (element: Element) =>
    isWritten(element) && new RegExp(`<${element.tagName}(?=[\\s>/])`).test(lower)
  const body = elements.find(({ tagName }) => tagName === 'body')
  const looseText = body?.childNodes.some(
    (node) => node.nodeName === '#text' && 'value' in node && node.value.trim() !== '',
  )
  if (body && looseText && !wasWritten(body)) return 'The answer has text that stands in no HTML tag'
  const found = elements.some((element) =>
    WRAPPERS.includes(element.tagName)
      ? wasWritten(element)
      : ELEMENTS.has(element.tagName.toLowerCase()) || element.tagName.includes('-'),
  )
  return found ? undefined : 'The answer has no HTML element'
}

const OPENING = /<[a-z][a-z0-9-]*(?:\s[^>]*)?>/i
const CLOSING = /<\/[a-z][a-z0-9-]*\s*>/i
/** What speaks for HTML, and how much. */
const SIGNS: readonly (readonly [RegExp, number])[] = [
  [OPENING, 1],
  [CLOSING, 1],
  [/<[a-z][a-z0-9-]*(?:\s[^>]*)?\/>/i, 1],
  [/&(?:[a-z]+|#[0-9]+|#x[0-9a-f]+);/i, 1],
  [/<!DOCTYPE\s+html/i, 2],
  [/<!--[^-]*(?:-[^-]+)*-->/, 1],
  [/\s[a-z-]+=\s*["'][^"']*["']/i, 1],
  [
    /<(?:html|head|body|div|span|p|a|img|h[1-6]|ul|ol|li|table|tr|td|th|form|input|button|script|style|link|meta|br|hr)\b/i,
    2,
  ],
]

const containsHtml = (text: string): boolean =>
  text.length <= MOST_CHARACTERS && SIGNS.reduce((sum, [sign, counts]) => sum + (sign.test(text) ? counts : 0), 0) >= 2

export const htmlChecks: Readonly<Record<string, MakeCheck>> = {
  'is-html': (assertion) => (subject) => {
    const why = whyNotHtml(subject.text)
    return verdictOf(assertion, why === undefined, why ?? 'The answer is HTML')
  },
  'contains-html':
    (assertion) =>
    ({ text }) =>
      verdictOf(assertion, containsHtml(text), `Expected the answer ${assertion.inverse ? 'not ' : ''}to contain HTML`),
}
