import { canonicalJson, type Json, type JsonObject } from '@agent-ci/core/json'
import type { Cluster } from '../kubernetes/cluster.ts'
import { type ConfigMap, configMapNamed } from '../kubernetes/workload.ts'
import { APP } from './canary-workload.ts'
import { again } from './guarded-write.ts'
import type { Cancellable, TrafficTimes } from './router.ts'

/** What is remembered: a provider does not read what another one left behind. */
type RecordKind = 'weights' | 'replicas' | 'selector' | 'stable'

/**
 * What the objects of a route were before a rollout touched them, in a ConfigMap of our own: written before the first change, removed after the
 * last, so that any later run can undo what a killed one did.
 */
export class TrafficRecord<T extends JsonObject> {
  private readonly cluster: Cluster
  private readonly app: string
  private readonly kind: RecordKind
  private readonly times: TrafficTimes

  constructor(cluster: Cluster, app: string, kind: RecordKind, times: TrafficTimes) {
    this.cluster = cluster
    this.app = app
    this.kind = kind
    this.times = times
  }

  async read(): Promise<T | undefined> {
    return parseRecord<T>(await this.find())
  }

  /** Writes a record; nothing where it is there already. */
  keep(record: T, { signal }: Cancellable): Promise<void> {
    const before = canonicalJson(record as Json)
    return again(this.times, signal, async () => {
      const found = await this.find()
      if (found?.data?.before === before) return
      const metadata = found?.metadata ?? {
        name: this.name,
        namespace: this.cluster.namespace,
        labels: { [APP]: this.app },
      }
      const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { before } } satisfies ConfigMap
      await (found ? this.cluster.replace(object) : this.cluster.create(object))
    })
  }

  forget({ signal }: Cancellable): Promise<void> {
    return again(this.times, signal, () => this.cluster.remove(configMapNamed(this.name)))
  }

  private get name(): string {
    return `agent-ci-${this.app}-traffic-${this.kind}`
  }

  private find(): Promise<ConfigMap | undefined> {
    return this.cluster.get<ConfigMap>(configMapNamed(this.name))
  }
}

/** Only we write it, with `keep`. */
const parseRecord = <T>(object: ConfigMap | undefined): T | undefined =>
  object?.data?.before === undefined ? undefined : (JSON.parse(object.data.before) as T)
