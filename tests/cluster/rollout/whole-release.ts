import type { KubernetesObject } from '@agent-ci/delivery/kubernetes/object'
import type { ConfigMap, Deployment } from '@agent-ci/delivery/kubernetes/workload'
import type { ControlPlane } from '../control-plane.ts'
import type { AppVersion } from './agent-app.ts'

/** What the pods of a Deployment are given, read from the cluster as a kubelet would. */
function environmentOf(deployment: Deployment, maps: ReadonlyMap<string, ConfigMap>): Record<string, string> {
  const [container] = deployment.spec.template.spec.containers
  const env = (container?.env ?? []) as unknown as readonly {
    name: string
    value?: string
    valueFrom?: { configMapKeyRef?: { name: string; key: string } }
  }[]
  const volumes = (deployment.spec.template.spec.volumes ?? []) as unknown as readonly {
    configMap?: { name: string }
  }[]
  const mounted = volumes.flatMap(({ configMap }) => Object.values(maps.get(configMap?.name ?? '')?.data ?? {}))
  return {
    image: container?.image ?? '',
    ...Object.fromEntries(
      env.map(({ name, value, valueFrom }) => {
        const { name: map = '', key = '' } = valueFrom?.configMapKeyRef ?? {}
        return [name, value ?? maps.get(map)?.data?.[key] ?? 'missing']
      }),
    ),
    prompt: mounted.join(),
  }
}

const expected = ({ version, prompt, model, setting }: AppVersion, release: string): Record<string, string> => ({
  image: `agent-service:${version}`,
  AGENT_CI_RELEASE: release,
  MODEL_VERSION: model,
  SETTING: setting,
  prompt: `You are ${model}, prompt ${prompt}.\n`,
})

/**
 * Why the namespace is not wholly on one of some releases, with its lock free, its journal ended and all pods available; or the index of the
 * release that it is on.
 */
export async function wholeRelease(
  { api }: ControlPlane,
  namespace: string,
  versions: readonly AppVersion[],
): Promise<number | string> {
  const deployments = (await api.list(`/apis/apps/v1/namespaces/${namespace}/deployments`)) as unknown as Deployment[]
  const objects = (await api.list(`/api/v1/namespaces/${namespace}/configmaps`)) as unknown as ConfigMap[]
  const maps = new Map(objects.map((map) => [map.metadata.name, map]))
  if (deployments.length !== 2) return `there are ${deployments.length} Deployments`
  const found = deployments.map((deployment) => environmentOf(deployment, maps))
  const index = versions.findIndex(({ version }) => found[0]?.image === `agent-service:${version}`)
  const version = versions[index]
  if (!version) return `the image is ${found[0]?.image}`
  for (const each of found) {
    const wanted = expected(version, found[0]?.AGENT_CI_RELEASE ?? '')
    if (JSON.stringify(sorted(each)) !== JSON.stringify(sorted(wanted)))
      return `mixed: ${JSON.stringify(each)} is not ${JSON.stringify(wanted)}`
  }
  for (const { metadata, spec, status } of deployments)
    if ((status?.availableReplicas ?? 0) !== spec.replicas || (status?.updatedReplicas ?? 0) !== spec.replicas)
      return `${metadata.name} has ${status?.availableReplicas} of ${spec.replicas} pods available`
  const service = (await api.get(`/api/v1/namespaces/${namespace}/services/agent-service`)) as KubernetesObject
  if (service.metadata.annotations?.setting !== version.setting) return `the Service is of another release`
  const journal = maps.get('agent-ci-agent-service-journal')?.data
  const rollout = JSON.parse(journal?.rollout ?? '{}') as { end?: string }
  if (!rollout.end) return 'the journal has an unfinished rollout'
  const current = JSON.parse(maps.get(`agent-ci-release-agent-service-${journal?.current}`)?.data?.record ?? '{}') as {
    release?: { id: string }
    verified?: boolean
  }
  if (current.release?.id !== found[0]?.AGENT_CI_RELEASE) return `the journal says ${current.release?.id}`
  if (!current.verified) return 'the current record is not verified'
  const lease = (await api.get(
    `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases/agent-ci-agent-service`,
  )) as KubernetesObject & { spec: { holderIdentity?: string } }
  if (lease.spec.holderIdentity) return `the lock is held by ${lease.spec.holderIdentity}`
  return index
}

const sorted = (record: Record<string, string>) => Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1))
