import { ConfigurationError, type Problem } from '@agent-ci/core/errors'
import type { Cluster } from '../kubernetes/cluster.ts'
import type { NamedObject } from '../kubernetes/object.ts'
import { type Permission, permit } from '../kubernetes/permissions.ts'
import { type Deployment, deploymentNamed } from '../kubernetes/workload.ts'
import { CanaryService, type TrafficApp } from './canary-service.ts'
import { canaryName, canaryPodLabels, canarySelector, type LabelRule, selects } from './canary-workload.ts'
import { readyEndpoints, readyPods } from './endpoints.ts'
import { achievableByReplicas, replicaCounts, shareOf } from './replica-counts.ts'
import { scaleBoth } from './replica-scale.ts'
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

export interface ReplicasSettings extends TrafficApp {
  /** `<deployment>-canary` where not given. */
  readonly canaryDeployment?: string
  /** The size of the app; what its Deployment had when the rollout began where not given. */
  readonly replicas?: number
  /** How long pods may take to become available; 600 s where not given. */
  readonly availableMs?: number
}

interface Scaler extends NamedObject {
  readonly spec: { readonly scaleTargetRef?: { readonly kind?: string; readonly name?: string } }
}

interface Budget extends NamedObject {
  readonly spec: { readonly selector?: { readonly matchLabels?: Labels } }
}

/**
 * Traffic by the number of pods behind one Service. Connections, not requests, are spread over the pods: long ones (HTTP/2, gRPC, SSE) stay
 * where they are.
 */
export class ReplicasRouter implements TrafficRouter {
  readonly moves = 'pods'
  readonly permissions: readonly Permission[] = [
    ...permit('apps', 'deployments', ['get', 'patch']),
    ...permit('apps', 'replicasets', ['list']),
    ...permit('', 'pods', ['list']),
    ...permit('', 'services', ['get', 'list', 'create', 'patch', 'delete']),
    ...permit('', 'configmaps', ['get', 'create', 'update', 'delete']),
    ...permit('discovery.k8s.io', 'endpointslices', ['list']),
    ...permit('autoscaling', 'horizontalpodautoscalers', ['list']),
    ...permit('policy', 'poddisruptionbudgets', ['list']),
  ]
  private readonly cluster: Cluster
  private readonly settings: ReplicasSettings
  private readonly times: TrafficTimes
  private readonly service: CanaryService
  private readonly record: TrafficRecord<{ readonly replicas: number }>

  constructor(cluster: Cluster, settings: ReplicasSettings, times: TrafficTimes) {
    this.cluster = cluster
    this.settings = settings
    this.times = times
    this.service = new CanaryService(cluster, settings, times)
    this.record = new TrafficRecord(cluster, settings.app, 'replicas', times)
  }

  describe(): string {
    return `replicas of ${this.settings.deployment} (stable) and ${this.canary} (canary) behind service ${this.settings.service}`
  }

  through(cluster: Cluster): ReplicasRouter {
    return new ReplicasRouter(cluster, this.settings, this.times)
  }

  async canaryLabels(podLabels: Labels): Promise<Labels> {
    return canaryPodLabels(podLabels, await this.labelRule())
  }

  async preflight(): Promise<Preflight> {
    const problems: Problem[] = []
    const warnings: string[] = [
      'Without a router connections are spread over pods, not requests: HTTP/2, gRPC, SSE and WebSocket stay where they are',
    ]
    try {
      problems.push(...(await this.service.problems(await this.labelRule())))
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error
      problems.push(...error.problems)
    }
    const stable = await this.cluster.get<Deployment>(deploymentNamed(this.settings.deployment))
    if (!stable) return { problems, warnings }
    if ((await this.replicas()) === 0)
      problems.push({
        what: `deployment ${this.settings.deployment} has 0 replicas`,
        why: 'A share of no pods cannot be given to the canary',
        mend: 'Scale it up first',
      })
    for (const { metadata, spec } of await this.cluster.list<Scaler>('autoscaling/v2', 'HorizontalPodAutoscaler'))
      if (spec.scaleTargetRef?.kind === 'Deployment' && spec.scaleTargetRef.name === this.settings.deployment)
        problems.push({
          what: `horizontalpodautoscaler ${metadata.name} scales deployment ${this.settings.deployment}`,
          why: 'It would undo the number of pods that makes the weight, and counts canary pods in its average',
          mend: 'Use a route (traffic: gateway-api), or remove the autoscaler for the rollout',
        })
    const pods = stable.spec.template.metadata?.labels ?? {}
    for (const { metadata, spec } of await this.cluster.list<Budget>('policy/v1', 'PodDisruptionBudget'))
      if (selects(spec.selector?.matchLabels, pods))
        warnings.push(`poddisruptionbudget ${metadata.name} counts canary pods as it counts stable ones`)
    warnings.push(...(await this.strangers(pods)))
    return { problems, warnings }
  }

