import { isJsonObject, type JsonObject } from '@agent-ci/core/json'
import { type JsonPath, objectAt, objectsAt, valueAt } from './json-path.ts'

/** Where kinds that run pods keep the pod's template; a Pod is its own. */
const TEMPLATES: readonly JsonPath[] = [['spec', 'template'], ['spec', 'jobTemplate', 'spec', 'template'], ['template']]

/**
 * Where an object has its pod template, found by its shape, so that an Argo Rollout or a Knative Service is known too; undefined for an
 * object that runs no pods.
 */
export function templatePath(object: JsonObject): JsonPath | undefined {
  if (object.kind === 'Pod') return []
  return TEMPLATES.find((path) => Array.isArray(valueAt(object, [...path, 'spec', 'containers'])))
}

export interface Container {
  readonly name: string
  /** In the object. */
  readonly path: JsonPath
  readonly value: JsonObject
}

/** All containers of an object's pods, those that run first at the start. */
export function containersOf(object: JsonObject): Container[] {
  const template = templatePath(object)
  if (!template) return []
  return ['initContainers', 'containers'].flatMap((list) => {
    const path = [...template, 'spec', list]
    const values = valueAt(object, path)
    if (!Array.isArray(values)) return []
    return values.flatMap((value, i) =>
      isJsonObject(value) ? [{ name: String(value.name), path: [...path, i], value }] : [],
    )
  })
}

/** The container that kubectl would choose: the one that the annotation names, else the first. */
export function mainContainer(object: JsonObject): Container | undefined {
  const template = templatePath(object) ?? []
  const named = objectAt(object, [...template, 'metadata', 'annotations'])['kubectl.kubernetes.io/default-container']
  const containers = containersOf(object).filter(({ path }) => path.at(-2) === 'containers')
  return containers.find(({ name }) => name === named) ?? containers[0]
}

/** The literal value of a container's environment variable; undefined where it has none or takes it from elsewhere. */
export function literalEnv(container: JsonObject, name: string): string | undefined {
  const value = objectsAt(container, ['env']).find((entry) => entry.name === name)?.value
  return typeof value === 'string' && value !== '' ? value : undefined
}
