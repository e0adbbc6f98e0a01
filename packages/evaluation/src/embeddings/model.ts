import type { Usage } from '@agent-ci/core/reply'

export type Vector = Float32Array

/** Trouble of what embeds, said for people. */
export class EmbeddingsError extends Error {
  /** The texts themselves were refused: fewer of them may be accepted. */
  readonly refused: boolean

  constructor(message: string, refused = false) {
    super(message)
    this.name = 'EmbeddingsError'
    this.refused = refused
  }
}

/** What turns texts into vectors. */
export interface EmbeddingModel {
  /** Equal for models that give the same vectors. */
  readonly identity: string
  /** How much one call takes. */
  readonly batch: { readonly texts: number; readonly characters: number }
  /** Calls at a time. */
  readonly parallel: number
  /**
   * The vectors of texts, in their order.
   * @throws EmbeddingsError
   */
  embed(
    texts: readonly string[],
    signal: AbortSignal,
  ): Promise<{ readonly vectors: readonly Vector[]; readonly usage: Usage }>
  close(): void
}
