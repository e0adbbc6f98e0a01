import type { JsonObject } from '@agent-ci/core/json'
import type { Release } from '@agent-ci/core/release'
import { objectAt, objectsAt, withValue } from './json-path.ts'
import { APP_LABEL, CONFIG_MAPS, labelValue, RELEASE } from './names.ts'
import { mainContainer, templatePath } from './pod-template.ts'

/** Tells the agent which release it runs in. */
const RELEASE_ENV = 'AGENT_CI_RELEASE'

/**
 * A Deployment whose pod template says which release it is of. The names of all ConfigMaps are in it, mounted or not, so that a change of
 * config or prompts alone is a change of the template, and one write of the template brings it or takes it back.
 */
export function stampDeployment(deployment: JsonObject, release: Release): JsonObject {
  const template = templatePath(deployment) ?? ['spec', 'template']
  const annotate = (object: JsonObject, path: readonly (string | number)[], values: JsonObject) =>
    withValue(object, path, { ...objectAt(object, path), ...values })
  const labelled = annotate(deployment, ['metadata', 'labels'], { [APP_LABEL]: labelValue(release.app) })
  const stamped = annotate(labelled, [...template, 'metadata', 'annotations'], {
    [RELEASE]: release.id,
    [CONFIG_MAPS]: release.config_maps.map(({ name }) => name).join(','),
  })
  const container = mainContainer(stamped)
  if (!container) return stamped
  // First, so that the variables after it can name it as $(AGENT_CI_RELEASE).
  const others = objectsAt(container.value, ['env']).filter(({ name }) => name !== RELEASE_ENV)
  return withValue(stamped, [...container.path, 'env'], [{ name: RELEASE_ENV, value: release.id }, ...others])
}
