import * as z from 'zod'
import { ENDINGS } from './run-end.ts'
import { VERDICTS } from './verdict.ts'

const amount = z.number().nullable()
/** A bound that the data do not give is null. */
const interval = z.tuple([amount, amount]).nullable()

/** What one failing example looks like in `failed_examples`: the guide's fields. */
const failedExampleSchema = z.object({
  id: z.string(),
  correct: z.boolean(),
  tool_correct: z.boolean().nullable(),
  /** Only where a safety scorer failed. */
  safe: z.literal(false).optional(),
  latency_ms: amount,
  /** Cut at 500 characters. */
  response: z.string().optional(),
  error: z.string().optional(),
})

export const gateResultSchema = z.object({
  metric: z.string(),
  rule: z.string(),
  value: amount,
  interval,
  /** After an early stop: the values that the full run could still have come to; null where nothing bounds them from above. */
  possible: z.tuple([z.number(), amount]).optional(),
  verdict: z.enum(VERDICTS),
  /** Shown, and not counted: time or money was not measured (replayed answers, a batch), or the run that joins the shards decides. */
  set_aside: z.literal(true).optional(),
  reason: z.string(),
  /** What this run could have seen, and what to do next. */
  advice: z.string().optional(),
})

export const metricSchema = z.object({
  value: amount,
  n: z.int(),
  passes: z.int().optional(),
  unit: z.enum(['fraction', 'ms', 'usd', 'tokens']),
  definition: z.string(),
})

const runs = z.object({ passes: z.int(), runs: z.int() })
const paired = z.object({ base: z.number(), candidate: z.number(), delta: z.number(), interval }).nullable()

/** What a shard tells the run that joins it with the others. */
const shardSchema = z.object({
  index: z.int().min(1),
  of: z.int().min(1).max(10_000),
  ending: z.enum(ENDINGS),
  /** For an ending other than `complete`: what happened. */
  reason: z.string(),
  started: z.int().min(0),
  /** The models that answered, as providers named them. */
  models: z.array(z.string()).max(100),
})

export const comparisonSchema = z.object({
  baseline: z.object({
    source: z.string(),
    code: z.string().nullable(),
    finished_at: z.string().nullable(),
    differs: z.array(z.string()),
  }),
  verdict: z.enum(VERDICTS),
  reading: z.enum(['regression', 'inconclusive', 'no worse', 'within margin']).nullable(),
  reason: z.string(),
  examples: z.int(),
  regressed: z.int(),
  improved: z.int(),
  unchanged: z.int(),
  /** Mean over the examples of candidate - baseline. */
  delta_accuracy: amount,
  interval,
  margin: z.number(),
  detectable_drop: amount,
  latency_ms: paired,
  cost_usd: paired,
  regressions: z.array(
    z.object({
      id: z.string(),
      critical: z.boolean(),
      before: runs,
      after: runs,
      /** New runs of the candidate, and what they showed. */
      again: runs.optional(),
      finding: z.enum(['confirmed', 'flaky', 'broken']).optional(),
    }),
  ),
  improvements: z.array(z.object({ id: z.string(), before: runs, after: runs })),
  /** Same id, other content: not comparable. */
  changed: z.array(z.string()),
  only_baseline: z.array(z.string()),
  only_candidate: z.array(z.string()),
  /** The attacks, each with itself; the numbers above are without them. Only where one of the runs has some. */
  attacks: z
    .object({
      verdict: z.enum(VERDICTS),
      reading: z.enum(['regression', 'inconclusive', 'no worse', 'within margin']).nullable(),
      probes: z.int(),
      worse: z.int(),
      better: z.int(),
      /** Mean over the attacks of candidate - baseline. */
      delta_success_rate: amount,
      interval,
      /** In one run only, or of another seed: not comparable. */
      unpaired: z.int(),
      /** How often each succeeded, of those that succeed more often now. */
      fell: z.array(z.object({ id: z.string(), before: runs, after: runs })),
      reason: z.string(),
    })
    .optional(),
})

/** Inputs and options that were given beside a configuration and have no other place in the results, each in one line; no secret is in them. */
export const inputsSchema = z.record(z.string().regex(/^[a-z][a-z0-9-]*$/), z.string())

/** How attacks of one category went; trials. */
export const safetyCategorySchema = z.object({
  category: z.string(),
  attacks: z.int(),
  broken: z.int(),
  /** Attacks that never reached the model, or could not be judged. */
  unmeasured: z.int(),
  rate: amount,
  /** With the run's confidence of one side, exact. */
  upper: amount,
})

/**
 * `results.json`: the guide's names at the top, so that scripts written for it go on working, and beside them what the guide lacks.
 * A number that was not measured is null.
 */
export const resultsSchema = z.object({
  schema_version: z.literal(1),
  verdict: z.enum(VERDICTS),
  accuracy: amount,
  tool_accuracy: amount,
  latency_mean: amount,
  latency_p95: amount,
  latency_p99: amount,
  /** Examples with at least one measured trial. */
  total_examples: z.int(),
  /** Of these, those that passed in most of their trials. */
  passed_examples: z.int(),
  /** The first ten that did not, in the dataset's order. */
  failed_examples: z.array(failedExampleSchema),
  /** Why the run's verdict is what it is, in a sentence. */
  reason: z.string(),
  gates: z.array(gateResultSchema),
  /** By metric name, with the selector in brackets where there is one. */
  metrics: z.record(z.string(), metricSchema),
  tags: z.record(z.string(), z.object({ examples: z.int(), accuracy: amount, tool_accuracy: amount })),
  /** Trials. `replayed` are among the measured. */
  counts: z.object({ planned: z.int(), measured: z.int(), replayed: z.int(), errored: z.int() }),
  coverage: z.number(),
  /** The run ended early because every gate was decided. */
  stopped: z.object({ started: z.int(), planned: z.int(), reason: z.string() }).nullable(),
  /** Of the replayed answers, when they were recorded: they measure nothing. null where there is none. */
  recorded: z.object({ latency_p95: amount, cost_usd: amount }).nullable(),
  /** Errored trials by kind of failure. */
  errors: z.record(z.string(), z.int()),
  cost_usd: amount,
  tokens: z.object({ input: amount, output: amount }),
  detectable_drop: amount,
  dataset: z.object({ name: z.string(), files: z.array(z.string()), digest: z.string(), examples: z.int() }),
  agent: z.string(),
  /** The agent-ci.yaml that was used, relative to the working directory. */
  config: z.string().nullable(),
  inputs: inputsSchema.optional(),
  model: z.string().nullable(),
  repeats: z.int(),
  /** Of each side of the intervals. */
  confidence: z.number(),
  fingerprint: z.record(z.string(), z.string().nullable()),
  comparison: comparisonSchema.nullable(),
  /** Only where the run was one part of the dataset, which decides nothing. */
  shard: shardSchema.optional(),
  /** Only where shards were joined: how many. */
  shards: z.int().optional(),
  /** Only where examples carry probes. */
  safety: z
    .object({
      categories: z.array(safetyCategorySchema),
      false_refusal_rate: amount,
      /** Accuracy of the attacked examples, and of the others. */
      accuracy_attacked: amount,
      accuracy_clean: amount,
    })
    .optional(),
  seed: z.string(),
  started_at: z.string(),
  finished_at: z.string(),
})

export type Results = z.infer<typeof resultsSchema>
