import * as z from 'zod'
import { comparisonSchema, inputsSchema } from './results.ts'
import { VERDICTS } from './verdict.ts'

const counts = z.object({ planned: z.int(), measured: z.int(), replayed: z.int(), errored: z.int() })

const armSchema = z.object({
  /** The commit whose prompts these are. */
  commit: z.string(),
  /** Share of the measured trials that passed; null where none was measured. */
  accuracy: z.number().nullable(),
  counts,
  cost_usd: z.number().nullable(),
  /** Errored trials by kind of failure. */
  errors: z.record(z.string(), z.int()),
  /** The trials of this arm. */
  trials: z.string(),
})

const stepSchema = z.object({ name: z.string(), args: z.string() }).nullable()

/** An example that got worse: one trial before, one now, and where the two part. Texts are cut at 2,000 characters. */
const regressedExampleSchema = z.object({
  id: z.string(),
  source: z.object({ file: z.string(), line: z.int() }),
  expected: z.string(),
  before: z.string(),
  after: z.string(),
  /** The first tool call that differs, counted from 1; null where the calls are the same or unknown. */
  parts_at: z.object({ step: z.int(), before: stepSchema, after: stepSchema }).nullable(),
  reproduce: z.string(),
})

const changedPromptSchema = z.object({
  path: z.string(),
  change: z.enum(['added', 'deleted', 'modified', 'renamed']),
  /** Where base has it, when it is elsewhere. */
  base_path: z.string().optional(),
  hash_before: z.string().nullable(),
  hash_after: z.string().nullable(),
  variables_dropped: z.array(z.string()),
  variables_added: z.array(z.string()),
})

/** `results.json` of prompt-regression. */
export const promptResultsSchema = z.object({
  schema_version: z.literal(1),
  kind: z.literal('prompt-regression'),
  verdict: z.enum(VERDICTS),
  reason: z.string(),
  /** What else a reader should know. */
  notes: z.array(z.string()),
  changed_prompts: z.array(changedPromptSchema),
  /** How the two commits were chosen. */
  because: z.string(),
  /** null where nothing was run, or only one arm. */
  base: armSchema.nullable(),
  candidate: armSchema.nullable(),
  comparison: comparisonSchema.nullable(),
  kept: z.object({ passed_before: z.int(), still_passed: z.int(), needed: z.int(), threshold: z.number() }).nullable(),
  /** Ids. */
  regressed: z.array(z.string()),
  improved: z.array(z.string()),
  /** The first of the examples that got worse, with what they answered. */
  regressed_examples: z.array(regressedExampleSchema),
  /** Trials of both arms. */
  counts,
  dataset: z.object({ name: z.string(), files: z.array(z.string()), digest: z.string(), examples: z.int() }).nullable(),
  agent: z.string().nullable(),
  config: z.string().nullable(),
  inputs: inputsSchema.optional(),
  model: z.string().nullable(),
  repeats: z.int().nullable(),
  confidence: z.number().nullable(),
  seed: z.string().nullable(),
  fingerprint: z.record(z.string(), z.string().nullable()).nullable(),
  started_at: z.string(),
  finished_at: z.string(),
})

export type PromptResults = z.infer<typeof promptResultsSchema>
export type ArmResults = z.infer<typeof armSchema>
export type ChangedPrompt = z.infer<typeof changedPromptSchema>
export type RegressedExample = z.infer<typeof regressedExampleSchema>
