import { forLog } from '@agent-ci/core/untrusted'
import type { Cluster } from '../kubernetes/cluster.ts'
import { type Permission, permit } from '../kubernetes/permissions.ts'
import { formatTrouble, podTroubles } from '../kubernetes/pod-trouble.ts'
import { PATIENCE_MS, type WaitRules } from '../kubernetes/wait-for-deployments.ts'
import { type Deployment, deploymentNamed, type Pod } from '../kubernetes/workload.ts'
import { ArgoControl, UNHEARD_MS } from './argo-control.ts'
import { lookAt, rolloutNamed } from './argo-look.ts'
import { argoProblems } from './argo-problems.ts'
import {
  type ArgoRollout,
  argoPhase,
  isLetGo,
  isPromoted,
  stepFor,
  stepIndex,
  stepsOf,
  weightReached,
} from './argo-status.ts'
import { formatShare, markRepeats } from './replica-counts.ts'
import type {
  AchievableWeight,
  Cancellable,
  Labels,
  Preflight,
  RouteState,
  TrafficRouter,
  TrafficTimes,
} from './router.ts'
import { TrafficRecord } from './traffic-record.ts'

export interface ArgoSettings {
  readonly app: string
  /** Whose pod template the Rollout follows. */
  readonly deployment: string
  readonly rollout: string
  /** How long the controller may take to reach a step; 600 s where not given. */
  readonly stepMs?: number
}

const STEP_MS = 600_000
const ABORT_PATIENCE_MS = 2_000

/** What the present template of a Rollout may need. */
export const ARGO_PERMISSIONS: readonly Permission[] = [
  ...permit('argoproj.io', 'rollouts', ['get', 'patch']),
  ...permit('argoproj.io', 'rollouts/status', ['patch']),
]

/**
 * An installed Argo Rollouts controller, whose Rollout follows the app's Deployment: the caller writes the template there, the controller moves
 * pods and traffic, and we say when it goes on. `restore` only forgets: what is promoted stays.
 */
export class ArgoRolloutsRouter implements TrafficRouter {
  readonly moves = 'release'
  /** What the controller is told. */
  readonly control: ArgoControl
  readonly permissions: readonly Permission[] = [
    ...ARGO_PERMISSIONS,
    ...permit('', 'configmaps', ['get', 'create', 'update', 'delete']),
  ]
  private readonly cluster: Cluster
  private readonly settings: ArgoSettings
  private readonly times: TrafficTimes
  /** The pods that the Rollout had before, by the hash of their template. */
  private readonly record: TrafficRecord<{ readonly stable: string }>

  constructor(cluster: Cluster, settings: ArgoSettings, times: TrafficTimes) {
    this.cluster = cluster
    this.settings = settings
    this.times = times
    this.control = new ArgoControl(cluster, settings, times)
    this.record = new TrafficRecord(cluster, settings.app, 'stable', times)
  }

  describe(): string {
    return `Rollout ${this.settings.rollout}, moved by the Argo Rollouts controller`
  }

  get rolloutName(): string {
    return this.settings.rollout
  }

  through(cluster: Cluster): ArgoRolloutsRouter {
    return new ArgoRolloutsRouter(cluster, this.settings, this.times)
  }

  async canaryLabels(podLabels: Labels): Promise<Labels> {
    return podLabels
  }

  async preflight(): Promise<Preflight> {
    const title = `rollout ${this.settings.rollout}`
    const rollout = await this.cluster.get<ArgoRollout>(this.reference)
    if (!rollout)
      return {
        problems: [
          {
            what: `There is no ${title} in namespace ${this.cluster.namespace}`,
            why: 'With traffic: argo-rollouts a Rollout that follows the Deployment of the app brings its releases into use',
            mend: 'Give route its name, or install Argo Rollouts and apply a Rollout with spec.workloadRef; docs/canary.md shows one',
          },
        ],
        warnings: [],
      }
    const { deployment } = this.settings
    const followed = await this.cluster.get<Deployment>(deploymentNamed(deployment))
    const mend = 'Apply the Deployment that the Rollout follows'
    if (!followed)
      return {
        problems: [{ what: `There is no deployment ${deployment}`, why: `${title} has nothing to follow`, mend }],
        warnings: [],
      }
    return { problems: argoProblems(rollout, followed, (await this.record.read()) !== undefined), warnings: [] }
  }

