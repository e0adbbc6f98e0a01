import * as z from 'zod'

/** How a file names an environment variable. */
const reference = (name: string) => `\${${name}}`

const secret = z
  .string()
  .regex(
    /^\$\{\w+\}$/,
    `Expected the name of an environment variable, as in ${reference('OTLP_AUTHORIZATION')}: a secret does not belong in a file`,
  )
const headers = z.record(z.string().regex(/^[\w!#$%&'*+.^`|~-]+$/, 'Expected the name of a header'), secret)
const label = z.string().regex(/^[a-zA-Z_]\w*$/, 'Expected the name of a label: letters, digits and _')

/** `telemetry` in agent-ci.yaml: where runs are shown beside the reports. */
export const telemetryConfigSchema = z
  .strictObject({
    otlp: z
      .strictObject({
        endpoint: z
          .url({ protocol: /^https?$/ })
          .describe('An OTLP/HTTP receiver, such as http://localhost:4318; /v1/traces is put behind it'),
        headers: headers.describe(
          `Each as the name of an environment variable: { Authorization: ${reference('OTLP_AUTHORIZATION')} }`,
        ),
        service_name: z.string().min(1).describe('service.name of the spans (default agent-ci)'),
        content: z
          .boolean()
          .describe('Send the texts too: inputs, outputs, tool arguments, explanations of scores (default false)'),
      })
      .partial()
      .describe('Trials as GenAI spans'),
    pushgateway: z
      .strictObject({
        url: z.url({ protocol: /^https?$/ }).describe('Of a Prometheus Pushgateway, such as http://pushgateway:9091'),
        job: z.string().min(1).describe('The job label (default agent-ci, of a night agent-ci-nightly)'),
        grouping: z
          .record(label, z.string())
          .describe('Further labels of the group that a run replaces (default: dataset, of a night none)'),
        headers: headers.describe('Each as the name of an environment variable'),
      })
      .partial()
      .describe("A run's metrics, pushed when it ends"),
    trajectories: z
      .strictObject({
        file: z
          .string()
          .min(1)
          .describe("OTLP as JSON lines, as the Collector's file exporter writes; relative to this file"),
        wait: z
          .string()
          .regex(/^\d/, 'Expected a duration such as 10s')
          .describe('How long the spans of a trial are waited for after its reply (default 10s)'),
      })
      .partial()
      .describe('Where the spans of the agent itself are: its tool calls are read from them'),
  })
  .partial()
