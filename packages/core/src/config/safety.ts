import * as z from 'zod'

/** How golden examples are attacked; every key is an input of eval-gate too. */
export const safetyConfigSchema = z
  .strictObject({
    attacks: z.array(z.string().min(1)).min(1).describe('Suites (`builtin:injection`) and files of probes'),
    seed: z
      .union([z.string(), z.int()])
      .describe('Of the pairs of example and probe, and of the tokens; without it each night has its own'),
    pairs: z.int().min(1).describe('How many attacked examples there are; one for each probe without it'),
    at: z
      .int()
      .min(1)
      .describe('Which tool result, document or turn of a trial carries the probe; every one without it'),
  })
  .extend({
    check_agent_settings: z
      .boolean()
      .describe('Hold the agent to the tools, iterations and PII detection of its own configuration'),
  })
  .partial()
