import { ConfigurationError, messageOf } from '@agent-ci/core/errors'
import { forLog } from '@agent-ci/core/untrusted'
import { ApiError, isConflict, NoAnswerError } from '../kubernetes/api-error.ts'
import type { Cluster } from '../kubernetes/cluster.ts'
import type { NamedObject } from '../kubernetes/object.ts'

/** Who holds a lease: one process of one attempt of one run. */
export interface Holder {
  /** `<repository>/<run id>`, or what stands for it outside Actions. */
  readonly run: string
  readonly attempt: number
  /** Tells apart the jobs of one attempt; its post step has the same. */
  readonly process: string
}

export const formatHolder = ({ run, attempt, process }: Holder): string => `${run}/${attempt}/${process}`

function parseHolder(text: string): Holder {
  const [, run = text, attempt = '0', process = ''] = /^(.*)\/(\d+)\/([^/]*)$/.exec(text) ?? []
  return { run, attempt: Number(attempt), process }
}

export interface LeaseTimes {
  /** Wall clock, for what is written; intervals are measured by `now`, in monotonic milliseconds. */
  readonly date: () => Date
  readonly now: () => number
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>
  readonly signal: AbortSignal
}

export interface LeaseRules {
  readonly durationMs: number
  readonly renewEveryMs: number
  /** How long to wait for somebody else's lease to run out. */
  readonly waitMs: number
}

export const LEASE_RULES: LeaseRules = { durationMs: 60_000, renewEveryMs: 15_000, waitMs: 90_000 }

interface LeaseObject extends NamedObject {
  readonly spec: {
    readonly holderIdentity?: string | null
    readonly leaseDurationSeconds?: number
    readonly acquireTime?: string
    readonly renewTime?: string
    readonly leaseTransitions?: number
  }
}

const LEASE = 'coordination.k8s.io/v1'

const microTime = (date: Date): string => date.toISOString().replace('Z', '000Z')

/** How far the clocks of two machines may differ before we trust a time that another wrote. */
const SKEW_MS = 30_000
const LOOK_EVERY_MS = 2_000
const RELEASE_TRIES = 4

/**
 * Keeps two runs apart on one app: a `Lease` renewed while we work. Somebody else's is taken over when it ran out: at once where its last
 * renewal is long past, else when it was not renewed for its whole duration as we watched (as client-go does, clocks may differ).
 */
export class RolloutLease {
  private readonly cluster: Cluster
  private readonly name: string
  private readonly holder: string
  private readonly times: LeaseTimes
  private readonly rules: LeaseRules
  private readonly over = new AbortController()
  private readonly lostLease = new AbortController()
  private renewing: Promise<void> = Promise.resolve()

  private constructor(cluster: Cluster, name: string, holder: string, times: LeaseTimes, rules: LeaseRules) {
    this.cluster = cluster
    this.name = name
    this.holder = holder
    this.times = times
    this.rules = rules
  }

  /** Aborted when the lease was lost: nothing more may be changed. */
  get lost(): AbortSignal {
    return this.lostLease.signal
  }

  /** @throws ConfigurationError when another run holds the lease for longer than we wait */
  static async acquire(
    cluster: Cluster,
    app: string,
    holder: Holder,
    times: LeaseTimes,
    tell: (line: string) => void,
    rules: LeaseRules = LEASE_RULES,
  ): Promise<RolloutLease> {
    const lease = new RolloutLease(cluster, `agent-ci-${app}`, formatHolder(holder), times, rules)
    const since = times.now()
    let seen: { renewTime: string | undefined; at: number } | undefined
    let told = ''
    for (;;) {
      const found = await lease.read()
      const other = found?.spec.holderIdentity
      if (found && other && other !== lease.holder && !replaces(holder, parseHolder(other))) {
        if (seen?.renewTime !== found.spec.renewTime) seen = { renewTime: found.spec.renewTime, at: times.now() }
        const durationMs = (found.spec.leaseDurationSeconds ?? rules.durationMs / 1_000) * 1_000
        const renewed = Date.parse(found.spec.renewTime ?? '')
        const longPast = !(times.date().getTime() - renewed < durationMs + SKEW_MS)
        if (!longPast && times.now() - seen!.at < durationMs) {
          if (times.now() - since > rules.waitMs) refuseLocked(app, other)
          if (told !== other) {
            told = other
            tell(
              `Another rollout of ${app} holds the lock: ${forLog(other)}. Waiting for it to end, or for ${Math.round(durationMs / 1_000)} s without a sign of life`,
            )
          }
          await times.sleep(Math.min(LOOK_EVERY_MS, durationMs / 4), times.signal)
          continue
        }
      }
      if (await lease.take(found)) break
    }
    lease.renewing = lease.keepRenewing()
    return lease
  }

