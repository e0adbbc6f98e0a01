import { ConfigurationError, messageOf } from '@agent-ci/core/errors'
import { forLog } from '@agent-ci/core/untrusted'
import { ApiError, isConflict, NoAnswerError } from '../../kubernetes/api-error.ts'
import type { Cluster } from '../../kubernetes/cluster.ts'
import { type ConfigMap, configMapNamed } from '../../kubernetes/workload.ts'
import { type History, type NewRecord, type ReleaseRecord, recordSchema } from './record.ts'

/** The API server refuses objects of 1 MiB and more; the rest is for the metadata. */
const MAX_BYTES = 900 * 1_024
const TRIES = 8

const nameOf = (app: string, sequence: number): string => `agent-ci-release-${app}-${sequence}`

/** The history in the cluster: each record its own ConfigMap, so that it never outgrows one object and a damaged one harms no other. */
export class ClusterHistory implements History {
  private readonly cluster: Cluster
  private readonly app: string
  private readonly sleep: (ms: number) => Promise<void>
  private readonly warn: (message: string) => void

  constructor(cluster: Cluster, app: string, sleep: (ms: number) => Promise<void>, warn: (message: string) => void) {
    this.cluster = cluster
    this.app = app
    this.sleep = sleep
    this.warn = warn
  }

  get place(): string {
    return `namespace ${this.cluster.namespace} of ${this.cluster.server}`
  }

  async list(): Promise<ReleaseRecord[]> {
    const labels = `agent-ci.dev/app=${this.app},agent-ci.dev/record`
    const maps = await this.cluster.list<ConfigMap>('v1', 'ConfigMap', { labels })
    return maps.flatMap((map) => this.parse(map)).sort((a, b) => a.sequence - b.sequence)
  }

  async add(record: NewRecord): Promise<ReleaseRecord> {
    const known = await this.list()
    const ours = known.find(({ rollout }) => rollout === record.rollout)
    if (ours) return ours
    let sequence = (known.at(-1)?.sequence ?? 0) + 1
    for (let tries = 1; ; tries++) {
      const whole: ReleaseRecord = { schema_version: 1, sequence, ...record }
      try {
        await this.cluster.create<ConfigMap>(this.objectOf(whole))
        return whole
      } catch (error) {
        if (tries >= TRIES || !(isConflict(error) || isUnclear(error))) throw error
        await this.sleep(50 * 2 ** tries)
        const found = await this.cluster.get<ConfigMap>(configMapNamed(nameOf(this.app, sequence)))
        const [parsed] = found ? this.parse(found) : []
        if (parsed?.rollout === record.rollout) return parsed
        if (found) sequence++
      }
    }
  }

  async update(record: ReleaseRecord): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        await this.cluster.apply(this.objectOf(record), { force: true })
        return
      } catch (error) {
        if (tries >= TRIES || !(isConflict(error) || isUnclear(error))) throw error
        await this.sleep(50 * 2 ** tries)
      }
    }
  }

  async remove(records: readonly ReleaseRecord[]): Promise<void> {
    for (const { sequence } of records) await this.cluster.remove(configMapNamed(nameOf(this.app, sequence)))
  }

  private objectOf(record: ReleaseRecord): ConfigMap {
    const text = JSON.stringify(record)
    const bytes = Buffer.byteLength(text)
    if (bytes > MAX_BYTES)
      throw new ConfigurationError({
        what: `The record of release ${record.release.id} has ${Math.ceil(bytes / 1_024)} KiB`,
        why: `A record is one object of the cluster and must stay below ${MAX_BYTES / 1_024} KiB`,
        mend: 'Take large objects other than Deployments and ConfigMaps out of the manifests, or split the app',
      })
    return {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        name: nameOf(this.app, record.sequence),
        namespace: this.cluster.namespace,
        labels: {
          'agent-ci.dev/app': this.app,
          'agent-ci.dev/record': String(record.sequence),
          'agent-ci.dev/release': record.release.id,
          'agent-ci.dev/verified': String(record.verified),
        },
      },
      data: { record: text },
    }
  }

  /** A record that cannot be read is left out, and said. */
  private parse(map: ConfigMap): ReleaseRecord[] {
    try {
      return [recordSchema.parse(JSON.parse(map.data?.record ?? ''))]
    } catch (error) {
      this.warn(
        `configmap ${map.metadata.name} is no record that this version can read, and is passed over: ${forLog(messageOf(error), 300)}`,
      )
      return []
    }
  }
}

const isUnclear = (error: unknown): boolean =>
  error instanceof NoAnswerError || (error instanceof ApiError && error.status >= 500)
