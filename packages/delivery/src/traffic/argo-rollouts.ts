import { type JsonObject, jsonEqual } from '@agent-ci/core/json'
import { forLog } from '@agent-ci/core/untrusted'
import type { Cluster, JsonPatch } from '../kubernetes/cluster.ts'
import { type Permission, permit } from '../kubernetes/permissions.ts'
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
  readonly rollout: string
  /** The new release's pod template, made from the present one; the same for the same. */
  readonly change: (template: JsonObject) => JsonObject
  /** How long the controller may take to reach a step; 600 s where not given. */
  readonly stepMs?: number
}

const STEP_MS = 600_000
const ABORT_PATIENCE_MS = 2_000
/** A controller that heard that it may go on does so at once. */
const UNHEARD_MS = 2_000
const NUDGE = 'agent-ci.dev/look'

/**
 * An installed Argo Rollouts controller, driven from pause to pause: it moves pods and traffic, we say when it goes on. `restore` only forgets:
 * what is promoted stays.
 */
export class ArgoRolloutsRouter implements TrafficRouter {
  readonly moves = 'release'
  readonly permissions: readonly Permission[] = [
    ...permit('argoproj.io', 'rollouts', ['get', 'patch']),
    ...permit('argoproj.io', 'rollouts/status', ['patch']),
    ...permit('', 'configmaps', ['get', 'create', 'update', 'delete']),
  ]
  private readonly cluster: Cluster
  private readonly settings: ArgoSettings
  private readonly times: TrafficTimes
  private readonly record: TrafficRecord<{ readonly template: JsonObject }>

  constructor(cluster: Cluster, settings: ArgoSettings, times: TrafficTimes) {
    this.cluster = cluster
    this.settings = settings
    this.times = times
    this.record = new TrafficRecord(cluster, settings.app, 'template', times)
  }

  describe(): string {
    return `Rollout ${this.settings.rollout}, moved by the Argo Rollouts controller`
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
            why: 'The Argo Rollouts controller moves the traffic of an app that is a Rollout',
            mend: 'Name the Rollout, or use another traffic provider for a Deployment',
          },
        ],
        warnings: [],
      }
    return { problems: argoProblems(rollout), warnings: [] }
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

  async prepare(options: Cancellable): Promise<void> {
    if (await this.record.read()) return
    const { spec } = await this.rollout()
    if (!spec.template) throw new Error(`rollout ${this.settings.rollout} has no template of its own`)
    await this.record.keep({ template: spec.template }, options)
  }

  async read(): Promise<number | undefined> {
    const rollout = await this.cluster.get<ArgoRollout>(this.reference)
    const before = (await this.record.read())?.template
    if (!rollout || !before) return undefined
    if (rollout.status?.abort || jsonEqual(rollout.spec.template ?? null, before)) return 0
    return isPromoted(rollout) && argoPhase(rollout) === 'Healthy' ? 100 : weightReached(rollout)
  }

  async set(weight: number, options: Cancellable): Promise<void> {
    if (weight === 0) return this.takeBack(options)
    await this.start(options)
    const step = stepFor(await this.rollout(), weight)
    if (!step) return this.promoteFull(options)
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
      if (this.times.now() - since > (this.settings.stepMs ?? STEP_MS))
        throw new Error(`${this.messageOf(rollout)}: it did not reach ${step.weight} % in time`)
      await this.times.sleep(500, options.signal)
    }
  }

  async verify(weight: number): Promise<RouteState> {
    const rollout = await this.cluster.get<ArgoRollout>(this.reference)
    const before = (await this.record.read())?.template
    if (!rollout || !before)
      return { state: 'lost', why: `rollout ${this.settings.rollout} is not one that we started` }
    const phase = argoPhase(rollout)
    const isBefore = jsonEqual(rollout.spec.template ?? null, before)
    const why = this.messageOf(rollout)
    if (weight === 0)
      return isBefore && isPromoted(rollout) && phase === 'Healthy' ? { state: 'accepted' } : { state: 'waiting', why }
    if (isBefore) return { state: 'lost', why: `rollout ${this.settings.rollout} has its former template again` }
    if (rollout.status?.abort || phase === 'Degraded') return { state: 'lost', why }
    const step = stepFor(rollout, weight)
    if (!step) return isPromoted(rollout) && phase === 'Healthy' ? { state: 'accepted' } : { state: 'waiting', why }
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

  /** Puts the new template in; nothing where it is in. An earlier abort of it is taken back. */
  async start(options: Cancellable): Promise<void> {
    await this.prepare(options)
    const before = (await this.record.read())!.template
    const wanted = this.settings.change(before)
    await this.patch(
      ({ spec }) =>
        jsonEqual(spec.template ?? null, wanted) ? [] : [{ op: 'replace', path: '/spec/template', value: wanted }],
      options,
    )
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
    await this.waitObserved(options)
    await this.patchStatus(
      (rollout) => (isPromoted(rollout) ? [] : [{ op: 'add', path: '/status/promoteFull', value: true }]),
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

  /** Starts an aborted release again, from its first step. */
  async retry(options: Cancellable): Promise<void> {
    await this.patchStatus(
      ({ status }) => (status?.abort ? [{ op: 'add', path: '/status/abort', value: false }] : []),
      options,
    )
  }

  /** Abort moves the traffic at once; the former template keeps the next sync from starting the bad release again. */
  private async takeBack(options: Cancellable): Promise<void> {
    const before = (await this.record.read())?.template
    if (!before) return
    // What its status says of stable may be about the former template; a controller that is gone keeps nobody from going back.
    await this.waitObserved(options, ABORT_PATIENCE_MS).catch((error: unknown) => {
      if (options.signal.aborted) throw error
    })
    const rollout = await this.rollout()
    if (jsonEqual(rollout.spec.template ?? null, before)) {
      // A release that was promoted goes back by the same steps: it must not stop at them.
      if (!isPromoted(rollout) && argoPhase(rollout) !== 'Degraded') await this.promoteFull(options)
      return
    }
    const wasPromoted = isPromoted(rollout)
    if (!wasPromoted) await this.abort(options)
    await this.patch(
      ({ spec }) =>
        jsonEqual(spec.template ?? null, before) ? [] : [{ op: 'replace', path: '/spec/template', value: before }],
      options,
    )
    if (wasPromoted) await this.promoteFull(options)
    else
      await this.waitObserved(options, UNHEARD_MS).catch(async (error: unknown) => {
        if (options.signal.aborted) throw error
        await this.nudge(options)
      })
  }

  /** Only then the status is about the present template. */
  private async waitObserved({ signal }: Cancellable, patienceMs = this.settings.stepMs ?? STEP_MS): Promise<void> {
    const since = this.times.now()
    for (;;) {
      const { metadata, status } = await this.rollout()
      const text = status?.observedGeneration ?? ''
      if (!/^\d+$/.test(text) || Number(text) >= (metadata.generation ?? 0)) return
      if (this.times.now() - since > patienceMs)
        throw new Error(`the controller of rollout ${this.settings.rollout} does not answer`)
      await this.times.sleep(250, signal)
    }
  }

  private get reference() {
    return { apiVersion: 'argoproj.io/v1alpha1', kind: 'Rollout', name: this.settings.rollout } as const
  }

  private async rollout(): Promise<ArgoRollout> {
    const found = await this.cluster.get<ArgoRollout>(this.reference)
    if (!found) throw new Error(`rollout ${this.settings.rollout} is not there`)
    return found
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
