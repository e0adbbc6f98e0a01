import { createHash } from 'node:crypto'
import type { JsonObject } from './json.ts'

/** A prompt as it was at one time. */
export interface PromptVersion {
  readonly name: string
  /** `v20251215120000` in a prompt store; of a file in git, what its front matter calls itself, else the hash. */
  readonly version: string
  /** The text that the model gets, before variables are filled in. */
  readonly content: string
  /** SHA-256 of the content's UTF-8, its first 12 hex digits. */
  readonly hash: string
  /** As recorded; null where nothing recorded it. */
  readonly createdAt: string | null
  readonly metadata: JsonObject
}

/** SHA-256 of a prompt's UTF-8, the first 12 hex digits. */
export const promptHash = (content: string): string => createHash('sha256').update(content).digest('hex').slice(0, 12)
