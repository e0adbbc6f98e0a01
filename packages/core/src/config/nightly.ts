import * as z from 'zod'

const rate = z.union([z.number().min(0).max(1), z.string().regex(/^\d+(\.\d+)?%?$/)])
const name = z.string().min(1)

/** `nightly` in agent-ci.yaml: what is evaluated each night, and how it is held against the nights before. */
export const nightlyConfigSchema = z
  .strictObject({
    datasets: z.array(name).min(1).describe('Names of datasets, or files (default: every dataset of this file)'),
    models: z.array(name).min(1).describe('Each dataset is evaluated with each of them (default: evaluation.model)'),
    prompts: z
      .record(z.string().regex(/^[\w.-]+$/, 'Expected letters, digits, dots, dashes and underscores'), name)
      .refine((sets) => Object.keys(sets).length > 0, 'Expected at least one set')
      .describe(
        'Sets of prompts by name: `.` for those of the workspace, `ref:<branch, tag or commit>`, or a directory whose files replace those of the same path',
      ),
    repeats: z.int().min(1).max(100).describe('Trials of each example (default: evaluation.repeats, else 1)'),
    history: name.describe('Where the nights are kept: branch:agent-ci-data, or dir:<path>'),
    baseline: name.describe('The branch, tag or commit that the control arm goes back to'),
    control: z
      .union([z.boolean(), z.enum(['regressed', 'always'])])
      .describe('Run the prompts and configuration of the baseline again: regressed (true), always, or false'),
    min_drop: rate.describe('A smaller drop of a share is not told (default 0.02)'),
    confirm: z.boolean().describe('Run what looks regressed again before saying so (default true)'),
    fail_on_regression: z.boolean().describe('Whether a regression fails the step (default: not on a schedule)'),
    history_days: z.int().min(30).describe('Older nights are removed from the history, but never those of a baseline'),
    quarantine: z
      .strictObject({
        owner: name.describe('Who mends flaky examples'),
        flip_rate: rate.describe('From which share of nights an example that flips is flaky (default 0.2)'),
        days: z.int().min(1).max(365).describe('How long it blocks nothing (default 30)'),
        max_share: rate.describe(
          'The largest share of a dataset that may be in quarantine (default 0.1); where it is set, more make the night inconclusive',
        ),
      })
      .partial()
      .describe('Examples that flip from night to night'),
    trend_url: z.url({ protocol: /^https?$/ }).describe('Where the trend page is published'),
    retention_days: z.int().min(1).max(400).describe('How long the artifact is kept'),
  })
  .partial()

export type NightlyConfig = z.infer<typeof nightlyConfigSchema>
