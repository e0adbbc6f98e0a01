import type { KubernetesObject } from '@agent-ci/delivery/kubernetes/object'
import type { ApiClient, WatchEvent } from './api-client.ts'
import { isReady, type Pod } from './pod.ts'
import { until } from './until.ts'

/** The objects of a namespace at one instant: those of each resource by name. */
export interface Snapshot {
  /** The change that made it; undefined for the first one. */
  readonly change: Change | undefined
  readonly objects: ReadonlyMap<string, ReadonlyMap<string, KubernetesObject>>
}

export interface Change {
  readonly at: Date
  readonly type: WatchEvent['type']
  /** The resource's plural name: `pods`. */
  readonly resource: string
  readonly object: KubernetesObject
}

/** What is wrong with a snapshot; undefined when nothing is. */
export type Invariant = (snapshot: Snapshot) => string | undefined

const BUILT_IN = { deployments: 'apis/apps/v1', pods: 'api/v1', endpointslices: 'apis/discovery.k8s.io/v1' }

export type Resources = Readonly<Record<string, string>>

/** Sees every change of a namespace's Deployments, pods, EndpointSlices and of further resources. */
export class Observer {
  readonly #api: ApiClient
  readonly #paths: ReadonlyMap<string, string>
  readonly #first: Snapshot
  readonly #changes: Change[] = []
  readonly #stopped = new AbortController()
  readonly #watches: Promise<unknown>
  #snapshots: Snapshot[] = []
  #failure: unknown

  constructor(api: ApiClient, paths: ReadonlyMap<string, string>, first: Snapshot, resourceVersion: string) {
    this.#api = api
    this.#paths = paths
    this.#first = first
    const watches = [...paths].map(([resource, path]) => {
      const record = ({ type, object }: WatchEvent) => this.#changes.push({ at: new Date(), type, resource, object })
      return api.watch(path, resourceVersion, record, this.#stopped.signal)
    })
    this.#watches = Promise.all(watches).catch((error) => {
      this.#failure = error
    })
  }

  /**
   * One snapshot for the start and one for each change, in the order in which the API server made the changes: the
   * watches of different resources are not in step, resource versions are.
   */
  get snapshots(): readonly Snapshot[] {
    if (this.#snapshots.length !== this.#changes.length + 1) {
      this.#snapshots = [this.#first]
      for (const change of this.#changes.toSorted((a, b) => versionOf(a.object) - versionOf(b.object))) {
        this.#snapshots.push(after(this.#snapshots.at(-1)!, change))
      }
    }
    return this.#snapshots
  }

  get latest(): Snapshot {
    return this.snapshots.at(-1)!
  }

  /** Every snapshot that the invariant finds something wrong with, as `after <change>: <problem>`. */
  violations(invariant: Invariant): readonly string[] {
    return this.snapshots.flatMap((snapshot) => {
      const problem = invariant(snapshot)
      return problem === undefined ? [] : [`after ${describe(snapshot.change)}: ${problem}`]
    })
  }

  /** Waits for a snapshot, seen already or still to come, that `found` holds for. */
  until(what: string, found: (snapshot: Snapshot) => boolean, timeoutMs?: number): Promise<Snapshot> {
    const patience = { what, ...(timeoutMs !== undefined && { timeoutMs }) }
    return until(() => {
      if (this.#failure !== undefined) throw this.#failure
      return this.snapshots.find(found)
    }, patience)
  }

  /** Waits until everything that has happened up to now has been seen, and ends. */
  async stop(): Promise<void> {
    try {
      for (const [resource, path] of this.#paths) {
        const { items, metadata } = await this.#api.get<ObjectList>(path)
        const isSeen = () =>
          this.#failure !== undefined || this.#hasSeen(resource, items, Number(metadata.resourceVersion))
        await until(isSeen, { what: `the last changes of ${resource}` })
      }
    } finally {
      this.#stopped.abort()
      await this.#watches
    }
    if (this.#failure !== undefined) throw this.#failure
  }

  #hasSeen(resource: string, items: readonly KubernetesObject[], listVersion: number): boolean {
    const seen = this.latest.objects.get(resource)!
    const changes = this.#changes.filter((change) => change.resource === resource)
    const arrived = items.every((item) => {
      const versions = changes
        .filter(({ object }) => object.metadata.uid === item.metadata.uid)
        .map(({ object }) => object)
      return [...versions, seen.get(item.metadata.name)].some(
        (object) => object && versionOf(object) >= versionOf(item),
      )
    })
    const left = [...seen.values()].every(
      (object) =>
        versionOf(object) > listVersion || items.some(({ metadata }) => metadata.name === object.metadata.name),
    )
    return arrived && left
  }
}

