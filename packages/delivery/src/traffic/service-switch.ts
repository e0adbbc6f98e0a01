import { ConfigurationError, type Problem } from '@agent-ci/core/errors'
import type { Cluster, JsonPatch } from '../kubernetes/cluster.ts'
import { type Permission, permit } from '../kubernetes/permissions.ts'
import { type Deployment, deploymentNamed } from '../kubernetes/workload.ts'
import { leftBehind, reappliers } from './bystanders.ts'
import { CanaryService, type TrafficApp } from './canary-service.ts'
import { canaryName, canaryPodLabels } from './canary-workload.ts'
import { readyEndpoints, readyPods } from './endpoints.ts'
import { patchGuarded } from './guarded-write.ts'
import { markRepeats } from './replica-counts.ts'
import type {
  AchievableWeight,
  Cancellable,
  Labels,
  Preflight,
  RouteState,
  TrafficRouter,
  TrafficTimes,
} from './router.ts'
import { type Service, serviceNamed } from './service.ts'
import { TrafficRecord } from './traffic-record.ts'

/** The track of the side that is not live, and the suffix of its objects. */
export const PREVIEW = 'preview'

/** Blue-green: all traffic of a Service at once, by the labels that it selects. */
export class ServiceSwitch implements TrafficRouter {
  readonly moves = 'weight'
  readonly permissions: readonly Permission[] = [
    ...permit('', 'services', ['get', 'list', 'create', 'patch', 'delete']),
    ...permit('', 'configmaps', ['get', 'create', 'update', 'delete']),
    ...permit('', 'pods', ['list']),
    ...permit('apps', 'deployments', ['get']),
    ...permit('discovery.k8s.io', 'endpointslices', ['list']),
  ]
  private readonly cluster: Cluster
  private readonly app: TrafficApp
  private readonly times: TrafficTimes
  private readonly preview: CanaryService
  private readonly record: TrafficRecord<{ readonly selector: Labels }>

  constructor(cluster: Cluster, app: TrafficApp, times: TrafficTimes) {
    this.cluster = cluster
    this.app = { ...app, canaryService: app.canaryService ?? canaryName(app.service, PREVIEW) }
    this.times = times
    this.preview = new CanaryService(cluster, this.app, times, PREVIEW)
    this.record = new TrafficRecord(cluster, app.app, 'selector', times)
  }

  describe(): string {
    return `selector of service ${this.app.service}: from the pods of ${this.app.deployment} to those behind ${this.preview.name}`
  }

  through(cluster: Cluster): ServiceSwitch {
    return new ServiceSwitch(cluster, this.app, this.times)
  }

  async canaryLabels(podLabels: Labels): Promise<Labels> {
    return canaryPodLabels(podLabels, { keep: [], leave: [await this.original()] }, PREVIEW)
  }

  async preflight(): Promise<Preflight> {
    const problems: Problem[] = []
    const warnings: string[] = []
    try {
      const selector = await this.original()
      problems.push(...(await this.preview.problems({ keep: [], leave: [selector] }, selector)))
      const deployment = await this.cluster.get<Deployment>(deploymentNamed(this.app.deployment))
      const pods = deployment?.spec.template.metadata?.labels ?? {}
      const known = [this.app.service, this.preview.name]
      warnings.push(...(await leftBehind(this.cluster, pods, await this.canaryLabels(pods), known)))
      for (const manager of reappliers(await this.preview.stable()))
        warnings.push(
          `${manager} manages service ${this.app.service} and may write its selector back: have it ignore /spec/selector`,
        )
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error
      problems.push(...error.problems)
    }
    return { problems, warnings }
  }

  async achievable(weights: readonly number[]): Promise<readonly AchievableWeight[]> {
    return markRepeats(
      weights.map((asked) => {
        const real = asked === 0 ? 0 : 100
        return { asked, real, how: real === asked ? '' : `asked ${asked} %, a switch moves all traffic at once` }
      }),
    )
  }

