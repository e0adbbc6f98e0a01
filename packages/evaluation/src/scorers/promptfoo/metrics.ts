import type { Json } from '@agent-ci/core/json'
import { distance } from 'fastest-levenshtein'
import { fMeasure, nGram, treeBankTokenize } from 'js-rouge'
import { type MakeCheck, Malformed, scored, verdictOf } from './finding.ts'

const REFERENCE = 'Write the reference text'

function oneReference(value: Json | undefined): string {
  if (typeof value === 'string') return value
  throw new Malformed('Its value is not a text', REFERENCE)
}

/** One reference text, or several of which the best counts. @throws Malformed */
export function references(value: Json | undefined): readonly string[] {
  const list = Array.isArray(value) ? (value as readonly Json[]) : [value]
  if (list.length > 0 && list.every((item) => typeof item === 'string')) return list as readonly string[]
  throw new Malformed('Its value is neither a text nor a list of texts', REFERENCE)
}

const counted = (grams: readonly string[]): Map<string, number> => {
  const counts = new Map<string, number>()
  for (const gram of grams) counts.set(gram, (counts.get(gram) ?? 0) + 1)
  return counts
}

/** How many n-grams two texts share, each at most as often as the other has it. */
function shared(a: readonly string[], b: readonly string[]): number {
  const other = counted(b)
  let sum = 0
  for (const [gram, count] of counted(a)) sum += Math.min(count, other.get(gram) ?? 0)
  return sum
}

const gramsOf = (words: readonly string[], n: number): string[] =>
  Array.from({ length: Math.max(0, words.length - n + 1) }, (_, i) => words.slice(i, i + n).join(' '))

const ORDERS = [1, 2, 3, 4]
/** In place of a precision of 0, whose logarithm there is not. */
const SMOOTHED = 1e-7

const bleuWords = (text: string): string[] => text.toLowerCase().trim().split(/\s+/)

/** BLEU (Papineni et al. 2002) of one answer, over the orders for which it has words; the reference of the nearest length counts for brevity. */
export function bleu(answer: string, texts: readonly string[]): number {
  if (answer.trim() === '') return 0
  const words = bleuWords(answer)
  const others = texts.map(bleuWords)
  const usable = ORDERS.filter((n) => words.length >= n)
  const logs = usable.map((n) => {
    const grams = gramsOf(words, n)
    const best = Math.max(...others.map((other) => shared(grams, gramsOf(other, n))))
    return Math.log(best === 0 ? SMOOTHED : best / grams.length)
  })
  const [nearest = 0] = others
    .map((other) => other.length)
    .sort((a, b) => Math.abs(a - words.length) - Math.abs(b - words.length) || a - b)
  const brevity = words.length > nearest ? 1 : Math.exp(1 - nearest / words.length)
  return brevity * Math.exp(logs.reduce((sum, log) => sum + log, 0) / usable.length)
}

function gleuWords(text: string): string[] {
  const words = text
    .toLowerCase()
    .trim()
    .split(/\s+/)
    .map((word) => word.replace(/\.+$/, ''))
  return words.some((word) => word !== '') ? words : []
}

/** GLEU (Wu et al. 2016): the lesser of precision and recall over the n-grams of order 1 to 4 together; the best reference counts. */
export function gleu(answer: string, texts: readonly string[]): number {
  const words = gleuWords(answer)
  if (words.length === 0) return 0
  const own = ORDERS.flatMap((n) => gramsOf(words, n).map((gram) => `${n} ${gram}`))
  const scores = texts.map((text) => {
    const other = gleuWords(text)
    const grams = ORDERS.flatMap((n) => gramsOf(other, n).map((gram) => `${n} ${gram}`))
    return grams.length === 0 ? 0 : shared(own, grams) / Math.max(own.length, grams.length)
  })
  return Math.max(...scores)
}

/** ROUGE-1 as an F-measure with clipped counts, without regard to case. */
function rouge(answer: string, reference: string): number {
  const grams = [answer, reference].map((text) => {
    const tokens = treeBankTokenize(text.toLowerCase())
    return tokens.length === 0 ? [] : nGram(tokens, 1)
  })
  const [own = [], other = []] = grams
  const overlap = shared(own, other)
  return overlap === 0 ? 0 : fMeasure(overlap / own.length, overlap / other.length, 1)
}

export const metricChecks: Readonly<Record<string, MakeCheck>> = {
  levenshtein: (assertion) => {
    const reference = oneReference(assertion.value)
    const most = assertion.threshold ?? 5
    return ({ text }) => {
      const edits = distance(text, reference)
      return verdictOf(assertion, edits <= most, `The answer is ${edits} edits away, the threshold is ${most}`)
    }
  },
  'rouge-n': (assertion) => {
    const reference = oneReference(assertion.value)
    return ({ text }) => scored(assertion, rouge(text, reference), assertion.threshold ?? 0.75)
  },
  bleu: (assertion) => {
    const texts = references(assertion.value)
    return ({ text }) => scored(assertion, bleu(text, texts), assertion.threshold ?? 0.5)
  },
  gleu: (assertion) => {
    const texts = references(assertion.value)
    return ({ text }) => scored(assertion, gleu(text, texts), assertion.threshold ?? 0.5)
  },
}
