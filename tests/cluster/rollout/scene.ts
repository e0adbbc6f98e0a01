import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { KubernetesObject } from '@agent-ci/delivery/kubernetes/object'
import type { ConfigMap, Deployment } from '@agent-ci/delivery/kubernetes/workload'
import type { ReleaseRecord } from '@agent-ci/delivery/releases/history/record'
import { type ApiProxy, startApiProxy } from '../api-proxy.ts'
import type { ControlPlane } from '../control-plane.ts'
import { type ActionEnd, type ActionRun, runAction, startAction } from './action-process.ts'

/** What a test may say of a run beside the action. */
export type Run = Partial<Pick<ActionRun, 'kubeconfig' | 'attempt' | 'env'>>

/** An end with what the runner would read of the step. */
export interface SceneEnd extends ActionEnd {
  readonly outputs: Readonly<Record<string, string>>
  readonly summary: string
}

/** One app in a namespace of its own and the repository that it is deployed from. */
export class Scene {
  readonly namespace: string
  readonly directory = mkdtempSync(join(tmpdir(), 'agent-ci-scene-'))
  private readonly cluster: ControlPlane
  private runs = 0

  private constructor(cluster: ControlPlane, namespace: string) {
    this.cluster = cluster
    this.namespace = namespace
  }

  static async open(cluster: ControlPlane): Promise<Scene> {
    return new Scene(cluster, await cluster.namespace())
  }

  async [Symbol.asyncDispose](): Promise<void> {
    rmSync(this.directory, { recursive: true, force: true })
  }

  write(path: string, content: unknown): void {
    const file = join(this.directory, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content))
  }

  /** Makes some objects the manifests of production. */
  manifests(...items: readonly object[]): void {
    this.write('k8s/production/app.json', { apiVersion: 'v1', kind: 'List', items })
  }

  deploy(inputs: Readonly<Record<string, string>> = {}, run: Run = {}): Promise<SceneEnd> {
    return this.run('canary-deploy', { strategy: 'rolling', ...inputs }, run)
  }

  rollback(inputs: Readonly<Record<string, string>> = {}, run: Run = {}): Promise<SceneEnd> {
    return this.run('rollback', inputs, run)
  }

  start(action: ActionRun['action'], inputs: Readonly<Record<string, string>> = {}, run: Run = {}) {
    return startAction(this.described(action, inputs, run))
  }

  private async run(
    action: ActionRun['action'],
    inputs: Readonly<Record<string, string>>,
    run: Run,
  ): Promise<SceneEnd> {
    const [output, summary] = ['output', 'summary'].map((name) => join(this.directory, `.run-${++this.runs}-${name}`))
    for (const file of [output!, summary!]) writeFileSync(file, '')
    const env = { GITHUB_OUTPUT: output!, GITHUB_STEP_SUMMARY: summary!, ...run.env }
    const end = await runAction(this.described(action, inputs, { ...run, env }))
    return { ...end, outputs: parseOutputs(readFileSync(output!, 'utf8')), summary: readFileSync(summary!, 'utf8') }
  }

  private described(action: ActionRun['action'], inputs: Readonly<Record<string, string>>, run: Run): ActionRun {
    const { namespace, directory } = this
    return { action, directory, namespace, kubeconfig: this.cluster.kubeconfig, inputs, ...run }
  }

  /** Runs `work` behind a proxy that records what is asked of the API server. */
  async recorded<T>(
    work: (proxy: ApiProxy) => Promise<T>,
    kubeconfig = this.cluster.kubeconfig,
  ): Promise<[T, ApiProxy]> {
    const proxy = await startApiProxy(kubeconfig, this.cluster.serving)
    try {
      return [await work(proxy), proxy]
    } finally {
      await proxy.stop()
    }
  }

  path(
    kind: 'deployments' | 'replicasets' | 'configmaps' | 'services' | 'events' | 'horizontalpodautoscalers',
  ): string {
    const groups = { deployments: 'apps/v1', replicasets: 'apps/v1', horizontalpodautoscalers: 'autoscaling/v2' }
    const group = kind in groups ? `/apis/${groups[kind as keyof typeof groups]}` : '/api/v1'
    return `${group}/namespaces/${this.namespace}/${kind}`
  }

  get<T extends KubernetesObject>(kind: Parameters<Scene['path']>[0], name: string): Promise<T> {
    return this.cluster.api.get<T>(`${this.path(kind)}/${name}`)
  }

  async deployment(name = 'agent-service'): Promise<Deployment> {
    return (await this.cluster.api.get(`${this.path('deployments')}/${name}`)) as unknown as Deployment
  }

  async configMaps(): Promise<ReadonlyMap<string, ConfigMap>> {
    const maps = (await this.cluster.api.list(this.path('configmaps'))) as unknown as readonly ConfigMap[]
    return new Map(maps.map((map) => [map.metadata.name, map]))
  }

  /** The records of the history, oldest first. */
  async records(): Promise<ReleaseRecord[]> {
    const maps = [...(await this.configMaps()).values()].filter(
      ({ metadata }) => metadata.labels?.['agent-ci.dev/record'],
    )
    return maps.map(({ data }) => JSON.parse(data!.record!) as ReleaseRecord).sort((a, b) => a.sequence - b.sequence)
  }
}

/** Outputs as the runner reads them: `name<<delimiter`, value lines, delimiter. */
function parseOutputs(text: string): Record<string, string> {
  const outputs: Record<string, string> = {}
  for (const [, name, , value] of text.matchAll(/^([^<\n]+)<<(.+)\n([\s\S]*?)\n?\2$/gm)) outputs[name!] = value!
  return outputs
}

/** A Deployment of the app: one container, with an environment from ConfigMaps where the test wants it. */
export const appDeployment = ({
  name = 'agent-service',
  image = 'agent:1',
  replicas = 1,
  spec = {},
  pod = {},
  container = {},
}: {
  readonly name?: string
  readonly image?: string
  readonly replicas?: number
  readonly spec?: object
  readonly pod?: object
  readonly container?: object
} = {}) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name },
  spec: {
    replicas,
    selector: { matchLabels: { workload: name } },
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
    ...spec,
    template: {
      metadata: { labels: { workload: name } },
      spec: { ...pod, containers: [{ name: 'agent', image, ...container }] },
    },
  },
})

export const configMap = (name: string, content: object) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  ...content,
})

/** A container whose environment is all that a ConfigMap holds. */
export const envFrom = (name: string) => ({ envFrom: [{ configMapRef: { name } }] })
