import { type Packed, pack } from './pack.ts'
import type { RecordingId } from './recording.ts'

/** What may go. A recording goes when any of the rules says so. */
export interface PruneRules {
  /** All others' recordings go; those of no example stay. */
  readonly examples?: ReadonlySet<string>
  /** Older ones go: ISO 8601. */
  readonly before?: string
  /** Unused ones go: `wasUsed` of a gateway whose run was complete. */
  readonly wasUsed?: (recording: RecordingId) => boolean
}

/** Packs a directory and drops what nobody needs any more. */
export function prune(directory: string, now: number, { examples, before, wasUsed }: PruneRules): Packed {
  const oldest = before === undefined ? Number.NEGATIVE_INFINITY : Date.parse(before)
  return pack(directory, now, (recording) => {
    if (examples && recording.example !== null && !examples.has(recording.example)) return false
    return Date.parse(recording.at) >= oldest && (wasUsed?.(recording) ?? true)
  })
}
