import { Agent, request } from 'node:http'
import type { KubernetesObject } from '@agent-ci/delivery/kubernetes/object'
import type { GatewayRoute } from '@agent-ci/delivery/traffic/gateway-route'
import type { Service } from '@agent-ci/delivery/traffic/service'
import type { ControlPlane } from './control-plane.ts'
import { LiveObjects } from './live-objects.ts'
import { loopbackAddress } from './pod-address.ts'
import type { PodServers } from './pod-servers.ts'

/** Where the traffic comes in: by the weights of an HTTPRoute, or straight to a Service. */
export type Entry = { readonly httpRoute: string } | { readonly service: string }

export interface Load {
  readonly perSecond: number
  readonly path?: string
  /** Between 0 and 1, the latter excluded. */
  readonly random?: () => number
}

/** What became of one request. */
export interface Answer {
  readonly at: number
  /** The Service that the route chose; undefined where it had none to choose. */
  readonly service: string | undefined
  /** The IP of the pod that answered; undefined where no pod was asked. */
  readonly podIp: string | undefined
  /** The pod's answer; 500 without a backend that is there, 503 without a ready endpoint, as Gateways do. 0: the connection failed. */
  readonly status: number
  readonly durationMs: number
}

interface EndpointSlice extends KubernetesObject {
  readonly ports?: { readonly name?: string; readonly port: number }[]
  readonly endpoints?: { readonly addresses: string[]; readonly conditions?: { readonly ready?: boolean } }[]
}

interface Objects {
  readonly routes: LiveObjects<GatewayRoute & KubernetesObject> | undefined
  readonly services: LiveObjects<Service & KubernetesObject>
  readonly slices: LiveObjects<EndpointSlice>
}

/** Sends requests at a steady rate to real servers, over the objects that the API server has at that very moment. */
export class TrafficSource {
  readonly #answers: Answer[] = []
  readonly #entry: Entry
  readonly #pods: PodServers
  readonly #random: () => number
  readonly #path: string
  readonly #objects: Objects
  readonly #agent = new Agent({ keepAlive: true })
  readonly #open = new Set<Promise<void>>()
  readonly #timer: NodeJS.Timeout

  private constructor(entry: Entry, pods: PodServers, objects: Objects, load: Load) {
    this.#entry = entry
    this.#pods = pods
    this.#objects = objects
    this.#random = load.random ?? Math.random
    this.#path = load.path ?? '/'
    const start = performance.now()
    let sent = 0
    // Sends what is due, however late the timer is.
    this.#timer = setInterval(() => {
      const due = ((performance.now() - start) * load.perSecond) / 1_000
      for (; sent < due; sent++) this.#send()
    }, 5)
  }

  /** Starts at once; `pods` are the servers that requests go to. */
  static async start(
    plane: ControlPlane,
    namespace: string,
    entry: Entry,
    pods: PodServers,
    load: Load,
  ): Promise<TrafficSource> {
    const live = <T extends KubernetesObject>(root: string, resource: string) =>
      LiveObjects.of<T>(plane.api, `/${root}/namespaces/${namespace}/${resource}`)
    const routes =
      'httpRoute' in entry
        ? await live<GatewayRoute & KubernetesObject>('apis/gateway.networking.k8s.io/v1', 'httproutes')
        : undefined
    const services = await live<Service & KubernetesObject>('api/v1', 'services')
    const slices = await live<EndpointSlice>('apis/discovery.k8s.io/v1', 'endpointslices')
    return new TrafficSource(entry, pods, { routes, services, slices }, load)
  }

  /** Every answer so far, in the order in which they came. */
  get answers(): readonly Answer[] {
    return this.#answers
  }

  /** Sends nothing more and waits for what is under way. */
  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await Promise.all(this.#open)
    this.#agent.destroy()
    const { routes, services, slices } = this.#objects
    for (const live of [routes, services, slices]) await live?.stop()
  }

  #send(): void {
    const at = performance.now()
    const sending = this.#request().then((answer) => {
      this.#answers.push({ ...answer, at, durationMs: performance.now() - at })
      this.#open.delete(sending)
    })
    this.#open.add(sending)
  }

  async #request(): Promise<Pick<Answer, 'service' | 'podIp' | 'status'>> {
    const chosen = this.#chooseService()
    const service = chosen && this.#objects.services.byName.get(chosen.name)
    if (!chosen || !service) return { service: chosen?.name, podIp: undefined, status: 500 }
    const endpoints = this.#endpointsOf(service, chosen.port)
    const endpoint = endpoints[Math.floor(this.#random() * endpoints.length)]
    if (!endpoint) return { service: chosen.name, podIp: undefined, status: 503 }
    await this.#pods.hasListened(endpoint.address)
    const status = await this.#ask(loopbackAddress(endpoint.address), endpoint.port)
    return { service: chosen.name, podIp: endpoint.address, status }
  }

  /** As a Gateway does: the first rule that matches, then one of its backends by weight. */
  #chooseService(): { readonly name: string; readonly port: number | undefined } | undefined {
    if ('service' in this.#entry) return { name: this.#entry.service, port: undefined }
    const route = this.#objects.routes?.byName.get(this.#entry.httpRoute)
    const rule = route?.spec.rules?.find(({ matches }) => matchesPath(matches, this.#path))
    const refs = rule?.backendRefs ?? []
    let rest = this.#random() * refs.reduce((sum, { weight = 1 }) => sum + weight, 0)
    for (const { name, port, weight = 1 } of refs) {
      if (rest < weight) return { name, port }
      rest -= weight
    }
    return undefined
  }

  #endpointsOf(
    service: Service,
    port: number | undefined,
  ): readonly { readonly address: string; readonly port: number }[] {
    const ports = service.spec.ports ?? []
    const wanted = port === undefined ? ports[0] : ports.find((each) => each.port === port)
    if (!wanted) return []
    return [...this.#objects.slices.byName.values()]
      .filter(({ metadata }) => metadata.labels?.['kubernetes.io/service-name'] === service.metadata.name)
      .flatMap((slice) => {
        const target = slice.ports?.find(({ name = '' }) => name === (wanted.name ?? ''))
        const ready = (slice.endpoints ?? []).filter(({ conditions }) => conditions?.ready !== false)
        return target
          ? ready.flatMap(({ addresses }) => addresses.map((address) => ({ address, port: target.port })))
          : []
      })
  }

  #ask(host: string, port: number): Promise<number> {
    return new Promise((resolve) => {
      const asked = request({ host, port, path: this.#path, agent: this.#agent }, (response) => {
        response.resume().once('close', () => resolve(response.complete ? response.statusCode! : 0))
      })
      asked
        // A connection that the server closed while it was idle says nothing about the server: asked once more, as Gateways do.
        .once('error', () => resolve(asked.reusedSocket ? this.#ask(host, port) : 0))
        .end()
    })
  }
}

/** A rule without matches takes every path; of matches only paths are looked at, and those by headers take none. */
function matchesPath(matches: unknown, path: string): boolean {
  if (!Array.isArray(matches) || matches.length === 0) return true
  return (matches as { path?: { type?: string; value?: string }; headers?: unknown }[]).some(
    ({ path: wanted, headers }) => {
      if (headers !== undefined) return false
      const value = wanted?.value ?? '/'
      return wanted?.type === 'Exact' ? path === value : path.startsWith(value)
    },
  )
}