  async prepare(options: Cancellable): Promise<void> {
    const selector = await this.original()
    await this.record.keep({ selector }, options)
    await this.preview.create({ keep: [], leave: [selector] }, options)
  }

  async read(): Promise<number | undefined> {
    const sides = await this.sides()
    const service = await this.cluster.get<Service>(serviceNamed(this.app.service))
    if (!sides || !service) return undefined
    if (holds(service, sides.preview)) return 100
    return holds(service, sides.stable) ? 0 : undefined
  }

  async set(weight: number, options: Cancellable): Promise<void> {
    if (weight !== 0 && weight !== 100) throw new Error(`a switch moves all traffic or none, not ${weight} %`)
    const sides = await this.sides()
    if (!sides) {
      if (weight === 0) return
      throw new Error(`service ${this.app.service} was not prepared for a switch`)
    }
    if (weight === 100) await this.preview.waitUntilReachable(options)
    const wanted = weight === 100 ? sides.preview : sides.stable
    await patchGuarded<Service>(
      this.cluster,
      serviceNamed(this.app.service),
      (service) => selectorPatch(service.spec.selector ?? {}, wanted),
      this.times,
      options,
    )
  }

  /** Whether new connections reach the pods of one side, all that are ready, and no others. */
  async verify(weight: number): Promise<RouteState> {
    const sides = await this.sides()
    const service = await this.cluster.get<Service>(serviceNamed(this.app.service))
    if (!service) return { state: 'lost', why: `service ${this.app.service} is not there any more` }
    if (!sides) return { state: 'lost', why: `service ${this.app.service} was not prepared for a switch` }
    const wanted = weight === 100 ? sides.preview : sides.stable
    if (!holds(service, wanted)) {
      const [manager = 'somebody'] = reappliers(service)
      return { state: 'lost', why: `the selector of service ${this.app.service} was changed after us, by ${manager}` }
    }
    const pods = await readyPods(this.cluster, service.spec.selector ?? {})
    const endpoints = await readyEndpoints(this.cluster, this.app.service)
    const reached = pods.filter(({ metadata }) => endpoints.has(metadata.uid!)).length
    if (reached === pods.length && reached === endpoints.size && reached > 0) return { state: 'accepted' }
    return {
      state: 'waiting',
      why: `service ${this.app.service} leads to ${reached} of ${pods.length} ready pods, and to ${endpoints.size - reached} others`,
    }
  }

  async restore(options: Cancellable): Promise<void> {
    await this.set(0, options)
    await this.preview.remove(options)
    await this.record.forget(options)
  }

  /** What the Service selected before the rollout. @throws ConfigurationError when it is not there or selects nothing */
  private async original(): Promise<Labels> {
    return (await this.record.read())?.selector ?? (await this.preview.stable()).spec.selector
  }

  /** The values of the selector that differ, on either side; undefined before `prepare`. */
  private async sides(): Promise<{ readonly stable: Labels; readonly preview: Labels } | undefined> {
    const before = await this.record.read()
    if (!before) return undefined
    const { selector } = before
    const other = canaryPodLabels(selector, { keep: [], leave: [selector] }, PREVIEW)
    const keys = Object.keys(selector).filter((key) => other[key] !== selector[key])
    const pick = (from: Labels) => Object.fromEntries(keys.map((key) => [key, from[key]!]))
    return { stable: pick(selector), preview: pick(other) }
  }
}

const holds = ({ spec }: Service, part: Labels): boolean =>
  Object.entries(part).every(([key, value]) => spec.selector?.[key] === value)

const selectorPatch = (now: Labels, wanted: Labels): JsonPatch =>
  Object.entries(wanted).flatMap(([key, value]): JsonPatch => {
    if (now[key] === value) return []
    const path = `/spec/selector/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`
    const before = now[key]
    return [...(before === undefined ? [] : [{ op: 'test', path, value: before } as const]), { op: 'add', path, value }]
  })
