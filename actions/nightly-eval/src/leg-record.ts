import { type Night, nightSchema } from '@agent-ci/core/nightly/night'
import * as z from 'zod'

/** `leg.json`: what a leg came to, beside its results; a job that joins legs goes by it. */
export const legRecordSchema = z.object({
  schema_version: z.literal(1),
  kind: z.literal('nightly-leg'),
  id: z.string(),
  /** Why its verdict is what it is. */
  reason: z.string(),
  /** It is only this part of the leg. */
  shard: z.object({ index: z.int().min(1), of: z.int().min(1) }).optional(),
  night: nightSchema,
})

export type LegRecord = z.infer<typeof legRecordSchema>

export const LEG_FILE = 'leg.json'

/** What a leg leaves in its directory. */
export const LEG_FILES = [
  LEG_FILE,
  'results.json',
  'trials.jsonl',
  'report.html',
  'summary.md',
  'junit.xml',
  'receipt.json',
] as const

/** A leg that has been evaluated, or could not be. */
export interface EvaluatedLeg {
  readonly night: Night
  readonly reason: string
  /** Its results file, absolute; null where it left none. */
  readonly results: string | null
}