interface ObjectList {
  readonly metadata: { readonly resourceVersion: string }
  readonly items: readonly KubernetesObject[]
}

/** Observes `namespace` from now on; `further` names more resources by the path of their API: `{ httproutes: 'apis/gateway.networking.k8s.io/v1' }`. */
export async function observe(api: ApiClient, namespace: string, further: Resources = {}): Promise<Observer> {
  const resources = Object.entries({ ...BUILT_IN, ...further })
  const paths = new Map(resources.map(([resource, root]) => [resource, `/${root}/namespaces/${namespace}/${resource}`]))
  const objects = new Map<string, ReadonlyMap<string, KubernetesObject>>()
  let version: string | undefined
  for (const [resource, path] of paths) {
    // All lists as of one version: together they are one instant.
    const query = version === undefined ? '' : `?resourceVersion=${version}&resourceVersionMatch=Exact`
    const list = await api.get<ObjectList>(`${path}${query}`)
    version ??= list.metadata.resourceVersion
    objects.set(resource, new Map(list.items.map((object) => [object.metadata.name, object])))
  }
  return new Observer(api, paths, { change: undefined, objects }, version!)
}

function after(snapshot: Snapshot, change: Change): Snapshot {
  const { resource, object, type } = change
  const changed = new Map(snapshot.objects.get(resource))
  if (type === 'DELETED') changed.delete(object.metadata.name)
  else changed.set(object.metadata.name, object)
  return { change, objects: new Map(snapshot.objects).set(resource, changed) }
}

const versionOf = ({ metadata }: KubernetesObject): number => Number(metadata.resourceVersion)

function describe(change: Change | undefined): string {
  return change ? `${change.type} ${change.resource}/${change.object.metadata.name}` : 'the start'
}

/** The pods with these labels that traffic is sent to. */
export function readyPods({ objects }: Snapshot, labels: Readonly<Record<string, string>>): readonly Pod[] {
  const pods = [...objects.get('pods')!.values()] as Pod[]
  const isChosen = ({ metadata }: Pod) =>
    Object.entries(labels).every(([name, value]) => metadata.labels?.[name] === value)
  return pods.filter((pod) => isChosen(pod) && isReady(pod))
}

/** Whether traffic is sent to each address that the namespace's Services lead to. */
export function endpointReadiness({ objects }: Snapshot): ReadonlyMap<string, boolean> {
  const slices = [...objects.get('endpointslices')!.values()] as EndpointSlice[]
  const endpoints = slices.flatMap(({ endpoints }) => endpoints ?? [])
  return new Map(
    endpoints.flatMap(({ addresses, conditions }) => addresses.map((ip) => [ip, conditions.ready ?? true])),
  )
}

type EndpointSlice = KubernetesObject & {
  readonly endpoints:
    | readonly { readonly addresses: readonly string[]; readonly conditions: { ready?: boolean } }[]
    | null
}

/** The weight of each backend of an HTTPRoute, over all its rules; none counts as 1, as the Gateway API says. */
export function routeWeights({ objects }: Snapshot, name: string): ReadonlyMap<string, number> {
  const route = objects.get('httproutes')?.get(name) as HttpRoute | undefined
  const weights = new Map<string, number>()
  for (const { backendRefs = [] } of route?.spec.rules ?? []) {
    for (const { name, weight = 1 } of backendRefs) weights.set(name, (weights.get(name) ?? 0) + weight)
  }
  return weights
}

type HttpRoute = KubernetesObject & {
  readonly spec: { readonly rules?: readonly { readonly backendRefs?: readonly { name: string; weight?: number }[] }[] }
}
