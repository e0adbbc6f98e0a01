import type { Random } from '@agent-ci/core/random'
import type { SharedEmbeddings } from '../embeddings/open.ts'

/** What scorers need from the one who runs them. */
export interface ScorerDeps {
  /** Paths in a scorer's configuration are relative to it. */
  readonly cwd: string
  /** The parent's environment. */
  readonly env: Readonly<Record<string, string | undefined>>
  readonly random: Random
  /** Rejects when the signal is aborted. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>
  /** Those of the run; without them a scorer has its own. */
  readonly embeddings?: SharedEmbeddings
}
