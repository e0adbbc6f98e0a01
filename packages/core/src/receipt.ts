import * as z from 'zod'
import { digestOfJson, type JsonObject } from './json.ts'
import { type PromptDigests, promptsDigest } from './prompt-files.ts'
import type { Results } from './results.ts'
import { VERDICTS } from './verdict.ts'
import { AGENT_CI_VERSION } from './version.ts'

const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/)
const time = z.iso.datetime()

/** Where the answers came from: models in this run, recordings, or both. */
export const EVIDENCE = ['live', 'replayed', 'mixed'] as const

const contentSchema = z.object({
  schema_version: z.literal(1),
  verdict: z.enum(VERDICTS),
  reason: z.string(),
  /** What the run made of its verdict: an inconclusive one goes by `on-inconclusive`. */
  exit_status: z.union([z.literal(0), z.literal(1)]),
  /** What was evaluated, part by part; null where the run did not know. */
  evaluated: z.object({
    code: z
      .object({
        commit: z.string().regex(/^[0-9a-f]{40,64}$/),
        /** The commit's git tree: a squashed or merged commit with the same files has the same one. */
        tree: z
          .string()
          .regex(/^[0-9a-f]{40,64}$/)
          .nullable(),
        /** No tracked file had changes that are not in the commit. */
        clean: z.boolean(),
      })
      .nullable(),
    /** The image that held the agent, as the run was told. */
    image: z.string().nullable(),
    /** The deployed agent's configuration: of the file's bytes. */
    config: z.object({ path: z.string(), digest }).nullable(),
    prompts: z.object({
      digest,
      /** Of each file's bytes, by its path from where the globs start. */
      files: z.record(z.string(), digest),
    }),
    model: z.object({
      /** Sent to the agent with each example. */
      requested: z.string().nullable(),
      /** The models that answered, as providers named them; empty where nobody saw. */
      answered: z.array(z.string()),
    }),
    tools: z.string().nullable(),
    agent: z.object({
      description: z.string(),
      /** It was called at an address of another machine: that it ran these parts is assumed. */
      elsewhere: z.boolean(),
    }),
  }),
  dataset: z.object({ name: z.string(), digest: z.string(), examples: z.int(), evaluated: z.int() }),
  scorers: z.string().nullable(),
  gates: z.array(
    z.object({ metric: z.string(), rule: z.string(), value: z.number().nullable(), verdict: z.enum(VERDICTS) }),
  ),
  /** Trials. `replayed` are among the measured. */
  counts: z.object({ planned: z.int(), measured: z.int(), replayed: z.int(), errored: z.int() }),
  evidence: z.enum(EVIDENCE),
  confidence: z.number(),
  detectable_drop: z.number().nullable(),
  /** The workflow run; null outside of one. */
  run: z
    .object({
      repository: z.string(),
      id: z.string(),
      attempt: z.string(),
      url: z.string(),
      /** What the workflow ran for: of a pull request, its merge with the base. */
      sha: z.string().nullable(),
    })
    .nullable(),
  tool: z.object({ name: z.literal('agent-ci'), version: z.string() }),
  started_at: time,
  finished_at: time,
})

/** `receipt.json`: the proof that something was evaluated, and with which verdict. */
export const receiptSchema = contentSchema.extend({
  /** Of all the rest: it shows damage and edits by hand, not forgery. */
  digest,
})

export type ReceiptContent = z.infer<typeof contentSchema>
export type Receipt = z.infer<typeof receiptSchema>

/** The digest of all that a receipt holds beside its own digest, keys that this version does not know included. */
export function receiptDigest({ digest: _, ...content }: JsonObject): string {
  return digestOfJson(content)
}

/** What a receipt says beside the results. */
export interface Evaluated {
  /** The commit; a `+` and more behind it tell of uncommitted changes. */
  readonly code: string | null
  readonly tree: string | null
  readonly image: string | null
  readonly config: { readonly path: string; readonly digest: string } | null
  readonly prompts: PromptDigests
  readonly model: { readonly requested: string | null; readonly answered: readonly string[] }
  readonly agentElsewhere: boolean
}

function evidenceOf({ measured, replayed }: Results['counts']): Receipt['evidence'] {
  if (replayed === 0) return 'live'
  return replayed >= measured ? 'replayed' : 'mixed'
}

function codeOf({ code, tree }: Evaluated): Receipt['evaluated']['code'] {
  if (code === null) return null
  const [commit, changes] = code.split('+')
  return { commit: commit!, tree, clean: changes === undefined }
}

/** An agent may report whatever it likes as its model. */
const MOST_MODELS = 100

const modelsOf = ({ model }: Evaluated): string[] => [...new Set(model.answered)].slice(0, MOST_MODELS).sort()

/**
 * The receipt of a run that measured something, whatever its verdict; undefined for one that measured nothing, which proves nothing.
 *
 * @param evaluatedExamples how many examples the run was about: fewer than the dataset has after `sample`
 */
export function receiptOf(
  results: Results,
  evaluated: Evaluated,
  run: {
    readonly exitStatus: 0 | 1
    readonly evaluatedExamples: number
    readonly workflow: Receipt['run']
  },
): Receipt | undefined {
  if (results.counts.measured === 0) return undefined
  const content: ReceiptContent = {
    schema_version: 1,
    verdict: results.verdict,
    reason: results.reason,
    exit_status: run.exitStatus,
    evaluated: {
      code: codeOf(evaluated),
      image: evaluated.image,
      config: evaluated.config && { ...evaluated.config },
      prompts: { digest: promptsDigest(evaluated.prompts), files: { ...evaluated.prompts } },
      model: { requested: evaluated.model.requested, answered: modelsOf(evaluated) },
      tools: results.fingerprint.tools ?? null,
      agent: { description: results.agent, elsewhere: evaluated.agentElsewhere },
    },
    dataset: {
      name: results.dataset.name,
      digest: results.dataset.digest,
      examples: results.dataset.examples,
      evaluated: run.evaluatedExamples,
    },
    scorers: results.fingerprint.scorers ?? null,
    gates: results.gates.map(({ metric, rule, value, verdict }) => ({ metric, rule, value, verdict })),
    counts: results.counts,
    evidence: evidenceOf(results.counts),
    confidence: results.confidence,
    detectable_drop: results.detectable_drop,
    run: run.workflow,
    tool: { name: 'agent-ci', version: AGENT_CI_VERSION },
    started_at: results.started_at,
    finished_at: results.finished_at,
  }
  return { ...content, digest: receiptDigest(content) }
}
