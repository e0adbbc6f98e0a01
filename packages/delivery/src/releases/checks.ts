import { ConfigurationError, type Problem } from '@agent-ci/core/errors'
import type { Annotation } from '@agent-ci/core/host'
import { suggestName } from '@agent-ci/core/nearest'
import type { ConfigContent } from './config-maps.ts'
import { notice, warning } from './finding.ts'
import { objectAt, objectsAt, valueAt } from './json-path.ts'
import type { Manifest } from './manifests.ts'
import { containersOf, literalEnv } from './pod-template.ts'
import { configMapReferences } from './references.ts'

/** In every namespace without anybody's doing. */
const OF_THE_CLUSTER = new Set(['kube-root-ca.crt', 'openshift-service-ca.crt'])

const SECRET_NAME = /(?:^|_)(?:API_?KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIALS?)$/

/** Replica counts that an autoscaler owns. */
function scaledTwice(manifests: readonly Manifest[]): Annotation[] {
  const scaled = new Set(
    manifests
      .filter(({ kind }) => kind === 'HorizontalPodAutoscaler')
      .map(({ object }) => objectAt(object, ['spec', 'scaleTargetRef']))
      .filter(({ kind }) => kind === 'Deployment')
      .map(({ name }) => name),
  )
  return manifests
    .filter(({ kind, name, object }) => {
      return kind === 'Deployment' && scaled.has(name) && valueAt(object, ['spec', 'replicas']) !== undefined
    })
    .map(({ name, object, sourceOf }) => {
      const replicas = valueAt(object, ['spec', 'replicas'])
      const message = `Deployment ${name} has replicas: ${String(replicas)}, and a HorizontalPodAutoscaler sets them too: each deploy would put them back. Remove replicas`
      return warning(message, sourceOf(['spec', 'replicas']))
    })
}

/** Values that the history would hold in plain text. */
const plainSecrets = (manifests: readonly Manifest[]): Annotation[] =>
  manifests.flatMap(({ object, sourceOf }) =>
    containersOf(object).flatMap(({ value, path }) =>
      objectsAt(value, ['env']).flatMap((entry, i) => {
        const name = String(entry.name)
        if (!SECRET_NAME.test(name) || literalEnv({ env: [entry] }, name) === undefined) return []
        const message = `${name} is written out, so the history of releases holds it in plain text. Take it from a Secret: valueFrom: secretKeyRef`
        return [warning(message, sourceOf([...path, 'env', i]))]
      }),
    ),
  )

/** A Job whose template changes with the content of its ConfigMaps. */
const fixedJobs = (manifests: readonly Manifest[], renamed: ReadonlySet<string>): Annotation[] =>
  manifests
    .filter(({ kind, object }) => {
      return kind === 'Job' && configMapReferences(object).some(({ configMap }) => renamed.has(configMap))
    })
    .map(({ name, sourceOf }) => {
      const message = `Job ${name} names a ConfigMap of the release, and the pod template of a Job cannot be changed. Give each version its own: metadata.name: ${name}-\${VERSION}`
      return warning(message, sourceOf(['metadata', 'name']))
    })

/** What in the manifests works against a release without making it impossible. */
export const manifestFindings = (manifests: readonly Manifest[], renamed: ReadonlySet<string>): Annotation[] => [
  ...scaledTwice(manifests),
  ...plainSecrets(manifests),
  ...fixedJobs(manifests, renamed),
]

/**
 * The ConfigMaps that pods name and that are not part of the release.
 *
 * @param contents those that are, by the name that the manifests use
 * @param kept names of those in the manifests that are meant to stay outside
 * @throws {ConfigurationError} for each key that a pod needs and that its ConfigMap in the release does not have
 */
export function referenceFindings(
  manifests: readonly Manifest[],
  contents: ReadonlyMap<string, ConfigContent>,
  kept: ReadonlySet<string>,
): Annotation[] {
  const problems: Problem[] = []
  const findings: Annotation[] = []
  for (const { kind, name, object, sourceOf } of manifests) {
    for (const { configMap, path, optional, keys } of configMapReferences(object)) {
      const content = contents.get(configMap)
      if (!content) {
        if (kept.has(configMap) || OF_THE_CLUSTER.has(configMap)) continue
        const message = `${kind} ${name} names ConfigMap ${configMap}, which is not part of the release: it is neither versioned nor taken back`
        const source = sourceOf([...path, 'name'])
        findings.push(optional ? notice(message, source) : warning(`${message}. Add it to the manifests`, source))
        continue
      }
      const known = [...Object.keys(content.data), ...Object.keys(content.binaryData)]
      for (const key of optional ? [] : keys.filter((wanted) => !known.includes(wanted))) {
        problems.push({
          what: `${kind} ${name} takes ${key} of ConfigMap ${configMap}, which does not have it`,
          why: 'Its pods could not start',
          mend: known.length > 0 ? suggestName(key, known) : `Add ${key} to the ConfigMap`,
          source: sourceOf(path),
        })
      }
    }
  }
  if (problems.length > 0) throw new ConfigurationError(problems)
  return findings
}
