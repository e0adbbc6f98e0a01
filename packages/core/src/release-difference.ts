import { isJsonObject, type Json, jsonEqual } from './json.ts'
import { RELEASE_PARTS, type Release, type ReleasePart } from './release.ts'

/** A value that two releases have differently; null where one has none. */
export interface ValueChange<T = string> {
  readonly name: string
  readonly from: T | null
  readonly to: T | null
}

/** A key of a ConfigMap whose content is another one. */
export interface KeyChange {
  readonly configMap: string
  readonly key: string
  readonly change: 'added' | 'removed' | 'changed'
}

/** What one release changed in another; everything is sorted by name. */
export interface ReleaseDifference {
  readonly parts: readonly ReleasePart[]
  /** By `<deployment>/<container>`. */
  readonly images: readonly ValueChange[]
  readonly model: readonly ValueChange<string | number>[]
  readonly promptVersion: ValueChange | null
  readonly prompts: readonly ValueChange<Release['prompts'][string]>[]
  /** Settings of the deployed agent, by their path: `rate_limits.requests_per_minute`. */
  readonly settings: readonly ValueChange<Json>[]
  /** Of ConfigMaps that hold neither prompts nor the agent's configuration. */
  readonly configKeys: readonly KeyChange[]
  /** `Deployment/agent-service`: pod templates that differ in something else than images and names of ConfigMaps. */
  readonly workloads: readonly ValueChange[]
}

type Named<T> = Readonly<Record<string, T>>

function valueChanges<T extends Json>(before: Named<T | null>, after: Named<T | null>): ValueChange<T>[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort()
  const at = (values: Named<T | null>, name: string): T | null => (Object.hasOwn(values, name) ? values[name]! : null)
  return names
    .map((name) => ({ name, from: at(before, name), to: at(after, name) }))
    .filter(({ from, to }) => !jsonEqual(from, to))
}

/** The leaves of an object by their paths; a list is a leaf. */
function flat(value: Json, path = ''): Record<string, Json> {
  if (!isJsonObject(value)) return { [path]: value }
  return Object.assign({}, ...Object.entries(value).map(([key, inner]) => flat(inner, path ? `${path}.${key}` : key)))
}

/** Prompts and the agent's configuration have lines of their own. */
const configKeysOf = (release: Release): Record<string, string> =>
  Object.fromEntries(
    release.config_maps
      .filter(({ role }) => role === 'config')
      .flatMap((map) => Object.entries(map.keys).map(([key, hash]) => [`${map.logical_name}/${key}`, hash])),
  )

function keyChange({ name, from, to }: ValueChange): KeyChange {
  // A ConfigMap's name holds no slash.
  const slash = name.indexOf('/')
  const change = from === null ? 'added' : to === null ? 'removed' : 'changed'
  return { configMap: name.slice(0, slash), key: name.slice(slash + 1), change }
}

/** What changed from one release to another. */
export function releaseDifference(before: Release, after: Release): ReleaseDifference {
  const templates = ({ workloads }: Release) =>
    Object.fromEntries(workloads.map(({ kind, name, template }) => [`${kind}/${name}`, template]))
  const [promptVersion] = valueChanges<string>(
    { prompt_version: before.prompt_version },
    { prompt_version: after.prompt_version },
  )
  return {
    parts: RELEASE_PARTS.filter((part) => before.parts[part] !== after.parts[part]),
    images: valueChanges(before.images, after.images),
    model: valueChanges<string | number>(before.model ?? {}, after.model ?? {}),
    promptVersion: promptVersion ?? null,
    prompts: valueChanges(before.prompts, after.prompts),
    settings: valueChanges<Json>(flat(before.agent_config?.settings ?? {}), flat(after.agent_config?.settings ?? {})),
    configKeys: valueChanges(configKeysOf(before), configKeysOf(after)).map(keyChange),
    workloads: valueChanges(templates(before), templates(after)),
  }
}
