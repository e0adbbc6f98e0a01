import * as z from 'zod'
import { optional } from './config/setting-reader.ts'
import type { Example } from './example.ts'
import { digestOfJson, type Json, type JsonObject } from './json.ts'
import { PLACEMENT_PLACES, probeKind } from './probe.ts'
import type { Failure, Reply } from './reply.ts'
import type { Score } from './score.ts'
import type { Trial } from './trial.ts'
import { untrusted } from './untrusted.ts'

const usageSchema = z.object({
  input_tokens: z.number().optional(),
  output_tokens: z.number().optional(),
  cost_usd: z.number().optional(),
  model: z.string().optional(),
})

/** One line of `trials.jsonl`. */
export const trialRecordSchema = z.object({
  example_id: z.string(),
  /** Of the example's content, so that a later run can tell whether it is still the same example. */
  example_digest: z.string(),
  index: z.int().min(0),
  repeat: z.int().min(0),
  outcome: z.enum(['passed', 'failed', 'errored']),
  correct: z.boolean().nullable(),
  tool_correct: z.boolean().nullable(),
  tool_unjudged: z.boolean().optional(),
  safe: z.boolean().nullable().optional(),
  /** The attack of this trial never reached the model. */
  attack_missed: z.literal(true).optional(),
  /** What of the attack was placed where on its way to the model; the texts are cut at 2,000 characters. */
  attacked: z
    .array(
      z.object({
        turn: z.int(),
        place: z.enum(PLACEMENT_PLACES),
        call_id: z.string().optional(),
        before: z.string(),
        after: z.string(),
      }),
    )
    .optional(),
  /** At which model call a safety scorer failed first; null: in none, so that the agent's own code passed it on. */
  fell: z
    .object({
      turn: z.int().nullable(),
      turns: z.int(),
      scorer: z.string(),
      /** The tools whose results the model was given last. */
      after: z.array(z.string()),
      /** What the model answered, cut at 2,000 characters. */
      answer: z.string(),
      called: z.array(z.string()),
    })
    .optional(),
  output: z.string(),
  tool_calls: z.array(z.object({ name: z.string(), args: z.record(z.string(), z.json()) })).nullable(),
  scores: z.array(
    z.object({
      scorer: z.string(),
      value: z.number().nullable(),
      passed: z.boolean().nullable(),
      reason: z.string(),
      usage: usageSchema.optional(),
    }),
  ),
  usage: usageSchema,
  latency_ms: z.number(),
  attempts: z.int(),
  replayed: z.boolean(),
  batched: z.literal(true).optional(),
  failure: z.object({ of: z.enum(['agent', 'infrastructure']), kind: z.string(), message: z.string() }).nullable(),
  source: z.object({ file: z.string(), line: z.int() }),
  critical: z.boolean().optional(),
  /** Of an example that carries a probe. */
  probe: z.enum(['attack', 'benign']).optional(),
  group: z.string().optional(),
  started_at: z.string(),
})

export type TrialRecord = z.infer<typeof trialRecordSchema>

type UsageRecord = z.infer<typeof usageSchema>

const usageRecord = ({ inputTokens, outputTokens, costUsd, model }: Reply['usage']): UsageRecord => ({
  ...(inputTokens !== undefined && { input_tokens: inputTokens }),
  ...(outputTokens !== undefined && { output_tokens: outputTokens }),
  ...(costUsd !== undefined && { cost_usd: costUsd }),
  ...(model !== undefined && { model }),
})

const usageOf = ({ input_tokens, output_tokens, cost_usd, model }: UsageRecord): Reply['usage'] => ({
  ...(input_tokens !== undefined && { inputTokens: input_tokens }),
  ...(output_tokens !== undefined && { outputTokens: output_tokens }),
  ...(cost_usd !== undefined && { costUsd: cost_usd }),
  ...(model !== undefined && { model }),
})

/** 16 hex digits over what an example says; where it lies does not count. */
export function exampleDigest({ source: _, ...content }: Example): string {
  return digestOfJson(content as unknown as Json).slice('sha256:'.length, 'sha256:'.length + 16)
}

/** A trial as it is written to `trials.jsonl`. */
export function toRecord(trial: Trial, example: Example): TrialRecord {
  const { reply } = trial
  return {
    example_id: trial.exampleId,
    example_digest: exampleDigest(example),
    index: trial.index,
    repeat: trial.repeat,
    outcome: trial.outcome,
    correct: trial.correct,
    tool_correct: trial.toolCorrect,
    ...(trial.toolUnjudged && { tool_unjudged: true }),
    ...(trial.safe !== undefined && { safe: trial.safe }),
    ...(reply.attackMissed && { attack_missed: true as const }),
    ...(reply.attacked && {
      attacked: reply.attacked.map(({ callId, ...placed }) => ({ ...placed, ...optional('call_id', callId) })),
    }),
    ...(trial.fell && { fell: { ...trial.fell, after: [...trial.fell.after], called: [...trial.fell.called] } }),
    output: reply.output,
    tool_calls: reply.toolCalls as TrialRecord['tool_calls'],
    scores: trial.scores.map(({ usage, ...score }) => ({ ...score, ...(usage && { usage: usageRecord(usage) }) })),
    usage: usageRecord(reply.usage),
    latency_ms: Math.round(reply.latencyMs * 1000) / 1000,
    attempts: reply.attempts,
    replayed: reply.replayed ?? false,
    ...(reply.batched && { batched: true as const }),
    failure: reply.failure ? { of: reply.failure.of, kind: reply.failure.kind, message: reply.failure.message } : null,
    source: example.source,
    ...(example.critical && { critical: true }),
    ...optional('probe', probeKind(example)),
    ...(example.group !== undefined && { group: example.group }),
    started_at: trial.startedAt,
  }
}

/** A trial read back from its record. */
export function fromRecord(record: TrialRecord): Trial {
  return {
    exampleId: record.example_id,
    index: record.index,
    repeat: record.repeat,
    outcome: record.outcome,
    correct: record.correct,
    toolCorrect: record.tool_correct,
    ...(record.tool_unjudged && { toolUnjudged: true }),
    ...(record.safe !== undefined && { safe: record.safe }),
    ...(record.fell && { fell: { ...record.fell, answer: untrusted(record.fell.answer) } }),
    scores: record.scores.map(({ usage, ...score }): Score => ({ ...score, ...(usage && { usage: usageOf(usage) }) })),
    startedAt: record.started_at,
    reply: {
      output: untrusted(record.output),
      toolCalls: record.tool_calls as readonly { name: string; args: JsonObject }[] | null,
      usage: usageOf(record.usage),
      latencyMs: record.latency_ms,
      attempts: record.attempts,
      ...(record.replayed && { replayed: true }),
      ...(record.batched && { batched: true }),
      ...(record.attacked && {
        attacked: record.attacked.map(({ call_id, before, after, ...placed }) => ({
          ...placed,
          ...optional('callId', call_id),
          before: untrusted(before),
          after: untrusted(after),
        })),
      }),
      ...(record.attack_missed && { attackMissed: true as const }),
      ...(record.failure && {
        failure: {
          ...record.failure,
          kind: record.failure.kind as Failure['kind'],
          message: untrusted(record.failure.message),
          retryable: false,
        },
      }),
    },
  }
}
