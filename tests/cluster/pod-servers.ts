import { createServer, type RequestListener, type Server } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ControlPlane } from './control-plane.ts'
import { LiveObjects } from './live-objects.ts'
import type { Pod } from './pod.ts'
import { loopbackAddress } from './pod-address.ts'

/** What a pod does with requests. */
export type PodProgram = (pod: Pod) => RequestListener

/** A pod that ends goes on answering for so long, as one with a preStop hook does: EndpointSlices follow a moment later. */
const LINGER_MS = 5_000
/** Another test may linger at the address that a new pod was given. */
const BIND_PATIENCE_MS = 10_000

interface PodServer {
  /** The pod that has the address; addresses are given again. */
  uid: string
  readonly server: Server
  ending: NodeJS.Timeout | undefined
}

/** Real HTTP servers in the place of a namespace's pods: each listens at its pod's loopback address while the pod is there. */
export class PodServers {
  readonly #program: PodProgram
  readonly #port: number
  readonly #servers = new Map<string, PodServer>()
  readonly #listened = new Set<string>()
  readonly #arrivals = new Map<string, PromiseWithResolvers<void>>()
  #pods: LiveObjects<Pod> | undefined
  #stopped = false

  private constructor(program: PodProgram, port: number) {
    this.#program = program
    this.#port = port
  }

  static async start(plane: ControlPlane, namespace: string, program: PodProgram, port = 8080): Promise<PodServers> {
    const servers = new PodServers(program, port)
    const path = `/api/v1/namespaces/${namespace}/pods`
    servers.#pods = await LiveObjects.of<Pod>(plane.api, path, () => servers.#follow())
    servers.#follow()
    return servers
  }

  /** Resolves when the pod with this IP has listened; the kubelet calls no pod ready before. */
  async hasListened(podIp: string): Promise<void> {
    await this.#arrival(loopbackAddress(podIp)).promise
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await this.#pods?.stop()
    for (const { server, ending } of this.#servers.values()) {
      clearTimeout(ending)
      close(server)
    }
  }

  #arrival(address: string): PromiseWithResolvers<void> {
    const arrival = this.#arrivals.get(address) ?? Promise.withResolvers<void>()
    this.#arrivals.set(address, arrival)
    return arrival
  }

  #follow(): void {
    const pods = new Map<string, Pod>()
    for (const pod of this.#pods?.byName.values() ?? [])
      if (pod.status.podIP !== undefined) pods.set(loopbackAddress(pod.status.podIP), pod)
    for (const [address, pod] of pods) this.#serve(address, pod)
    for (const [address, server] of this.#servers) {
      if (pods.has(address) || server.ending) continue
      server.ending = setTimeout(() => {
        this.#servers.delete(address)
        // What is under way is answered.
        server.server.close()
      }, LINGER_MS)
    }
  }

  #serve(address: string, pod: Pod): void {
    const uid = pod.metadata.uid!
    const found = this.#servers.get(address)
    if (found?.uid === uid) return
    if (found) {
      clearTimeout(found.ending)
      found.ending = undefined
      found.uid = uid
      found.server.removeAllListeners('request').on('request', this.#program(pod))
      return
    }
    // The next pod at an address has not listened yet.
    if (this.#listened.delete(address)) this.#arrivals.delete(address)
    const server = createServer({ keepAliveTimeout: 60_000 }, this.#program(pod))
    void this.#listen(server, address)
    this.#servers.set(address, { uid, server, ending: undefined })
  }

  async #listen(server: Server, address: string): Promise<void> {
    const deadline = performance.now() + BIND_PATIENCE_MS
    while (!this.#stopped) {
      const error = await new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
        server.once('error', resolve).listen(this.#port, address, () => resolve(undefined))
      })
      if (!error) {
        this.#listened.add(address)
        return this.#arrival(address).resolve()
      }
      server.removeAllListeners('listening')
      if (error.code !== 'EADDRINUSE' || performance.now() > deadline) throw error
      await sleep(50)
    }
  }
}

function close(server: Server): void {
  server.close()
  server.closeAllConnections()
}
