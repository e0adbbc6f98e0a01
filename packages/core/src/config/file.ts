import * as z from 'zod'
import { ESTIMANDS } from '../statistics/effective-size.ts'
import { STOPS } from '../statistics/sequential-gate.ts'
import { ON_INCONCLUSIVE } from '../verdict.ts'
import { agentConfigSchema } from './agents.ts'
import { deliveryConfigSchema } from './delivery.ts'
import { gatewayConfigSchema } from './gateway.ts'
import { langsmithConfigSchema } from './langsmith.ts'
import { nightlyConfigSchema } from './nightly.ts'
import { notifyConfigSchema } from './notify.ts'
import { promptsConfigSchema } from './prompts.ts'
import { safetyConfigSchema } from './safety.ts'
import { scorerEntrySchema } from './scorers.ts'
import { telemetryConfigSchema } from './telemetry.ts'

const duration = z.string().regex(/^\d/, 'Expected a duration such as 30s').describe('A duration: 500ms, 30s, 5m')
const rate = z
  .union([z.number().min(0).max(1), z.string().regex(/^\d+(\.\d+)?%?$/)])
  .describe('A fraction (0.85) or a percentage (85%)')

/** How an evaluation is run; every key is an input of eval-gate too, with dashes. */
export const evaluationSettingsSchema = z
  .strictObject({
    model: z.string().min(1).describe('Sent to the agent with each example'),
    concurrency: z.int().min(1).max(1_000).describe('Trials in flight'),
    repeats: z.int().min(1).max(100).describe('Trials of each example'),
    timeout: duration.describe('Of one trial'),
    run_timeout: duration.describe('Of the whole run'),
    sample: z.union([z.int().min(1), z.string()]).describe('How many examples, or a percentage of them'),
    seed: z.union([z.string(), z.int()]).describe('Of the order and the sample'),
    stop: z.enum(STOPS).describe('When a run may end before its last trial'),
    max_disagreement: rate.describe('How often a confident stop may decide otherwise than the full run would'),
    confidence: rate.describe('Of each side of a verdict and of its interval'),
    estimand: z.enum(ESTIMANDS).describe('What the examples stand for'),
    baseline: z.string().min(1).describe('The output-dir of an earlier run to compare with'),
    margin: rate.describe('With a baseline: a smaller drop of accuracy is tolerated'),
    confirm: z.boolean().describe('With a baseline: run what looks broken again before saying so'),
    on_inconclusive: z.enum(ON_INCONCLUSIVE).describe('The exit status of an inconclusive verdict'),
    min_coverage: rate.describe('The least share of the planned trials that must be measured'),
    batch: z
      .boolean()
      .describe(
        'Send the calls of an anthropic agent without tools in batches, at half the price; no latency is measured',
      ),
    batch_timeout: duration.describe('How long a batch may take, before what is left of it is called one by one'),
    output_dir: z.string().min(1),
    sarif: z.boolean().describe('Write the failing examples as results.sarif too, for code scanning'),
    image: z.string().min(1).describe('For the receipt: the image that holds the evaluated agent'),
  })
  .partial()

/** `agent-ci.yaml`: one file for all actions; inputs override it. */
export const configFileSchema = z
  .strictObject({
    version: z.literal(1),
    agent: z
      .union([
        z.string().min(1).describe('The short form: http://…, command:…, python:…, anthropic:…'),
        agentConfigSchema,
      ])
      .optional(),
    datasets: z
      .record(z.string(), z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]))
      .optional()
      .describe('Files by dataset name, or langsmith:<name>; the first is the default'),
    scorers: z.array(scorerEntrySchema).min(1).optional(),
    gates: z.array(z.string()).min(1).optional().describe('Rules such as accuracy >= 0.85'),
    evaluation: evaluationSettingsSchema.optional(),
    gateway: gatewayConfigSchema.optional(),
    safety: safetyConfigSchema.optional(),
    prompts: promptsConfigSchema.optional(),
    nightly: nightlyConfigSchema.optional(),
    notify: notifyConfigSchema.optional(),
    telemetry: telemetryConfigSchema.optional(),
    delivery: deliveryConfigSchema.optional(),
    langsmith: langsmithConfigSchema.optional(),
  })
  .describe('Configuration of agent-ci')

export type ConfigFile = z.infer<typeof configFileSchema>
