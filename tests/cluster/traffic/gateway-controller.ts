import type { GatewayRoute } from '@agent-ci/delivery/traffic/gateway-route'
import { ApiError } from '../api-client.ts'
import type { ControlPlane } from '../control-plane.ts'

/** A Gateway's controller as far as routes see it: it answers for every generation whether it takes it and finds its backends. */
export class GatewayController {
  /** `false`: it answers no more. */
  awake = true
  /** Every time it found a backend with a weight above 0 that is not there. */
  readonly missing: string[] = []
  readonly #cluster: ControlPlane
  readonly #namespace: string
  readonly #kind: 'httproutes' | 'grpcroutes'
  readonly #stopped = new AbortController()
  readonly #running: Promise<void>

  constructor(cluster: ControlPlane, namespace: string, kind: 'httproutes' | 'grpcroutes' = 'httproutes') {
    this.#cluster = cluster
    this.#namespace = namespace
    this.#kind = kind
    this.#running = this.#run()
  }

  async stop(): Promise<void> {
    this.#stopped.abort()
    await this.#running
  }

  get #routes(): string {
    return `/apis/gateway.networking.k8s.io/v1/namespaces/${this.#namespace}/${this.#kind}`
  }

  async #run(): Promise<void> {
    const { api } = this.#cluster
    const list = await api.get<{ metadata: { resourceVersion: string }; items: GatewayRoute[] }>(this.#routes)
    const queue: GatewayRoute[] = [...list.items]
    let wake = () => {}
    const watching = api.watch(
      this.#routes,
      list.metadata.resourceVersion,
      ({ type, object }) => {
        if (type !== 'DELETED') queue.push(object as unknown as GatewayRoute)
        wake()
      },
      this.#stopped.signal,
    )
    this.#stopped.signal.addEventListener('abort', () => wake())
    while (!this.#stopped.signal.aborted) {
      const route = queue.shift()
      if (route && this.awake) await this.#answer(route)
      else if (!route) await new Promise<void>((resolve) => (wake = resolve))
    }
    await watching
  }

  async #answer({ metadata, spec, status }: GatewayRoute): Promise<void> {
    const answered = status?.parents?.[0]?.conditions?.[0]?.observedGeneration
    if (answered === metadata.generation) return
    const services = await this.#cluster.api.list(`/api/v1/namespaces/${this.#namespace}/services`)
    const names = new Set(services.map((service) => service.metadata.name))
    const refs = (spec.rules ?? []).flatMap(({ backendRefs }) => backendRefs ?? [])
    const lost = refs.filter(({ name }) => !names.has(name))
    this.missing.push(...lost.filter(({ weight = 1 }) => weight > 0).map(({ name }) => name))
    const condition = (type: string, good: boolean, reason: string, message: string) => ({
      type,
      status: good ? 'True' : 'False',
      reason,
      message,
      observedGeneration: metadata.generation,
      lastTransitionTime: new Date().toISOString(),
    })
    const parents = (spec.parentRefs ?? []).map((parentRef) => ({
      parentRef,
      controllerName: 'test/gateway-controller',
      conditions: [
        condition('Accepted', true, 'Accepted', ''),
        condition(
          'ResolvedRefs',
          lost.length === 0,
          lost.length === 0 ? 'ResolvedRefs' : 'BackendNotFound',
          lost.map(({ name }) => `service ${name} not found`).join(),
        ),
      ],
    }))
    try {
      await this.#cluster.api.patch(`${this.#routes}/${metadata.name}/status`, 'merge', { status: { parents } })
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 404)) throw error
    }
  }
}
