import { ConfigurationError } from '@agent-ci/core/errors'
import * as z from 'zod'
import { ApiError, isConflict, NoAnswerError } from '../kubernetes/api-error.ts'
import type { Cluster } from '../kubernetes/cluster.ts'
import { type ConfigMap, configMapNamed } from '../kubernetes/workload.ts'
import { trafficSettingsSchema } from '../traffic/create.ts'

const side = z.object({ release: z.string().regex(/^r-[0-9a-f]{10}$/), record: z.int() })

/** What a rollout came to. */
export const ROLLOUT_ENDS = ['succeeded', 'rolled-back', 'rollback-failed'] as const

const entrySchema = z.object({
  at: z.string(),
  step: z.string(),
  state: z.enum(['intent', 'done']),
  detail: z.string().optional(),
})

/** One rollout as the cluster remembers it. */
export const rolloutSchema = z.object({
  schema_version: z.literal(1),
  id: z.string(),
  operation: z.enum(['deploy', 'rollback']),
  strategy: z.enum(['rolling', 'canary', 'blue-green']),
  /** How a staged rollout moves its traffic, so that any run can bring it back. */
  traffic: trafficSettingsSchema.nullable(),
  holder: z.string(),
  run_url: z.string().nullable(),
  /** The records that GitHub keeps of it: whoever ends it in the place of its run closes them. */
  announced: z
    .object({ repository: z.string(), deployments: z.array(z.int()) })
    .nullable()
    .default(null),
  started_at: z.string(),
  ended_at: z.string().nullable(),
  end: z.enum(ROLLOUT_ENDS).nullable(),
  reason: z.string().nullable(),
  /** null: the app was not there before. */
  from: side.nullable(),
  to: side,
  /** Set when the way back was taken: from then on only it may be finished. */
  returning: z.boolean(),
  /** Waits for somebody to decide: promote, abort or resume. */
  paused: z.boolean(),
  /** The step of a staged rollout that is under way, from 0. */
  position: z.int(),
  entries: z.array(entrySchema),
})

export type Rollout = z.infer<typeof rolloutSchema>
export type RolloutEntry = z.infer<typeof entrySchema>

/** The longest list of entries that is kept; older ones say nothing that the newer do not. */
const MOST_ENTRIES = 400
const TRIES = 8

/** Somebody else wrote the journal: we no longer lead. */
export class JournalLostError extends Error {
  constructor(by: string) {
    super(
      `The journal of this app was written by ${by}: this run no longer leads the rollout, and changes nothing more`,
    )
    this.name = 'JournalLostError'
  }
}

/**
 * The journal of one app: a ConfigMap with the record that the environment is on (`current`, the commit point) and the last rollout with its
 * entries. Every write names the resourceVersion that it follows, so that of two writers one fails.
 */
export class Journal {
  readonly app: string
  private readonly cluster: Cluster
  private readonly sleep: (ms: number) => Promise<void>
  private object: ConfigMap | undefined

  private constructor(
    cluster: Cluster,
    app: string,
    object: ConfigMap | undefined,
    sleep: (ms: number) => Promise<void>,
  ) {
    this.cluster = cluster
    this.app = app
    this.object = object
    this.sleep = sleep
  }

  static async open(cluster: Cluster, app: string, sleep: (ms: number) => Promise<void>): Promise<Journal> {
    return new Journal(cluster, app, await read(cluster, app), sleep)
  }

  /** The same journal for calls that outlive a cancelled job. */
  through(cluster: Cluster): Journal {
    return new Journal(cluster, this.app, this.object, this.sleep)
  }

  async refresh(): Promise<void> {
    this.object = await read(this.cluster, this.app)
  }

  /** The number of the record that the environment is on; undefined before the first. */
  get current(): number | undefined {
    const text = this.object?.data?.current
    return text === undefined ? undefined : Number(text)
  }

  /** The last rollout, ended or not. */
  get rollout(): Rollout | undefined {
    const text = this.object?.data?.rollout
    if (text === undefined) return undefined
    try {
      return rolloutSchema.parse(JSON.parse(text))
    } catch {
      throw new ConfigurationError({
        what: `configmap ${nameOf(this.app)} does not hold a rollout that this version can read`,
        why: 'What happened before is not known, and going on could mix two releases',
        mend: `Look at it with kubectl get configmap ${nameOf(this.app)} -o yaml; use the version of agent-ci that wrote it, or delete it once you know the state of the app`,
      })
    }
  }

  /** The rollout that was cut off before its end. */
  get unfinished(): Rollout | undefined {
    const rollout = this.rollout
    return rollout && rollout.end === null ? rollout : undefined
  }

  /** What another part keeps with the rollout, such as the state of its analysis. */
  note(key: string): string | undefined {
    return this.object?.data?.[key]
  }

  /** Writes a rollout, and with it the record that the environment is on where that changes. */
  async write(
    rollout: Rollout,
    { current, notes = {} }: { readonly current?: number; readonly notes?: Readonly<Record<string, string>> } = {},
  ): Promise<void> {
    const kept = { ...rollout, entries: rollout.entries.slice(-MOST_ENTRIES) }
    for (let tries = 1; ; tries++) {
      const data = {
        ...(this.rolloutId === rollout.id
          ? this.object?.data
          : this.object?.data?.current !== undefined && { current: this.object.data.current }),
        rollout: JSON.stringify(kept),
        ...(current !== undefined && { current: String(current) }),
        ...notes,
      }
      try {
        this.object = await this.put(data)
        return
      } catch (error) {
        const unclear = error instanceof NoAnswerError || (error instanceof ApiError && error.status >= 500)
        if (tries >= TRIES || !(unclear || isConflict(error))) throw error
        await this.sleep(50 * 2 ** tries)
        const before = this.object?.data?.rollout
        await this.refresh()
        const found = this.object?.data?.rollout
        if (found === data.rollout && this.object?.data?.current === data.current) return
        // What was there before our write is still there: the write did not happen, and is made again.
        if (found !== before) throw new JournalLostError(this.rollout?.holder ?? 'somebody')
      }
    }
  }

  private get rolloutId(): string | undefined {
    try {
      return this.rollout?.id
    } catch {
      return undefined
    }
  }

  private put(data: Readonly<Record<string, string>>): Promise<ConfigMap> {
    if (this.object) return this.cluster.replace<ConfigMap>({ ...this.object, data })
    return this.cluster.create({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: nameOf(this.app), namespace: this.cluster.namespace, labels: { 'agent-ci.dev/app': this.app } },
      data,
    } satisfies ConfigMap)
  }
}

const nameOf = (app: string): string => `agent-ci-${app}-journal`

const read = (cluster: Cluster, app: string): Promise<ConfigMap | undefined> =>
  cluster.get<ConfigMap>(configMapNamed(nameOf(app)))
