import { forLog } from '@agent-ci/core/untrusted'
import type { Cluster, JsonPatch } from '../kubernetes/cluster.ts'
import { type Permission, permit } from '../kubernetes/permissions.ts'
import { formatTrouble, podTroubles } from '../kubernetes/pod-trouble.ts'
import { PATIENCE_MS, type WaitRules } from '../kubernetes/wait-for-deployments.ts'
import { type Deployment, deploymentNamed, type Pod } from '../kubernetes/workload.ts'
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
import { patchGuarded } from './guarded-write.ts'
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
/** A controller that heard that it may go on does so at once. */
const UNHEARD_MS = 2_000
const NUDGE = 'agent-ci.dev/look'

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

  /** Where an earlier run prepared, its abort is taken back. */
  async prepare(options: Cancellable): Promise<void> {
    const { rollout, finished } = await this.look()
    if (!finished && (await this.record.read())) return this.retry(options)
    const stable = rollout.status?.stableRS
    if (stable === undefined) throw new Error(`rollout ${this.settings.rollout} has no stable pods yet`)
    await this.record.keep({ stable }, options)
  }

  /** The hash of the pods that the Rollout had before our rollout, or has where none is under way. */
  async stableHash(): Promise<string | undefined> {
    const rollout = await this.cluster.get<ArgoRollout>(this.reference)
    return (await this.record.read())?.stable ?? rollout?.status?.stableRS
  }

  /** The pods of the Deployment's present template; none before the controller has seen it. */
  async canaryPods(): Promise<readonly Pod[]> {
    const { rollout, observed } = await this.look()
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
    await this.waitObserved(options, timeoutMs)
    const step = stepFor(await this.rollout(), weight)
    if (!step) {
      const failure = await this.finish({ timeoutMs, patienceMs: PATIENCE_MS }, options)
      if (failure !== undefined) throw new Error(failure)
      return
    }
    const trouble = this.troubleWatch(PATIENCE_MS)
    const since = this.times.now()
    let unheardSince: number | undefined
    for (;;) {
      const rollout = await this.rollout()
      const phase = argoPhase(rollout)
      if (isLetGo(rollout)) {
        unheardSince ??= this.times.now()
        if (this.times.now() - unheardSince > UNHEARD_MS) {
          await this.nudge(options)
          unheardSince = undefined
        }
      } else unheardSince = undefined
      if (phase === 'Degraded') throw new Error(this.messageOf(rollout))
      if (phase === 'Healthy' && isPromoted(rollout)) return
      if (phase === 'Paused') {
        if (stepIndex(rollout) > step.index) return
        await this.promote(stepIndex(rollout), options)
      }
      const troubled = await trouble()
      if (troubled !== undefined) throw new Error(troubled)
      if (this.times.now() - since > timeoutMs)
        throw new Error(`${this.messageOf(rollout)}: it did not reach ${step.weight} % in time`)
      await this.times.sleep(500, options.signal)
    }
  }

  async verify(weight: number): Promise<RouteState> {
    const before = (await this.record.read())?.stable
    if (before === undefined)
      return { state: 'lost', why: `rollout ${this.settings.rollout} is not one that we started` }
    const { rollout, phase, observed, finished } = await this.look()
    const isBefore = rollout.status?.currentPodHash === before
    const why = this.messageOf(rollout)
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
        if (!isPromoted(rollout)) await this.promoteFull(options)
        degraded = phase === 'Degraded' ? (degraded ?? now()) : undefined
        if (degraded !== undefined && now() - degraded >= patienceMs) return this.messageOf(rollout)
        const troubled = await trouble()
        if (troubled !== undefined) return troubled
      }
      if (now() - since > timeoutMs) return `after ${Math.round((now() - since) / 1_000)} s ${this.messageOf(rollout)}`
      if (now() - nudged > UNHEARD_MS) {
        await this.nudge(options)
        nudged = now()
      }
      await sleep(500, options.signal)
    }
  }

  /** Lets the controller go on from the pause at a step; nothing where it is past it, so that no later pause is skipped. */
  async promote(from: number, options: Cancellable): Promise<void> {
    await this.patchStatus((rollout) => {
      const { pauseConditions = [], controllerPause } = rollout.status ?? {}
      if (stepIndex(rollout) !== from || pauseConditions.length === 0) return []
      const inconclusive = pauseConditions.some(({ reason }) => reason === 'InconclusiveAnalysisRun')
      return [
        { op: 'remove', path: '/status/pauseConditions' },
        // The next step may be a pause too: without this it stays inconclusive (argo-rollouts promote.go).
        ...(inconclusive && controllerPause
          ? ([
              { op: 'add', path: '/status/controllerPause', value: false },
              { op: 'add', path: '/status/currentStepIndex', value: Math.min(from + 1, stepsOf(rollout).length) },
            ] as const)
          : []),
      ]
    }, options)
  }

  /**
   * What is written in the moment that the controller writes too is lost on it, which puts its own copy over what it was told
   * (rollout/controller.go, "persisted to informer"), until the object changes again: so it is changed, and changed back.
   */
  private async nudge(options: Cancellable): Promise<void> {
    const path = `/metadata/annotations/${NUDGE.replace('/', '~1')}`
    await this.patch(
      ({ metadata: { annotations } }) =>
        annotations
          ? [{ op: 'add', path, value: 'look' }]
          : [{ op: 'add', path: '/metadata/annotations', value: { [NUDGE]: 'look' } }],
      options,
    )
    await this.patch(
      ({ metadata: { annotations } }) => (annotations?.[NUDGE] === undefined ? [] : [{ op: 'remove', path }]),
      options,
    )
  }

  /** Skips what is left; nothing where the present template is stable already. */
  async promoteFull(options: Cancellable): Promise<void> {
    await this.patch(
      ({ spec }) => (spec.paused ? [{ op: 'replace', path: '/spec/paused', value: false }] : []),
      options,
    )
    await this.patchStatus(
      (rollout) =>
        isPromoted(rollout) || rollout.status?.promoteFull
          ? []
          : [{ op: 'add', path: '/status/promoteFull', value: true }],
      options,
    )
  }

  /** All traffic to stable; the template stays, and the object is Degraded until it is put back. */
  async abort(options: Cancellable): Promise<void> {
    await this.patchStatus(
      (rollout) =>
        isPromoted(rollout) || rollout.status?.abort ? [] : [{ op: 'add', path: '/status/abort', value: true }],
      options,
    )
  }

  /** Starts an aborted release again, from its first step; nothing where it was not aborted. */
  async retry(options: Cancellable): Promise<void> {
    const { status } = await this.rollout()
    if (!status?.abort) return
    await this.patchStatus(
      (rollout) => (rollout.status?.abort ? [{ op: 'add', path: '/status/abort', value: false }] : []),
      options,
    )
    const heard = async () => argoPhase(await this.rollout()) !== 'Degraded'
    if (!(await this.comes(heard, UNHEARD_MS, options))) await this.nudge(options)
    if (!(await this.comes(heard, UNHEARD_MS, options))) throw new Error(this.messageOf(await this.rollout()))
  }

  /** Whether something comes to hold in a time. */
  private async comes(holds: () => Promise<boolean>, patienceMs: number, { signal }: Cancellable): Promise<boolean> {
    const { now, sleep } = this.times
    for (const since = now(); ; await sleep(250, signal)) {
      if (await holds()) return true
      if (now() - since > patienceMs) return false
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
    await this.waitObserved(options, ABORT_PATIENCE_MS).catch(unlessCancelled)
    const rollout = await this.rollout()
    if (isPromoted(rollout) || rollout.status?.currentPodHash === before) return
    await this.abort(options)
    const heard = async () => argoPhase(await this.rollout()) === 'Degraded'
    if (!(await this.comes(heard, UNHEARD_MS, options))) await this.nudge(options)
  }

  /** Only then the status is about the present template. */
  private async waitObserved(options: Cancellable, patienceMs: number): Promise<void> {
    const { now, sleep } = this.times
    const since = now()
    let nudged = since
    while (!(await this.look()).observed) {
      if (now() - since > patienceMs)
        throw new Error(`the controller of rollout ${this.settings.rollout} does not answer`)
      if (now() - nudged > UNHEARD_MS) {
        await this.nudge(options)
        nudged = now()
      }
      await sleep(250, options.signal)
    }
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

  private async look() {
    const seen = await lookAt(this.cluster, this.settings)
    if (!seen) throw new Error(`rollout ${this.settings.rollout} is not there`)
    return seen
  }

  private get reference() {
    return rolloutNamed(this.settings.rollout)
  }

  private async rollout(): Promise<ArgoRollout> {
    return (await this.look()).rollout
  }

  private messageOf(rollout: ArgoRollout): string {
    const message = rollout.status?.message ?? ''
    return forLog(
      `rollout ${this.settings.rollout} is ${argoPhase(rollout)}${message === '' ? '' : `: ${message}`}`,
      300,
    )
  }

  private patch(change: (rollout: ArgoRollout) => JsonPatch, options: Cancellable) {
    return patchGuarded<ArgoRollout>(this.cluster, this.reference, change, this.times, options)
  }

  private patchStatus(change: (rollout: ArgoRollout) => JsonPatch, options: Cancellable) {
    return patchGuarded<ArgoRollout>(this.cluster, this.reference, change, this.times, options, 'status')
  }
}
