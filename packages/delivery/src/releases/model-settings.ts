import type { DeployedAgentConfig } from '@agent-ci/core/config/deployed-agent'
import type { Located } from '@agent-ci/core/config/located-yaml'
import type { Source } from '@agent-ci/core/errors'
import type { Annotation } from '@agent-ci/core/host'
import type { ModelSettings } from '@agent-ci/core/release'
import * as z from 'zod'
import type { ConfigContent } from './config-maps.ts'
import { warning } from './finding.ts'
import { objectAt, objectsAt, withValue } from './json-path.ts'
import type { Manifest } from './manifests.ts'
import { literalEnv, mainContainer } from './pod-template.ts'

/** A ConfigMap and the manifest that it was read from. */
export interface ConfigSource {
  readonly content: ConfigContent
  readonly manifest: Manifest
}

/** A place that says which model or which prompts the agent uses. */
interface Statement<T> {
  readonly where: string
  readonly source: Source
  readonly value: T
}

const MODEL_ENV = 'MODEL_VERSION'
const PROMPT_ENV = 'PROMPT_VERSION'
const MODEL_KEY = 'model-config'
const PROMPT_KEY = 'prompt-version'

/** The guide's `model-config`. */
const modelConfigSchema = z.object({
  primary_model: z.string().min(1),
  fallback_model: z.string().nullish(),
  temperature: z.number().nullish(),
  max_tokens: z.int().nullish(),
})

function parseModelConfig(text: string): ModelSettings | undefined {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return undefined
  }
  const { data } = modelConfigSchema.safeParse(json)
  if (!data) return undefined
  return {
    primary: data.primary_model,
    fallback: data.fallback_model ?? null,
    temperature: data.temperature ?? null,
    max_tokens: data.max_tokens ?? null,
  }
}

/** The value of the app's environment variable, written out or taken from a ConfigMap of the release. */
function envStatement(name: string, app: Manifest, configs: readonly ConfigSource[]): Statement<string>[] {
  const container = mainContainer(app.object)
  if (!container) return []
  const index = objectsAt(container.value, ['env']).findIndex((entry) => entry.name === name)
  if (index < 0) return []
  const reference = objectAt(container.value, ['env', index, 'valueFrom', 'configMapKeyRef'])
  const map = configs.find(({ content }) => content.logicalName === reference.name)
  // Those two keys speak for themselves.
  const key = reference.key === MODEL_KEY || reference.key === PROMPT_KEY ? undefined : String(reference.key)
  const value = literalEnv(container.value, name) ?? (key && map?.content.data[key]?.trim())
  return value ? [{ where: name, source: app.sourceOf([...container.path, 'env', index]), value }] : []
}

/** The first statement counts; each other that says something else is a finding. */
function settle<T>(what: string, statements: readonly Statement<T>[], shown: (value: T) => string) {
  const [first, ...others] = statements
  const findings = others
    .filter(({ value }) => shown(value) !== shown(first!.value))
    .map(({ where, source, value }) =>
      warning(
        `${where} names the ${what} ${shown(value)}, and ${first!.where} names ${shown(first!.value)}, which counts as the release's. Make them agree`,
        source,
      ),
    )
  return { value: first?.value ?? null, findings }
}

/**
 * Which model and which version of the prompts a release uses: as `agent-config` says; without it, the guide's keys `model-config` and
 * `prompt-version` of a ConfigMap; without them, the app's `MODEL_VERSION` and `PROMPT_VERSION`.
 *
 * @param configs sorted by name
 * @param app with the versions of `agentConfig` put in
 */
export function modelAndPrompts(
  agentConfig: Located<DeployedAgentConfig> | undefined,
  configs: readonly ConfigSource[],
  app: Manifest,
): { model: ModelSettings | null; promptVersion: string | null; findings: Annotation[] } {
  const findings: Annotation[] = []
  const models: Statement<ModelSettings>[] = []
  const versions: Statement<string>[] = []
  if (agentConfig) {
    const { value, file, sourceOf } = agentConfig
    models.push({ where: file, source: sourceOf(['agent', 'model', 'primary']), value: value.model })
    versions.push({ where: file, source: sourceOf(['agent', 'prompts', 'version']), value: value.prompts.version })
  }
  for (const { content, manifest } of configs) {
    const model = content.data[MODEL_KEY]
    if (model !== undefined) {
      const where = `${MODEL_KEY} of ConfigMap ${content.logicalName}`
      const source = manifest.sourceOf(['data', MODEL_KEY])
      const value = parseModelConfig(model)
      if (value) models.push({ where, source, value })
      else findings.push(warning(`${where} is not JSON with a primary_model, so it does not tell the model`, source))
    }
    const version = content.data[PROMPT_KEY]?.trim()
    if (version) {
      const where = `${PROMPT_KEY} of ConfigMap ${content.logicalName}`
      versions.push({ where, source: manifest.sourceOf(['data', PROMPT_KEY]), value: version })
    }
  }
  const bare = { fallback: null, temperature: null, max_tokens: null }
  for (const { value, ...rest } of envStatement(MODEL_ENV, app, configs)) {
    models.push({ ...rest, value: { primary: value, ...bare } })
  }
  versions.push(...envStatement(PROMPT_ENV, app, configs))
  const model = settle('model', models, ({ primary }) => primary)
  const version = settle('prompt version', versions, String)
  return {
    model: model.value,
    promptVersion: version.value,
    findings: [...findings, ...model.findings, ...version.findings],
  }
}

/** A Deployment with `MODEL_VERSION` and `PROMPT_VERSION` as the agent's configuration has them, where its template writes them out. */
export function withVersions(deployment: Manifest, { model, prompts }: DeployedAgentConfig): Manifest {
  const container = mainContainer(deployment.object)
  if (!container) return deployment
  const values = new Map([
    [MODEL_ENV, model.primary],
    [PROMPT_ENV, prompts.version],
  ])
  const env = objectsAt(container.value, ['env']).map((entry) => {
    const name = String(entry.name)
    const value = values.get(name)
    return value !== undefined && literalEnv({ env: [entry] }, name) !== undefined ? { ...entry, value } : entry
  })
  return env.length === 0
    ? deployment
    : { ...deployment, object: withValue(deployment.object, [...container.path, 'env'], env) }
}