  /** Ends the renewals and gives the lease back; what goes wrong only makes the next run wait. */
  async release(): Promise<void> {
    this.over.abort()
    await this.renewing
    if (this.lost.aborted) return
    for (let tries = 1; tries <= RELEASE_TRIES; tries++) {
      try {
        const found = await this.read()
        if (found?.spec.holderIdentity !== this.holder) return
        const spec = { ...found.spec, holderIdentity: '', renewTime: microTime(this.times.date()) }
        await this.cluster.replace<LeaseObject>({ ...found, spec })
        return
      } catch {
        // After the last try it runs out by itself.
        await this.times.sleep(100 * tries, this.times.signal).catch(() => undefined)
      }
    }
  }

  /** Stops the renewals and leaves the lease to run out or to be taken over by our own post step. */
  async abandon(): Promise<void> {
    this.over.abort()
    await this.renewing
  }

  private read(): Promise<LeaseObject | undefined> {
    return this.cluster.get<LeaseObject>({ apiVersion: LEASE, kind: 'Lease', name: this.name })
  }

  /** Writes us as the holder; false when somebody was faster or it is not known who won. */
  private async take(found: LeaseObject | undefined): Promise<boolean> {
    const now = microTime(this.times.date())
    const spec = {
      holderIdentity: this.holder,
      leaseDurationSeconds: Math.ceil(this.rules.durationMs / 1_000),
      acquireTime: now,
      renewTime: now,
      leaseTransitions: (found?.spec.leaseTransitions ?? 0) + (found ? 1 : 0),
    }
    try {
      if (found) await this.cluster.replace<LeaseObject>({ ...found, spec })
      else
        await this.cluster.create({
          apiVersion: LEASE,
          kind: 'Lease',
          metadata: { name: this.name, namespace: this.cluster.namespace },
          spec,
        } satisfies LeaseObject)
      return true
    } catch (error) {
      if (isConflict(error) || error instanceof NoAnswerError || (error instanceof ApiError && error.status >= 500)) {
        await this.times.sleep(100, this.times.signal)
        const after = await this.read()
        return after?.spec.holderIdentity === this.holder
      }
      throw error
    }
  }

  private async keepRenewing(): Promise<void> {
    let renewedAt = this.times.now()
    while (!this.over.signal.aborted) {
      await this.times.sleep(this.rules.renewEveryMs, this.over.signal).catch(() => undefined)
      if (this.over.signal.aborted) return
      try {
        const found = await this.read()
        if (found?.spec.holderIdentity !== this.holder)
          return this.lostLease.abort(
            new Error(`the lock was taken over by ${forLog(found?.spec.holderIdentity || 'nobody')}`),
          )
        await this.cluster.replace<LeaseObject>({
          ...found,
          spec: { ...found.spec, renewTime: microTime(this.times.date()) },
        })
        renewedAt = this.times.now()
      } catch (error) {
        // Others may take it from now on.
        if (this.times.now() - renewedAt > this.rules.durationMs)
          return this.lostLease.abort(new Error(`the lock could not be renewed: ${forLog(messageOf(error))}`))
      }
    }
  }
}

/** A later attempt of the same run follows one that has ended: GitHub runs one attempt at a time. */
const replaces = (ours: Holder, theirs: Holder): boolean => ours.run === theirs.run && ours.attempt > theirs.attempt

/** Another run leads a rollout of the app at this moment. */
export class LockedError extends ConfigurationError {}

function refuseLocked(app: string, holder: string): never {
  throw new LockedError({
    what: `Another rollout of ${app} is at work: ${forLog(holder)}`,
    why: 'Two runs must not move one app at the same time',
    mend: 'Wait for that run, or cancel it; its lock runs out a minute after its last sign of life',
  })
}
