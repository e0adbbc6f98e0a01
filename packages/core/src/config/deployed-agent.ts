import * as z from 'zod'
import { type Located, parseYamlWith, type YamlForm } from './located-yaml.ts'
import { shapeKeys } from './schema-shape.ts'

const text = z.string()

/** The deployed agent's own configuration, `config/<environment>.yaml`, with the bounds and defaults of the guide's `AgentConfig`. */
const deployedAgentSchema = z.strictObject({
  model: z.strictObject({
    primary: text.min(1).default('claude-sonnet-4-20250514'),
    fallback: text.min(1).default('claude-haiku-3'),
    temperature: z.number().min(0).max(1).default(0.7),
    max_tokens: z.int().min(1).max(8192).default(4096),
  }),
  prompts: z.strictObject({
    version: text.min(1),
    fallback_version: text.min(1).nullable().default(null),
  }),
  tools: z
    .strictObject({ enabled: z.array(text.min(1)).default([]), disabled: z.array(text.min(1)).default([]) })
    .prefault({}),
  rate_limits: z
    .strictObject({ requests_per_minute: z.int().default(100), tokens_per_minute: z.int().default(100_000) })
    .prefault({}),
  monitoring: z
    .strictObject({
      log_level: text.default('INFO'),
      metrics_enabled: z.boolean().default(true),
      trace_sampling_rate: z.number().min(0).max(1).default(0.1),
    })
    .prefault({}),
  safety: z
    .strictObject({
      content_filter: text.default('strict'),
      pii_detection: text.default('enabled'),
      max_tool_iterations: z.int().default(10),
    })
    .prefault({}),
})

export type DeployedAgentConfig = z.infer<typeof deployedAgentSchema>

/** `config/<environment>.yaml`; the keys beside `agent` are the application's own. */
export const deployedAgentFileSchema = z.looseObject({ agent: deployedAgentSchema })

const FORM: YamlForm = {
  knownKeys: (path) => shapeKeys(deployedAgentFileSchema, path),
  empty: { why: 'Expected the configuration of the deployed agent', mend: 'Write agent: with its model and prompts' },
  mend: 'See schema/deployed-agent.schema.json for every key; quote texts such as "on", "off" and "2.10"',
  // The guide's loader is PyYAML: what it would read as a boolean or a date must not pass here as a text.
  yamlVersion: '1.1',
}

/**
 * Reads a `config/<environment>.yaml`: the values of `agent`, defaults filled in, and the line of each key (paths begin with `agent`).
 *
 * @throws {ConfigurationError} with all problems at once, each with its line
 */
export async function parseDeployedAgentConfig(text: string, file: string): Promise<Located<DeployedAgentConfig>> {
  const { value, sourceOf } = await parseYamlWith(deployedAgentFileSchema, text, file, FORM)
  return { value: value.agent, file, sourceOf }
}
