import { setTimeout } from 'node:timers/promises'
import { Cluster } from '@agent-ci/delivery/kubernetes/cluster'
import { connect } from '@agent-ci/delivery/kubernetes/connection'
import type { KubernetesObject, NamedObject } from '@agent-ci/delivery/kubernetes/object'
import type { Deployment } from '@agent-ci/delivery/kubernetes/workload'
import { canaryDeployment } from '@agent-ci/delivery/traffic/canary-workload'
import type { TrafficRouter } from '@agent-ci/delivery/traffic/router'
import { type ApiProxy, startApiProxy } from '../api-proxy.ts'
import type { ControlPlane } from '../control-plane.ts'
import { type DeploymentChoice, deployment } from '../deployment.ts'
import { isReady, type Pod } from '../pod.ts'
import { until } from '../until.ts'

export const signal = AbortSignal.timeout(3_600_000)
export const times = {
  now: () => performance.now(),
  /** Tests do not wait for what a router waits between two tries. */
  sleep: (ms: number, signal: AbortSignal) => setTimeout(Math.min(ms, 25), undefined, { signal }),
}

type AppChoice = DeploymentChoice & { readonly labels?: Readonly<Record<string, string>> }

/** An app in a namespace of its own, and the client under test behind a proxy that can make its calls fail. */
export class Site {
  readonly plane: ControlPlane
  readonly namespace: string
  readonly proxy: ApiProxy
  readonly cluster: Cluster

  constructor(plane: ControlPlane, namespace: string, proxy: ApiProxy) {
    this.plane = plane
    this.namespace = namespace
    this.proxy = proxy
    const connection = connect({ kubeconfig: proxy.kubeconfig, cwd: '/', env: {}, now: times.now })
    this.cluster = new Cluster(connection, namespace, { timeoutMs: 10_000, sleep: times.sleep, signal })
  }

  async close(): Promise<void> {
    this.cluster.close()
    await this.proxy.stop()
  }

  path(resource: string, name?: string): string {
    const [root, plural] = PATHS[resource] ?? ['', '']
    const list = `/${root}/namespaces/${this.namespace}/${plural}`
    return name === undefined ? list : `${list}/${name}`
  }

  create(resource: string, object: object): Promise<KubernetesObject> {
    return this.plane.api.create(this.path(resource), object)
  }

  get<T = KubernetesObject>(resource: string, name: string): Promise<T> {
    return this.plane.api.get<T>(this.path(resource, name))
  }

  async names(resource: string): Promise<string[]> {
    return (await this.plane.api.list(this.path(resource))).map(({ metadata }) => metadata.name)
  }

  /** Ready pods with these labels. */
  async pods(labels: Readonly<Record<string, string>>): Promise<readonly Pod[]> {
    const pods = (await this.plane.api.list(this.path('pods'))) as unknown as readonly Pod[]
    const matches = ({ metadata }: Pod) =>
      Object.entries(labels).every(([key, value]) => metadata.labels?.[key] === value)
    return pods.filter((pod) => isReady(pod) && matches(pod))
  }

  /** The Deployment `agent` and the Service before it, with all pods ready; `labels` are more labels of its pods. */
  async app(replicas = 3, { labels = {}, ...choice }: AppChoice = {}): Promise<void> {
    const { spec, ...made } = deployment({ replicas, ...choice })
    const { template } = spec
    const metadata = { ...template.metadata, labels: { ...template.metadata.labels, ...labels } }
    await this.create('deployments', { ...made, spec: { ...spec, template: { ...template, metadata } } })
    await this.create('services', {
      metadata: { name: 'agent' },
      spec: { selector: { app: 'agent' }, ports: [{ name: 'http', port: 80, targetPort: 8080 }] },
    })
    await this.available('agent', replicas)
  }

  /** The canary's Deployment as a rollout would make it. */
  async canary(router: TrafficRouter, replicas: number, image = 'agent:2'): Promise<Deployment> {
    const stable = await this.get<Deployment>('deployments', 'agent')
    const { template } = stable.spec
    const next = {
      ...stable,
      spec: {
        ...stable.spec,
        template: {
          ...template,
          spec: { ...template.spec, containers: template.spec.containers.map((each) => ({ ...each, image })) },
        },
      },
    }
    const labels = await router.canaryLabels(template.metadata?.labels ?? {})
    const canary = canaryDeployment(next, labels, { app: 'agent', replicas })
    await this.create('deployments', canary)
    await this.available(canary.metadata.name, replicas)
    return canary
  }

  async scale(name: string, replicas: number): Promise<void> {
    await this.plane.api.patch(this.path('deployments', name), 'merge', { spec: { replicas } })
    await this.available(name, replicas)
  }

  async available(name: string, replicas: number): Promise<void> {
    await until(
      async () => {
        const { metadata, status } = await this.get<Deployment>('deployments', name)
        return (
          status?.observedGeneration === metadata.generation &&
          (status?.availableReplicas ?? 0) === replicas &&
          (status?.replicas ?? 0) === replicas
        )
      },
      { what: `${replicas} pods of ${name}` },
    )
  }

  /** Lets `use` die before and after each of its writes in turn: nothing of it comes through any more. `after` is what comes next. */
  async dieAtEveryWrite(use: () => Promise<void>, after: () => Promise<void>): Promise<number> {
    let deaths = 0
    for (const moment of ['before', 'applied'] as const) {
      for (let k = 1; ; k++) {
        this.proxy.reset()
        let dead = false
        this.proxy.at({ where: () => true }, 'before', () => (dead ? 'drop' : undefined))
        this.proxy.at({ write: k }, moment, () => {
          dead = true
          return 'drop'
        })
        const died = await use().then(
          () => false,
          () => true,
        )
        this.proxy.reset()
        if (!died) break
        deaths++
        await after()
      }
    }
    return deaths
  }

  async verified(router: TrafficRouter, weight: number): Promise<void> {
    await until(async () => (await router.verify(weight)).state === 'accepted', { what: `${weight} % in force` })
  }
}

const PATHS: Readonly<Record<string, readonly [string, string]>> = {
  deployments: ['apis/apps/v1', 'deployments'],
  pods: ['api/v1', 'pods'],
  services: ['api/v1', 'services'],
  configmaps: ['api/v1', 'configmaps'],
  httproutes: ['apis/gateway.networking.k8s.io/v1', 'httproutes'],
  grpcroutes: ['apis/gateway.networking.k8s.io/v1', 'grpcroutes'],
  virtualservices: ['apis/networking.istio.io/v1', 'virtualservices'],
  destinationrules: ['apis/networking.istio.io/v1', 'destinationrules'],
  ingresses: ['apis/networking.k8s.io/v1', 'ingresses'],
  networkpolicies: ['apis/networking.k8s.io/v1', 'networkpolicies'],
  horizontalpodautoscalers: ['apis/autoscaling/v2', 'horizontalpodautoscalers'],
  poddisruptionbudgets: ['apis/policy/v1', 'poddisruptionbudgets'],
  rollouts: ['apis/argoproj.io/v1alpha1', 'rollouts'],
}

export async function openSite(plane: ControlPlane): Promise<Site> {
  const namespace = await plane.namespace()
  return new Site(plane, namespace, await startApiProxy(plane.kubeconfig, plane.serving))
}

/** An object as its owner wrote it: without what the API server keeps of who wrote when. */
export function asWritten(object: NamedObject): object {
  const { managedFields, resourceVersion, generation, ...metadata } = object.metadata
  return { ...object, metadata, status: undefined }
}
