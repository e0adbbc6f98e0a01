import type { Source } from '../errors.ts'
import { agentConfigSchema } from './agents.ts'
import { type ConfigFile, configFileSchema } from './file.ts'
import { parseYamlWith, type YamlForm } from './located-yaml.ts'
import { shapeKeys, shapeOf } from './schema-shape.ts'
import { scorerSchemas } from './scorers.ts'

/** A configuration and where each of its keys was written. */
export interface LocatedConfig {
  readonly config: ConfigFile
  readonly file: string
  sourceOf(path: readonly PropertyKey[]): Source
}

/** For a union, the keys of the form that its `type` names. */
function knownKeys(path: readonly PropertyKey[], value: unknown): string[] {
  const type = (value as { type?: unknown } | null)?.type
  if (path[0] === 'agent' && path.length === 1) {
    const option = agentConfigSchema.options.find((candidate) => candidate.shape.type.value === type)
    return Object.keys(option?.shape ?? {})
  }
  if (path[0] === 'scorers' && typeof type === 'string' && type in scorerSchemas) {
    return Object.keys(shapeOf(scorerSchemas[type as keyof typeof scorerSchemas]))
  }
  return shapeKeys(configFileSchema, path)
}

const FORM: YamlForm = {
  knownKeys,
  empty: { why: 'Expected at least a version', mend: 'Write version: 1, or run agent-ci init' },
  mend: 'See schema/agent-ci.schema.json for every key and its values',
  secret: (path) => path[0] === 'notify',
}

/** Reads the text of an agent-ci.yaml; refuses it with all its problems at once, each with its line. */
export async function parseConfig(text: string, file: string): Promise<LocatedConfig> {
  const { value, sourceOf } = await parseYamlWith(configFileSchema, text, file, FORM)
  return { config: value, file, sourceOf }
}
