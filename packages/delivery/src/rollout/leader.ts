import { messageOf } from '@agent-ci/core/errors'
import { forLog } from '@agent-ci/core/untrusted'
import type { Cluster } from '../kubernetes/cluster.ts'
import { Journal, type Rollout, type RolloutEntry } from './journal.ts'
import { formatHolder, type Holder, LEASE_RULES, type LeaseRules, RolloutLease } from './lease.ts'

/** What a rollout needs from outside. */
export interface RolloutDeps {
  readonly cluster: Cluster
  readonly holder: Holder
  readonly runUrl: string | null
  /** Who asked for it, as the history keeps it. */
  readonly by: string
  readonly date: () => Date
  /** Monotonic milliseconds. */
  readonly now: () => number
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>
  /** Aborted when the job is cancelled. */
  readonly signal: AbortSignal
  /** A line for the log; trusted, or through `forLog`. */
  readonly tell: (line: string) => void
  readonly warn: (message: string) => void
  readonly lease?: LeaseRules
  /** The records that GitHub keeps of this run's rollout, as soon as they are known. */
  readonly announced?: () => Rollout['announced']
}

/** The job was cancelled: what is half done is left to the post step, a resume or a sweep. */
export class CancelledError extends Error {
  constructor() {
    super('The job was cancelled')
    this.name = 'CancelledError'
  }
}

/** Leads the rollouts of one app: holds its lease, writes its journal, and does nothing once either is lost. */
export class Leader {
  readonly app: string
  readonly deps: RolloutDeps
  readonly journal: Journal
  private readonly lease: RolloutLease
  private rollout: Rollout | undefined
  private pending: RolloutEntry | undefined

  private constructor(app: string, deps: RolloutDeps, lease: RolloutLease, journal: Journal) {
    this.app = app
    this.deps = deps
    this.lease = lease
    this.journal = journal
  }

  /** Takes the lease of an app, then reads its journal. @throws ConfigurationError when another run is at work */
  static async take(app: string, deps: RolloutDeps): Promise<Leader> {
    const lease = await RolloutLease.acquire(deps.cluster, app, deps.holder, deps, deps.tell, deps.lease ?? LEASE_RULES)
    try {
      const journal = await Journal.open(deps.cluster, app, (ms) => deps.sleep(ms, deps.signal))
      return new Leader(app, deps, lease, journal)
    } catch (error) {
      await lease.release()
      throw error
    }
  }

  /** Writes the rollout that this run leads from now on. */
  async begin(
    begun: Pick<Rollout, 'id' | 'operation' | 'strategy' | 'traffic' | 'from' | 'to'>,
    entries: readonly RolloutEntry[] = [],
  ): Promise<void> {
    this.checkLead()
    this.rollout = {
      schema_version: 1,
      ...begun,
      holder: formatHolder(this.deps.holder),
      run_url: this.deps.runUrl,
      announced: this.deps.announced?.() ?? null,
      started_at: this.at(),
      ended_at: null,
      end: null,
      reason: null,
      returning: false,
      paused: false,
      position: 0,
      entries: [...entries],
    }
    await this.journal.write(this.rollout)
  }

  /** Goes on with the rollout that an earlier run left unfinished. */
  async continue(unfinished: Rollout): Promise<void> {
    this.checkLead()
    this.rollout = { ...unfinished, holder: formatHolder(this.deps.holder), run_url: this.deps.runUrl, paused: false }
    await this.journal.write(this.rollout)
  }

  /** From now on only the way back may be finished. */
  async turnBack(reason: string): Promise<void> {
    this.rollout = { ...this.led, returning: true, reason }
    await this.journal.write(this.rollout)
  }

  /**
   * One side effect: its intent is in the journal before it starts. That it is done is written with the next intent, or with the end, which
   * halves the writes; a run that follows a killed one repeats at most this one step, and each can be repeated.
   */
  async step<T>(step: string, work: () => Promise<T>, detail?: string): Promise<T> {
    this.checkLead()
    const intent = { at: this.at(), step, state: 'intent' as const, ...(detail !== undefined && { detail }) }
    await this.enter(intent)
    const result = await work()
    this.pending = { at: this.at(), step, state: 'done' }
    return result
  }

  /** The step of a staged rollout that begins, and what the analysis keeps with it. */
  async moveTo(position: number, notes: Readonly<Record<string, string>> = {}): Promise<void> {
    this.checkLead()
    this.rollout = { ...this.led, position }
    await this.journal.write(this.rollout, { notes })
  }

  /** Keeps what another part wants to find again, such as the state of the analysis. */
  async note(notes: Readonly<Record<string, string>>): Promise<void> {
    this.checkLead()
    await this.journal.write(this.led, { notes })
  }

  /** Leaves the rollout as it is until somebody decides. */
  async pause(reason: string): Promise<void> {
    this.rollout = { ...this.led, paused: true, reason }
    await this.journal.write(this.rollout)
  }

  /** Leads on, although the job was cancelled: for the way back. */
  afterCancel(signal: AbortSignal): Leader {
    const cluster = this.deps.cluster.withSignal(signal)
    const leader = new Leader(this.app, { ...this.deps, cluster, signal }, this.lease, this.journal.through(cluster))
    leader.rollout = this.rollout
    leader.pending = this.pending
    return leader
  }

  /** Ends the rollout; `current` is the record that the environment is on now. */
  async finish(end: NonNullable<Rollout['end']>, reason: string | null, current?: number): Promise<void> {
    const entries = [...this.led.entries, ...(this.pending ? [this.pending] : [])]
    this.pending = undefined
    this.rollout = { ...this.led, entries, end, reason, ended_at: this.at() }
    await this.journal.write(this.rollout, current === undefined ? {} : { current })
  }

  /** Gives the lease back. Nothing that goes wrong here changes what the rollout came to. */
  async release(): Promise<void> {
    try {
      await this.lease.release()
    } catch (error) {
      this.deps.warn(`The lock could not be given back and runs out in a minute: ${forLog(messageOf(error))}`)
    }
  }

  /** @throws when the job was cancelled or the lease was lost: before every side effect */
  checkLead(): void {
    this.lease.lost.throwIfAborted()
    if (this.deps.signal.aborted) throw new CancelledError()
  }

  /** @throws Error where no rollout was begun: a defect */
  get led(): Rollout {
    if (!this.rollout) throw new Error('no rollout was begun')
    return this.rollout
  }

  private async enter(entry: RolloutEntry): Promise<void> {
    const entries = [...this.led.entries, ...(this.pending ? [this.pending] : []), entry]
    this.rollout = { ...this.led, announced: this.led.announced ?? this.deps.announced?.() ?? null, entries }
    this.pending = undefined
    await this.journal.write(this.rollout)
  }

  private at(): string {
    return this.deps.date().toISOString()
  }
}
