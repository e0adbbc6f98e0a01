import { digestOfJson, type JsonObject } from '@agent-ci/core/json'
import type { ReleaseContent } from '@agent-ci/core/release'
import { objectsAt, valueAt, withValue } from './json-path.ts'
import type { Manifest } from './manifests.ts'
import { containersOf, literalEnv, mainContainer, templatePath } from './pod-template.ts'

/** An environment without the values that the release holds by themselves. */
function withoutVersions(container: JsonObject, held: ReadonlyMap<string, string | null | undefined>): JsonObject[] {
  return objectsAt(container, ['env']).map((entry) => {
    const name = String(entry.name)
    const literal = literalEnv({ env: [entry] }, name)
    // No template that Kubernetes takes has a boolean there.
    return literal !== undefined && held.get(name) === literal ? { ...entry, value: true } : entry
  })
}

/**
 * The digest of what a pod template says and no other part of the release does: without images, and in a Deployment's main container
 * without the model's and the prompts' version. Expects ConfigMaps under the names that the manifests use.
 */
function templateDigest({ kind, object }: Manifest, content: Pick<ReleaseContent, 'model' | 'prompt_version'>) {
  const held = new Map([
    ['MODEL_VERSION', content.model?.primary],
    ['PROMPT_VERSION', content.prompt_version],
  ])
  const main = kind === 'Deployment' ? mainContainer(object)?.value : undefined
  const bare = containersOf(object).reduce((before, { path, value }) => {
    const blank = withValue(before, [...path, 'image'], '')
    if (value !== main || value.env === undefined) return blank
    return withValue(blank, [...path, 'env'], withoutVersions(value, held))
  }, object)
  return digestOfJson(valueAt(bare, templatePath(bare) ?? []) ?? null)
}

/** Everything that runs pods, sorted by kind and name. */
export const workloadsOf = (
  manifests: readonly Manifest[],
  content: Pick<ReleaseContent, 'model' | 'prompt_version'>,
): ReleaseContent['workloads'] =>
  manifests
    .filter(({ object }) => templatePath(object) !== undefined)
    .map((manifest) => ({
      kind: manifest.kind,
      name: manifest.name,
      template: templateDigest(manifest, content),
    }))
    .toSorted((a, b) => (`${a.kind}/${a.name}` < `${b.kind}/${b.name}` ? -1 : 1))
