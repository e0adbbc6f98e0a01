import * as z from 'zod'

const key = z.string().min(1)

/** `langsmith` in agent-ci.yaml: how its examples become ours, and where an evaluation is shown there. */
export const langsmithConfigSchema = z
  .strictObject({
    input: key.describe('The key of `inputs` that is the input (default: its only value, or all of it)'),
    expected: key.describe('The key of the reference outputs that is the expected answer (default: as for input)'),
    expected_tools: key.describe(
      'The key of the reference outputs that lists the expected tools (default: expected_tools)',
    ),
    experiment: key.describe('Upload the evaluation as an experiment whose name starts like this'),
    endpoint: z
      .url({ protocol: /^https?$/ })
      .describe('Of the API (default: LANGSMITH_ENDPOINT, else the American one)'),
  })
  .partial()

export type LangsmithConfig = z.infer<typeof langsmithConfigSchema>
