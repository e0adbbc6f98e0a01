import { ConfigurationError } from '@agent-ci/core/errors'
import { gather } from './gather.ts'
import { objectAt, valueAt } from './json-path.ts'
import type { Manifest } from './manifests.ts'

const CONTAINERS = ['spec', 'template', 'spec', 'containers']

function refuseWithoutPods({ name, object, sourceOf }: Manifest): void {
  const containers = valueAt(object, CONTAINERS)
  if (Array.isArray(containers) && containers.length > 0) return
  throw new ConfigurationError({
    what: `Deployment ${name} has no containers`,
    why: 'It would run nothing',
    mend: `Write ${CONTAINERS.join('.')}`,
    source: sourceOf(CONTAINERS),
  })
}

/**
 * The Deployment that the app runs in: that of its name, else the one that is labelled so, else the only one.
 *
 * @throws {ConfigurationError} where it cannot be told, and for a Deployment without containers
 */
export function appDeployment(app: string, manifests: readonly Manifest[]): Manifest {
  const deployments = manifests.filter(({ kind }) => kind === 'Deployment')
  gather(deployments, refuseWithoutPods)
  const labelled = deployments.filter(({ object }) => {
    const labels = objectAt(object, ['metadata', 'labels'])
    return labels['app.kubernetes.io/name'] === app || labels.app === app
  })
  const found =
    deployments.find(({ name }) => name === app) ??
    (labelled.length === 1 ? labelled[0] : undefined) ??
    (deployments.length === 1 ? deployments[0] : undefined)
  if (found) return found
  throw new ConfigurationError({
    what: `app is "${app}", and no Deployment is called so`,
    why: 'There are several, and which of them the agent runs in cannot be told',
    mend: `Give app one of their names: ${deployments.map(({ name }) => name).join(', ')}`,
    source: deployments[0]!.sourceOf(['metadata', 'name']),
  })
}