  async achievable(weights: readonly number[]): Promise<readonly AchievableWeight[]> {
    const rollout = await this.cluster.get<ArgoRollout>(this.reference)
    return markRepeats(
      weights.map((asked) => {
        const real = asked === 0 || !rollout ? asked : (stepFor(rollout, asked)?.weight ?? 100)
        const how = `asked ${asked} %, the steps of rollout ${this.settings.rollout} give ${formatShare(real)}`
        return { asked, real, how: real === asked ? '' : how }
      }),
    )
  }

  /** Where an earlier run prepared, its abort is taken back. A record of pods that are stable no more is of another rollout, which could not end. */
  async prepare(options: Cancellable): Promise<void> {
    const { rollout, finished } = await this.control.look()
    const { stableRS: stable, currentPodHash } = rollout.status ?? {}
    if (stable === undefined) throw new Error(`rollout ${this.settings.rollout} has no stable pods yet`)
    const before = (await this.record.read())?.stable
    if (finished || before !== stable) return this.record.keep({ stable }, options)
    // The next template ends the abort of one that is gone.
    if (currentPodHash !== stable) await this.retry(options)
  }

  /** Starts an aborted release again, from its first step; nothing where it was not aborted. */
  retry(options: Cancellable): Promise<void> {
    return this.control.retry(options)
  }

  /** Forgets what a rollout that could not end has left, once the Rollout is well; until then the next release starts from it. */
  async forgetEnded(options: Cancellable): Promise<void> {
    const seen = await lookAt(this.cluster, this.settings)
    if (seen?.finished) await this.restore(options)
  }

  /** The hash of the pods that the Rollout had before our rollout, or has where none is under way. */
  async stableHash(): Promise<string | undefined> {
    const rollout = await this.cluster.get<ArgoRollout>(this.reference)
    return (await this.record.read())?.stable ?? rollout?.status?.stableRS
  }

  /** The pods of the Deployment's present template; none before the controller has seen it. */
  async canaryPods(): Promise<readonly Pod[]> {
    const { rollout, observed } = await this.control.look()
    const hash = rollout.status?.currentPodHash
    if (!observed || hash === undefined) return []
    const pods = await this.cluster.list<Pod>('v1', 'Pod', { labels: `rollouts-pod-template-hash=${hash}` })
    return pods.filter(({ metadata }) => metadata.name.startsWith(`${this.settings.rollout}-${hash}-`))
  }

  async read(): Promise<number | undefined> {
    const rollout = await this.cluster.get<ArgoRollout>(this.reference)
    const before = (await this.record.read())?.stable
    if (!rollout || before === undefined) return undefined
    if (rollout.status?.abort || rollout.status?.currentPodHash === before) return 0
    return isPromoted(rollout) && argoPhase(rollout) === 'Healthy' ? 100 : weightReached(rollout)
  }

  async set(weight: number, options: Cancellable): Promise<void> {
    if (weight === 0) return this.takeBack(options)
    const timeoutMs = this.settings.stepMs ?? STEP_MS
    await this.control.waitObserved(options, timeoutMs)
    const step = stepFor(await this.control.rollout(), weight)
    if (!step) {
      const failure = await this.finish({ timeoutMs, patienceMs: PATIENCE_MS }, options)
      if (failure !== undefined) throw new Error(failure)
      return
    }
    const trouble = this.troubleWatch(PATIENCE_MS)
    const since = this.times.now()
    let unheardSince: number | undefined
    for (;;) {
      const rollout = await this.control.rollout()
      const phase = argoPhase(rollout)
      if (isLetGo(rollout)) {
        unheardSince ??= this.times.now()
        if (this.times.now() - unheardSince > UNHEARD_MS) {
          await this.control.nudge(options)
          unheardSince = undefined
        }
      } else unheardSince = undefined
      if (phase === 'Degraded') throw new Error(this.control.messageOf(rollout))
      if (phase === 'Healthy' && isPromoted(rollout)) return
      if (phase === 'Paused') {
        if (stepIndex(rollout) > step.index) return
        await this.control.promote(stepIndex(rollout), options)
      }
      const troubled = await trouble()
      if (troubled !== undefined) throw new Error(troubled)
      if (this.times.now() - since > timeoutMs)
        throw new Error(`${this.control.messageOf(rollout)}: it did not reach ${step.weight} % in time`)
      await this.times.sleep(500, options.signal)
    }
  }

