import { forLog } from '@agent-ci/core/untrusted'
import type { Cluster, JsonPatch } from '../kubernetes/cluster.ts'
import { lookAt, rolloutNamed, type Seen } from './argo-look.ts'
import { type ArgoRollout, argoPhase, isPromoted, stepIndex, stepsOf } from './argo-status.ts'
import { patchGuarded } from './guarded-write.ts'
import type { Cancellable, TrafficTimes } from './router.ts'

/** A controller that heard that it may go on does so at once. */
export const UNHEARD_MS = 2_000
const NUDGE = 'agent-ci.dev/look'

/** What the controller of a Rollout is told, as kubectl's plugin tells it, and how it is made to hear. */
export class ArgoControl {
  private readonly cluster: Cluster
  private readonly settings: { readonly deployment: string; readonly rollout: string }
  private readonly times: TrafficTimes

  constructor(cluster: Cluster, settings: ArgoControl['settings'], times: TrafficTimes) {
    this.cluster = cluster
    this.settings = settings
    this.times = times
  }

  async look(): Promise<Seen> {
    const seen = await lookAt(this.cluster, this.settings)
    if (!seen) throw new Error(`rollout ${this.settings.rollout} is not there`)
    return seen
  }

  async rollout(): Promise<ArgoRollout> {
    return (await this.look()).rollout
  }

  messageOf(rollout: ArgoRollout): string {
    const message = rollout.status?.message ?? ''
    return forLog(
      `rollout ${this.settings.rollout} is ${argoPhase(rollout)}${message === '' ? '' : `: ${message}`}`,
      300,
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
  async nudge(options: Cancellable): Promise<void> {
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
  async comes(holds: () => Promise<boolean>, patienceMs: number, { signal }: Cancellable): Promise<boolean> {
    const { now, sleep } = this.times
    for (const since = now(); ; await sleep(250, signal)) {
      if (await holds()) return true
      if (now() - since > patienceMs) return false
    }
  }

  /** Only then the status is about the present template. */
  async waitObserved(options: Cancellable, patienceMs: number): Promise<void> {
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

  private patch(change: (rollout: ArgoRollout) => JsonPatch, options: Cancellable) {
    return patchGuarded<ArgoRollout>(this.cluster, rolloutNamed(this.settings.rollout), change, this.times, options)
  }

  private patchStatus(change: (rollout: ArgoRollout) => JsonPatch, options: Cancellable) {
    return patchGuarded<ArgoRollout>(
      this.cluster,
      rolloutNamed(this.settings.rollout),
      change,
      this.times,
      options,
      'status',
    )
  }
}
