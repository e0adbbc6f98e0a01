import { digestOfJson, type Json, jsonEqual } from '@agent-ci/core/json'
import type { KubernetesObject } from '@agent-ci/delivery/kubernetes/object'
import type { Deployment } from '@agent-ci/delivery/kubernetes/workload'
import { type ArgoRollout, stepsOf } from '@agent-ci/delivery/traffic/argo-status'
import { ApiError } from '../api-client.ts'
import type { ControlPlane } from '../control-plane.ts'
import { LiveObjects } from '../live-objects.ts'

type Status = {
  -readonly [field in keyof NonNullable<ArgoRollout['status']>]: NonNullable<ArgoRollout['status']>[field] | null
}
type Played = Status & { promoteFull?: boolean | null }

/** The Argo Rollouts controller as far as clients see it: the status that follows from spec and status (2.1 of its rollout/canary.go). */
export class ArgoController {
  /** The weights that the canary got, each once it changed. */
  readonly weights: number[] = []
  readonly #plane: ControlPlane
  readonly #path: string
  #live: LiveObjects<ArgoRollout & KubernetesObject> | undefined
  #followed: LiveObjects<Deployment & KubernetesObject> | undefined
  #turn: Promise<void> = Promise.resolve()

  private constructor(plane: ControlPlane, path: string) {
    this.#plane = plane
    this.#path = path
  }

  static async start(plane: ControlPlane, path: string, deployments: string): Promise<ArgoController> {
    const controller = new ArgoController(plane, path)
    controller.#live = await LiveObjects.of(plane.api, path, () => controller.#reconcile())
    controller.#followed = await LiveObjects.of(plane.api, deployments, () => controller.#reconcile())
    controller.#reconcile()
    return controller
  }

  async stop(): Promise<void> {
    await this.#live?.stop()
    await this.#followed?.stop()
    await this.#turn
  }

  #reconcile(): void {
    this.#turn = this.#turn.then(async () => {
      for (const rollout of this.#live?.byName.values() ?? []) await this.#answer(rollout)
    })
  }

  async #answer(rollout: ArgoRollout): Promise<void> {
    const followed = this.#followed?.byName.get(rollout.spec.workloadRef?.name ?? '')
    if (!followed) return
    const status = follow(rollout, followed)
    const before = { ...rollout.status } as Record<string, Json>
    const same = ([field, value]: [string, unknown]) => jsonEqual((value ?? null) as Json, before[field] ?? null)
    if (Object.entries(status).every(same)) return
    const { name, resourceVersion } = rollout.metadata
    try {
      await this.#plane.api.patch(`${this.#path}/${name}/status`, 'merge', { metadata: { resourceVersion }, status })
      const weight = status.canary?.weights?.canary?.weight ?? 0
      if (this.weights.at(-1) !== weight) this.weights.push(weight)
    } catch (error) {
      // A change since then comes as an event of its own.
      if (!(error instanceof ApiError && (error.status === 409 || error.status === 404))) throw error
    }
  }
}

function follow(rollout: ArgoRollout, { metadata, spec }: Deployment): Played {
  const steps = stepsOf(rollout)
  const before = (rollout.status ?? {}) as Played
  const hash = digestOfJson(spec.template as unknown as Json).slice(7, 17)
  const status: Played = {
    ...before,
    observedGeneration: String(rollout.metadata.generation),
    workloadObservedGeneration: String(metadata.generation),
    currentPodHash: hash,
    stableRS: before.stableRS ?? hash,
  }
  const end = (weight: number) =>
    Object.assign(status, {
      phase: 'Healthy',
      message: null,
      currentStepIndex: steps.length,
      stableRS: hash,
      promoteFull: null,
      abort: null,
      controllerPause: null,
      pauseConditions: null,
      canary: weigh(weight),
    })
  if (before.currentPodHash !== hash) {
    Object.assign(status, {
      abort: null,
      promoteFull: null,
      controllerPause: null,
      pauseConditions: null,
      currentStepIndex: 0,
    })
    if (status.stableRS === hash) return end(0)
  }
  if (status.promoteFull || status.stableRS === hash) return end(0)
  if (status.abort) {
    const message = 'RolloutAborted: Rollout aborted update'
    return Object.assign(status, {
      phase: 'Degraded',
      message,
      currentStepIndex: 0,
      controllerPause: null,
      pauseConditions: null,
      canary: weigh(0),
    })
  }
  for (let index = status.currentStepIndex ?? 0; ; index++) {
    status.currentStepIndex = index
    const step = steps[index]
    if (!step) return end(0)
    if (step.setWeight !== undefined) status.canary = weigh(step.setWeight)
    if (!step.pause) continue
    const paused = (status.pauseConditions ?? []).length > 0
    if (status.controllerPause && !paused) {
      status.controllerPause = null
      continue
    }
    const pauseConditions = paused
      ? status.pauseConditions!
      : [{ reason: 'CanaryPauseStep', startTime: new Date().toISOString() }]
    return Object.assign(status, {
      phase: 'Paused',
      message: 'CanaryPauseStep',
      controllerPause: true,
      pauseConditions,
    })
  }
}

const weigh = (weight: number) => ({
  weights: { canary: { weight, serviceName: 'c' }, stable: { weight: 100 - weight, serviceName: 's' } },
})