  async achievable(weights: readonly number[]): Promise<readonly AchievableWeight[]> {
    return achievableByReplicas(await this.replicas(), weights)
  }

  async prepare(options: Cancellable): Promise<void> {
    if (!(await this.record.read())) await this.record.keep({ replicas: await this.replicas() }, options)
    await this.service.create(await this.labelRule(), options)
  }

  async read(): Promise<number | undefined> {
    const canary = await this.cluster.get<Deployment>(deploymentNamed(this.canary))
    const stable = await this.cluster.get<Deployment>(deploymentNamed(this.settings.deployment))
    if (!canary || !stable) return undefined
    return shareOf({ stable: stable.spec.replicas ?? 1, canary: canary.spec.replicas ?? 1 })
  }

  async set(weight: number, options: Cancellable): Promise<void> {
    const replicas = await this.replicas()
    await scaleBoth(
      this.cluster,
      {
        stable: this.settings.deployment,
        canary: this.canary,
        wanted: replicaCounts(replicas, weight),
        replicas,
        timeoutMs: this.settings.availableMs ?? 600_000,
      },
      this.times,
      options,
    )
  }

  async verify(weight: number): Promise<RouteState> {
    const stable = await this.cluster.get<Deployment>(deploymentNamed(this.settings.deployment))
    const canary = await this.cluster.get<Deployment>(deploymentNamed(this.canary))
    if (!stable) return { state: 'lost', why: `deployment ${this.settings.deployment} is not there any more` }
    const wanted = replicaCounts(await this.replicas(), weight)
    const spec = { stable: stable.spec.replicas ?? 1, canary: canary ? (canary.spec.replicas ?? 1) : 0 }
    if (spec.stable !== wanted.stable || spec.canary !== wanted.canary)
      return {
        state: 'lost',
        why: `${spec.stable} stable and ${spec.canary} canary pods are asked for, not ${wanted.stable} and ${wanted.canary}: somebody scaled them after us`,
      }
    const endpoints = await readyEndpoints(this.cluster, this.settings.service)
    const pods = canary
      ? await readyPods(this.cluster, canarySelector(canary, canary.spec.template.metadata?.labels ?? {}))
      : []
    const reached = pods.filter(({ metadata }) => endpoints.has(metadata.uid!)).length
    // Stable may be sick; what may not be is that its pods take more than their part.
    if (reached === wanted.canary && endpoints.size - reached <= wanted.stable) return { state: 'accepted' }
    return {
      state: 'waiting',
      why: `service ${this.settings.service} leads to ${endpoints.size - reached} of ${wanted.stable} stable and ${reached} of ${wanted.canary} canary pods`,
    }
  }

  async restore(options: Cancellable): Promise<void> {
    await this.set(0, options)
    await this.service.remove(options)
    await this.record.forget(options)
  }

  private get canary(): string {
    return this.settings.canaryDeployment ?? canaryName(this.settings.deployment)
  }

  /** The size of the app: its Deployment's own is no longer it once a rollout has begun. */
  private async replicas(): Promise<number> {
    if (this.settings.replicas !== undefined) return this.settings.replicas
    const recorded = await this.record.read()
    if (recorded) return recorded.replicas
    const stable = await this.cluster.get<Deployment>(deploymentNamed(this.settings.deployment))
    return stable?.spec.replicas ?? 1
  }

  private async labelRule(): Promise<LabelRule> {
    const { spec } = await this.service.stable()
    return { keep: [spec.selector], leave: [] }
  }

  /** Other Deployments behind the Service: their pods take a share that the ratio does not know of. */
  private async strangers(stablePods: Labels): Promise<string[]> {
    const { spec } = await this.service.stable().catch(() => ({ spec: { selector: stablePods } }))
    const deployments = await this.cluster.list<Deployment>('apps/v1', 'Deployment')
    return deployments
      .filter(({ metadata }) => metadata.name !== this.settings.deployment && metadata.name !== this.canary)
      .filter((each) => selects(spec.selector, each.spec.template.metadata?.labels ?? {}))
      .map(
        ({ metadata }) =>
          `service ${this.settings.service} also leads to deployment ${metadata.name}, so that the shares are lower than stated`,
      )
  }
}
