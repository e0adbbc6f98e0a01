import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { main } from '@agent-ci/action-canary-deploy/main'
import type { Outcome } from '@agent-ci/core/host'
import type { GatewayRoute } from '@agent-ci/delivery/traffic/gateway-route'
import type { ControlPlane } from '../control-plane.ts'
import { PodServers } from '../pod-servers.ts'
import { GatewayController } from '../traffic/gateway-controller.ts'
import { backend, httpRoute } from '../traffic/route.ts'
import { TrafficSource } from '../traffic-source.ts'
import { until } from '../until.ts'
import { type AppShape, appVersion, deployInputs, writeApp } from './agent-app.ts'
import { agentProgram, type Behaviour } from './agent-program.ts'
import { type Said, testHost } from './in-process.ts'
import { PodPrometheus } from './pod-prometheus.ts'

export const GOOD: Behaviour = { errorRate: 0.02, seconds: 0.3 }

export interface SiteChoice {
  /** What traffic comes in by: the weights of an HTTPRoute, or the Service. */
  readonly entry: 'route' | 'service'
  readonly perSecond: number
  readonly replicas: number
  /** One of its own where not given. */
  readonly namespace?: string
  /** `false`: no Prometheus, no load and no `metrics`, for what is about something else. */
  readonly measured?: false
  /** How the first release behaves. */
  readonly first?: Behaviour
}

/**
 * An app in a namespace of its own with its first release deployed, real servers in the place of its pods, a load that goes where the live
 * objects say, and a real Prometheus that scrapes the pods.
 */
export class CanarySite {
  readonly plane: ControlPlane
  readonly namespace: string
  readonly behaviours: Map<string, Behaviour>
  readonly gateway: GatewayController | undefined
  /** What the last run has said so far. */
  said: Said | undefined
  readonly #prometheus: PodPrometheus | undefined
  readonly #load: TrafficSource | undefined
  readonly #directories: string[] = []
  readonly #choice: SiteChoice
  readonly #closing: (() => Promise<void>)[]

  private constructor(
    plane: ControlPlane,
    namespace: string,
    choice: SiteChoice,
    parts: SiteParts,
    closing: (() => Promise<void>)[],
  ) {
    this.plane = plane
    this.namespace = namespace
    this.#choice = choice
    this.behaviours = parts.behaviours
    this.gateway = parts.gateway
    this.#prometheus = parts.prometheus
    this.#load = parts.load
    this.#closing = closing
  }

  get prometheus(): PodPrometheus {
    if (!this.#prometheus) throw new Error('This site is not measured')
    return this.#prometheus
  }

  get load(): TrafficSource | undefined {
    return this.#load
  }

  get replicas(): number {
    return this.#choice.replicas
  }

  static async open(plane: ControlPlane, choice: SiteChoice): Promise<CanarySite> {
    const namespace = await plane.namespace(choice.namespace)
    const behaviours = new Map([['agent-service:1.0.1', choice.first ?? GOOD]])
    const measured = choice.measured !== false
    const program = agentProgram((image) => behaviours.get(image) ?? GOOD)
    const pods = measured ? await PodServers.start(plane, namespace, program) : undefined
    const prometheus = measured ? await PodPrometheus.start(plane, namespace) : undefined
    const closing = [async () => pods?.stop(), async () => prometheus?.stop()]
    await deployFirst(plane, namespace, choice.replicas)
    let gateway: GatewayController | undefined
    if (choice.entry === 'route') {
      const routes = `/apis/gateway.networking.k8s.io/v1/namespaces/${namespace}/httproutes`
      await plane.api.create(routes, httpRoute([{ backendRefs: [backend('agent-service')] }]))
      gateway = new GatewayController(plane, namespace)
      closing.push(async () => gateway?.stop())
      const answered = async () => (await plane.api.get<GatewayRoute>(`${routes}/agent`)).status?.parents?.length
      await until(async () => (await answered()) === 1, { what: 'the Gateway to take the route' })
    }
    const entry = choice.entry === 'route' ? { httpRoute: 'agent' } : { service: 'agent-service' }
    const load = pods && (await TrafficSource.start(plane, namespace, entry, pods, choice))
    closing.unshift(async () => load?.stop())
    const site = new CanarySite(plane, namespace, choice, { prometheus, load, behaviours, gateway }, closing)
    const counter = `agent_requests_total{namespace="${namespace}"}`
    if (choice.perSecond > 0) await prometheus?.above(`sum(${counter})`, choice.perSecond * 3)
    else await prometheus?.above(`count(${counter})`, 0)
    return site
  }

  /** Runs canary-deploy with the release of this number. */
  async deploy(index: number, inputs: Readonly<Record<string, string>> = {}, more: DeployMore = {}): Promise<Ran> {
    const directory = mkdtempSync(join(tmpdir(), 'agent-ci-canary-'))
    this.#directories.push(directory)
    const { replicas } = this.#choice
    writeApp(directory, appVersion(index), { replicas, ...more.shape })
    more.files?.(directory)
    const host = testHost(
      directory,
      {
        ...deployInputs(appVersion(index)),
        namespace: this.namespace,
        kubeconfig: more.kubeconfig ?? this.plane.kubeconfig,
        ...(this.#prometheus ? { 'prometheus-url': this.#prometheus.url } : { metrics: 'none' }),
        ...(this.#choice.entry === 'route' && { route: 'agent' }),
        steps: '25,50,100',
        'step-duration': '4s',
        'step-timeout': '60s',
        interval: '2s',
        bake: '0s',
        timeout: '30s',
        ...inputs,
      },
      { GITHUB_RUN_ID: String(index), ...more.env },
      more.signal,
    )
    this.said = host.said
    const outcome = await main(host, more.nonce ?? 'test')
    return { outcome, said: host.said, directory }
  }

  async close(): Promise<void> {
    for (const close of this.#closing) await close()
    for (const directory of this.#directories) rmSync(directory, { recursive: true, force: true })
  }
}

interface SiteParts {
  readonly prometheus: PodPrometheus | undefined
  readonly load: TrafficSource | undefined
  readonly behaviours: Map<string, Behaviour>
  readonly gateway: GatewayController | undefined
}

export interface DeployMore {
  readonly shape?: AppShape
  /** Writes further files of the repository. */
  readonly files?: (directory: string) => void
  readonly signal?: AbortSignal
  readonly nonce?: string
  readonly kubeconfig?: string
  readonly env?: Readonly<Record<string, string>>
}

export interface Ran {
  readonly outcome: Outcome
  readonly said: Said
  readonly directory: string
}

async function deployFirst(plane: ControlPlane, namespace: string, replicas: number): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'agent-ci-canary-'))
  writeApp(directory, appVersion(1), { replicas })
  const inputs = { ...deployInputs(appVersion(1)), namespace, kubeconfig: plane.kubeconfig, strategy: 'rolling' }
  const host = testHost(directory, inputs)
  const { exitStatus, headline } = await main(host, 'first')
  rmSync(directory, { recursive: true, force: true })
  if (exitStatus !== 0) throw new Error(`${headline}\n${host.said.log.join('\n')}`)
}
