import { type CheckDeps, type MakeCheck, scored } from './finding.ts'
import { references } from './metrics.ts'
import { workspaceLibrary } from './workspace-library.ts'

interface Natural {
  readonly PorterStemmer: { stem(word: string): string }
  readonly WordNet: new () => {
    lookup(word: string, done: (found: readonly { readonly synonyms: readonly string[] }[]) => void): void
  }
}

interface Token {
  readonly at: number
  readonly word: string
}

type Pair = readonly [answer: number, reference: number]

/** Pairs words from the ends of both texts, each at most once; the unpaired ones stay. */
function pair(answer: Token[], reference: Token[], same: (a: string, b: string) => boolean): Pair[] {
  const pairs: Pair[] = []
  for (let a = answer.length - 1; a >= 0; a--) {
    const r = reference.findLastIndex(({ word }) => same(answer[a]!.word, word))
    if (r < 0) continue
    pairs.push([answer[a]!.at, reference[r]!.at])
    answer.splice(a, 1)
    reference.splice(r, 1)
  }
  return pairs
}

const tokensOf = (text: string): Token[] =>
  text.split(/\s+/).map((word, at) => ({ at, word: word.replace(/\.+$/, '').toLowerCase() }))

/** METEOR (Banerjee and Lavie 2005): equal words, then equal stems (which stay stems), then synonyms of WordNet. */
async function meteor(
  text: string,
  reference: string,
  natural: Natural,
  alpha: number,
  beta: number,
  gamma: number,
): Promise<number> {
  const answer = tokensOf(text)
  const other = tokensOf(reference)
  const [own, wanted] = [answer.length, other.length]
  const stemmed = (tokens: readonly Token[]) =>
    tokens.map(({ at, word }) => ({ at, word: natural.PorterStemmer.stem(word) }))
  const exact = pair(answer, other, (a, b) => a === b)
  const [answerStems, otherStems] = [stemmed(answer), stemmed(other)]
  const stems = pair(answerStems, otherStems, (a, b) => a === b)
  const wordNet = new natural.WordNet()
  const synonyms = new Map<string, ReadonlySet<string>>()
  for (const { word } of answerStems) {
    const found = await new Promise<readonly { readonly synonyms: readonly string[] }[]>((resolve) =>
      wordNet.lookup(word, resolve),
    )
    synonyms.set(
      word,
      new Set([word, ...found.flatMap((set) => set.synonyms.filter((synonym) => !synonym.includes('_')))]),
    )
  }
  const alike = pair(answerStems, otherStems, (a, b) => synonyms.get(a)!.has(b))
  const pairs = [...exact, ...stems, ...alike].sort((a, b) => a[0] - b[0])
  if (pairs.length === 0) return 0
  const chunks = pairs.filter(([a, r], i) => i === 0 || a !== pairs[i - 1]![0] + 1 || r !== pairs[i - 1]![1] + 1).length
  const precision = pairs.length / own
  const recall = pairs.length / wanted
  const mean = (precision * recall) / (alpha * precision + (1 - alpha) * recall)
  return (1 - gamma * (chunks / pairs.length) ** beta) * mean
}

export const meteorCheck: MakeCheck = (assertion, { directory, cwd }: CheckDeps) => {
  const texts = references(assertion.value)
  const natural = workspaceLibrary('natural', '8.1.1', assertion.type, [directory, cwd]) as Natural
  return async ({ text }) => {
    const scores = await Promise.all(texts.map((reference) => meteor(text, reference, natural, 0.9, 3, 0.5)))
    return scored(assertion, text === '' ? 0 : Math.max(...scores), assertion.threshold ?? 0.5)
  }
}
