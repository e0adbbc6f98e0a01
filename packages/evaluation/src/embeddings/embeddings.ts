import { digestOf } from '@agent-ci/core/json'
import type { Usage } from '@agent-ci/core/reply'
import { onAbort } from '../agents/abort.ts'
import { type EmbeddingModel, EmbeddingsError, type Vector } from './model.ts'
import type { VectorCache } from './vector-cache.ts'

/** Vectors of texts; what is asked for at the same time goes out together, and no text twice. */
export interface Embeddings {
  /**
   * The vectors of texts, in their order, and what they cost.
   * @throws EmbeddingsError; the signal's reason when it is aborted
   */
  embed(
    texts: readonly string[],
    signal: AbortSignal,
  ): Promise<{ readonly vectors: readonly Vector[]; readonly usage: Usage }>
  close(): void
}

interface Asked {
  readonly text: string
  readonly digest: string
  readonly resolve: (answer: { readonly vector: Vector; readonly usage: Usage }) => void
  readonly reject: (error: unknown) => void
}

/** Asks a model in batches: while its calls are under way, the texts of the next ones gather. */
export function createEmbeddings(model: EmbeddingModel, cache: VectorCache): Embeddings {
  const closing = new AbortController()
  const queue: Asked[] = []
  /** By digest: asked for and not yet answered. */
  const underway = new Map<string, Promise<Vector>>()
  let calls = 0

  function nextBatch(): Asked[] {
    let characters = 0
    let end = 0
    while (end < queue.length && end < model.batch.texts) {
      characters += queue[end]!.text.length
      if (end > 0 && characters > model.batch.characters) break
      end++
    }
    return queue.splice(0, end)
  }

  async function call(batch: readonly Asked[]): Promise<void> {
    try {
      const texts = batch.map(({ text }) => text)
      const { vectors, usage } = await model.embed(texts, closing.signal)
      const shares = usageShares(usage, texts)
      for (const [i, asked] of batch.entries()) {
        cache.set(asked.digest, vectors[i]!)
        asked.resolve({ vector: vectors[i]!, usage: shares[i]! })
      }
    } catch (error) {
      if (error instanceof EmbeddingsError && error.refused && batch.length > 1) {
        // It may be one text alone that is refused.
        const half = Math.ceil(batch.length / 2)
        await call(batch.slice(0, half))
        await call(batch.slice(half))
      } else for (const { reject } of batch) reject(error)
    }
  }

  function callWhatWaits(): void {
    while (calls < model.parallel && queue.length > 0) {
      calls++
      void call(nextBatch()).finally(() => {
        calls--
        callWhatWaits()
      })
    }
  }

  async function vectorOf(text: string): Promise<{ readonly vector: Vector; readonly usage: Usage }> {
    const digest = digestOf(text)
    const known = cache.get(digest) ?? underway.get(digest)
    if (known) return { vector: await known, usage: {} }
    const answer = new Promise<{ readonly vector: Vector; readonly usage: Usage }>((resolve, reject) => {
      queue.push({ text, digest, resolve, reject })
    })
    const vector = answer.then((found) => found.vector)
    underway.set(digest, vector)
    const settled = () => underway.delete(digest)
    vector.then(settled, settled)
    // After what asks in the same turn has joined.
    queueMicrotask(callWhatWaits)
    return await answer
  }

  return {
    async embed(texts, signal) {
      signal.throwIfAborted()
      const answers = Promise.all(texts.map(vectorOf))
      let leave = () => {}
      const stopped = new Promise<never>((_, reject) => {
        leave = onAbort(signal, () => reject(signal.reason))
      })
      try {
        const found = await Promise.race([answers, stopped])
        return { vectors: found.map(({ vector }) => vector), usage: sumOf(found.map(({ usage }) => usage)) }
      } finally {
        leave()
      }
    },
    close() {
      closing.abort(new EmbeddingsError('The run ended before the texts were embedded'))
      model.close()
    },
  }
}

/** The tokens of a call, shared out among its texts by their lengths; whole numbers that add up to it. */
function usageShares({ inputTokens, model }: Usage, texts: readonly string[]): readonly Usage[] {
  const named = model === undefined ? {} : { model }
  if (inputTokens === undefined) return texts.map(() => named)
  const length = Math.max(
    1,
    texts.reduce((sum, text) => sum + text.length, 0),
  )
  let before = 0
  let given = 0
  return texts.map((text) => {
    before += text.length
    const upTo = Math.round((inputTokens * before) / length)
    const share = upTo - given
    given = upTo
    return { ...named, inputTokens: share }
  })
}

function sumOf(usages: readonly Usage[]): Usage {
  const counted = usages.flatMap(({ inputTokens }) => (inputTokens === undefined ? [] : [inputTokens]))
  const model = usages.find((usage) => usage.model !== undefined)?.model
  return {
    ...(counted.length > 0 && { inputTokens: counted.reduce((sum, tokens) => sum + tokens, 0) }),
    ...(model !== undefined && { model }),
  }
}