  async verify(weight: number): Promise<RouteState> {
    const before = (await this.record.read())?.stable
    if (before === undefined)
      return { state: 'lost', why: `rollout ${this.settings.rollout} is not one that we started` }
    const { rollout, phase, observed, finished } = await this.control.look()
    const isBefore = rollout.status?.currentPodHash === before
    const why = this.control.messageOf(rollout)
    if (!observed) return { state: 'waiting', why }
    if (weight === 0) return isBefore && finished ? { state: 'accepted' } : { state: 'waiting', why }
    if (isBefore) return { state: 'lost', why: `rollout ${this.settings.rollout} has its former template again` }
    if (rollout.status?.abort || phase === 'Degraded') return { state: 'lost', why }
    const step = stepFor(rollout, weight)
    if (!step) return finished ? { state: 'accepted' } : { state: 'waiting', why }
    const next = stepsOf(rollout).findIndex(({ setWeight }, index) => index > step.index && setWeight !== undefined)
    if (isPromoted(rollout) || (next >= 0 && stepIndex(rollout) > next))
      return { state: 'lost', why: `rollout ${this.settings.rollout} is past ${step.weight} %: somebody promoted it` }
    const there = phase === 'Paused' && stepIndex(rollout) > step.index
    return there && rollout.status?.canary?.weights?.verified !== false
      ? { state: 'accepted' }
      : { state: 'waiting', why }
  }

  restore(options: Cancellable): Promise<void> {
    return this.record.forget(options)
  }

  /**
   * Brings the Deployment's present template into use at once, by whatever steps are left, and waits until it is; the reason why it is not, or
   * undefined.
   */
  async finish({ timeoutMs, patienceMs }: WaitRules, options: Cancellable): Promise<string | undefined> {
    const { now, sleep } = this.times
    const since = now()
    const trouble = this.troubleWatch(patienceMs)
    let nudged = since
    let degraded: number | undefined
    for (;;) {
      const seen = await lookAt(this.cluster, this.settings)
      if (!seen) return `rollout ${this.settings.rollout} is not there`
      const { rollout, phase, observed, finished } = seen
      if (finished) return undefined
      if (observed) {
        if (!isPromoted(rollout)) await this.control.promoteFull(options)
        degraded = phase === 'Degraded' ? (degraded ?? now()) : undefined
        if (degraded !== undefined && now() - degraded >= patienceMs) return this.control.messageOf(rollout)
        const troubled = await trouble()
        if (troubled !== undefined) return troubled
      }
      if (now() - since > timeoutMs)
        return `after ${Math.round((now() - since) / 1_000)} s ${this.control.messageOf(rollout)}`
      if (now() - nudged > UNHEARD_MS) {
        await this.control.nudge(options)
        nudged = now()
      }
      await sleep(500, options.signal)
    }
  }

  /** Abort moves the traffic at once; the caller writes the former template then, which `finish` brings back where this one was promoted. */
  private async takeBack(options: Cancellable): Promise<void> {
    const before = (await this.record.read())?.stable
    if (before === undefined) return
    const unlessCancelled = (error: unknown): void => {
      if (options.signal.aborted) throw error
    }
    // What its status says of stable may be about the former template; a controller that is gone keeps nobody from going back.
    await this.control.waitObserved(options, ABORT_PATIENCE_MS).catch(unlessCancelled)
    const rollout = await this.control.rollout()
    if (isPromoted(rollout) || rollout.status?.currentPodHash === before) return
    await this.control.abort(options)
    const heard = async () => argoPhase(await this.control.rollout()) === 'Degraded'
    if (!(await this.control.comes(heard, UNHEARD_MS, options))) await this.control.nudge(options)
  }

  /** What keeps the new pods from working, once waiting does not mend it. */
  private troubleWatch(patienceMs: number): () => Promise<string | undefined> {
    let since: number | undefined
    return async () => {
      const [worst] = podTroubles(await this.canaryPods()).filter(({ weight }) => weight !== 'waiting')
      since = worst && (since ?? this.times.now())
      if (!worst || (worst.weight !== 'fatal' && this.times.now() - since! < patienceMs)) return undefined
      return forLog(`rollout ${this.settings.rollout}: ${formatTrouble(worst)}`)
    }
  }

  private get reference() {
    return rolloutNamed(this.settings.rollout)
  }
}
