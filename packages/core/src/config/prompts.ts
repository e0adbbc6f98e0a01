import * as z from 'zod'

const rate = z.union([z.number().min(0).max(1), z.string().regex(/^\d+(\.\d+)?%?$/)])

/** `prompts` in agent-ci.yaml: how a change of prompts is tested. */
export const promptsConfigSchema = z
  .strictObject({
    threshold: rate.describe('Least share of the examples passed before that must still pass (default 0.9)'),
    max_regressions: z.int().min(0).describe('More regressed examples than this fail the run'),
    repeats: z.int().min(1).max(100).describe('Trials of each example in each arm (default 3)'),
    datasets: z
      .record(z.string(), z.array(z.string().min(1)).min(1))
      .describe('By dataset: globs of the prompts that it tests, relative to this file; without them, all'),
  })
  .partial()
