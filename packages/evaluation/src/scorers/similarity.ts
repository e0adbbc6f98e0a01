import type { ScorerConfigOf } from '@agent-ci/core/config/scorers'
import type { Scorer } from '@agent-ci/core/score'
import { EmbeddingsError } from '../embeddings/model.ts'
import { openEmbeddings } from '../embeddings/open.ts'
import type { ScorerDeps } from './deps.ts'
import { acceptedTexts } from './expected.ts'
import { judged, STOPPED, unscored } from './judgement.ts'
import { quote, quoteAny } from './quotation.ts'
import { normalised } from './text.ts'

/** The cosine of the angle between two vectors, which need not have the length 1; undefined for vectors that have none. */
export function cosine(a: ArrayLike<number>, b: ArrayLike<number>): number | undefined {
  if (a.length !== b.length) return undefined
  let dot = 0
  let aa = 0
  let bb = 0
  for (let i = 0; i < a.length; i++) {
    dot += a[i]! * b[i]!
    aa += a[i]! * a[i]!
    bb += b[i]! * b[i]!
  }
  const value = dot / Math.sqrt(aa) / Math.sqrt(bb)
  return Number.isFinite(value) ? value : undefined
}

/**
 * The guide's correctness of texts: equal (trimmed, without regard to case), else a cosine similarity of embeddings that reaches the
 * threshold. Of several accepted texts the most similar one counts. A model in trouble leaves the reply unscored.
 * @throws ConfigurationError for a model that can't be used
 */
export async function createSimilarity(
  config: ScorerConfigOf<'similarity'>,
  name: string,
  deps: ScorerDeps,
): Promise<Scorer> {
  const embeddings = await openEmbeddings(config, name, deps)
  return {
    name,
    judges: 'output',
    appliesTo: (example) => acceptedTexts(example.expected).length > 0,
    async score(example, { output }, signal) {
      const accepted = acceptedTexts(example.expected)
      const answer = normalised(output)
      if (accepted.some((text) => normalised(text) === answer)) {
        return judged(name, true, 'The answer equals the expected one.')
      }
      const expected = accepted.filter((text) => text.trim() !== '')
      // Endpoints refuse empty texts, but an empty answer is a wrong one.
      if (answer === '' || expected.length === 0) {
        return judged(name, false, `Expected ${quoteAny(accepted)}, got ${quote(output)}.`)
      }
      try {
        const { vectors, usage } = await embeddings.embed([output, ...expected], signal)
        const [vector, ...others] = vectors
        const cosines = others.map((other) => cosine(vector!, other))
        if (cosines.includes(undefined)) {
          return unscored(name, 'The embeddings are of different lengths, or empty: they have no similarity.', usage)
        }
        const best = Math.max(...(cosines as number[]))
        const passed = best >= config.threshold
        const compared = `${best.toFixed(3)} similar (needs ${config.threshold}) to the expected`
        return {
          scorer: name,
          value: Math.min(1, Math.max(0, best)),
          passed,
          reason: `The answer ${quote(output)} is ${compared} ${quoteAny(expected)}.`,
          usage,
        }
      } catch (error) {
        if (signal.aborted) return unscored(name, STOPPED)
        if (error instanceof EmbeddingsError) return unscored(name, `${error.message}.`)
        throw error
      }
    },
    close: async () => embeddings.close(),
  }
}
