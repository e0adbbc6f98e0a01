import { ConfigurationError, type Problem } from '@agent-ci/core/errors'
import type { Cluster, JsonPatch } from '../kubernetes/cluster.ts'
import { type Permission, permit } from '../kubernetes/permissions.ts'
import { type Deployment, deploymentNamed } from '../kubernetes/workload.ts'
import { leftBehind } from './bystanders.ts'
import { CanaryService, type TrafficApp } from './canary-service.ts'
import { canaryName, canaryPodLabels, isOurs, type LabelRule } from './canary-workload.ts'
import { readyEndpoints } from './endpoints.ts'
import { again, patchGuarded } from './guarded-write.ts'
import { canaryIngress, type Ingress, leadsTo, PREFIX, WEIGHT } from './nginx-ingress.ts'
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

export interface NginxSettings extends TrafficApp {
  readonly ingress: string
}

const ingressNamed = (name: string) => ({ apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', name }) as const

/**
 * Traffic by a second Ingress with the canary annotations of ingress-nginx, which was retired in March 2026; the app's own Ingress is only read.
 * It tells nobody whether it is in force.
 */
export class NginxRouter implements TrafficRouter {
  readonly moves = 'weight'
  readonly permissions: readonly Permission[] = [
    ...permit('networking.k8s.io', 'ingresses', ['get', 'create', 'patch', 'delete']),
    ...permit('', 'services', ['get', 'list', 'create', 'patch', 'delete']),
    ...permit('apps', 'deployments', ['get']),
    ...permit('discovery.k8s.io', 'endpointslices', ['list']),
  ]
  private readonly cluster: Cluster
  private readonly settings: NginxSettings
  private readonly times: TrafficTimes
  private readonly service: CanaryService
  private readonly name: string

  constructor(cluster: Cluster, settings: NginxSettings, times: TrafficTimes) {
    this.cluster = cluster
    this.settings = settings
    this.times = times
    this.service = new CanaryService(cluster, settings, times)
    this.name = canaryName(settings.ingress)
  }

  describe(): string {
    return `Ingress ${this.settings.ingress}: ${this.settings.service} (stable) and ${this.service.name} (canary) by ingress-nginx`
  }

  through(cluster: Cluster): NginxRouter {
    return new NginxRouter(cluster, this.settings, this.times)
  }

  async canaryLabels(podLabels: Labels): Promise<Labels> {
    return canaryPodLabels(podLabels, await this.labelRule())
  }

  async preflight(): Promise<Preflight> {
    const problems: Problem[] = []
    const warnings = [
      'ingress-nginx was retired in March 2026 and gets no security fixes: move to a Gateway (traffic: gateway-api)',
    ]
    const main = await this.cluster.get<Ingress>(ingressNamed(this.settings.ingress))
    if (!main || !leadsTo(main, this.settings.service))
      problems.push({
        what: main
          ? `ingress ${this.settings.ingress} does not lead to service ${this.settings.service}`
          : `There is no ingress ${this.settings.ingress} in namespace ${this.cluster.namespace}`,
        why: 'The canary gets a part of its traffic',
        mend: 'Name the Ingress and the Service that belong together',
      })
    const own = await this.cluster.get<Ingress>(ingressNamed(this.name))
    if (own && !isOurs(own.metadata, this.settings.app))
      problems.push({
        what: `ingress ${this.name} is there and is not ours`,
        why: 'ingress-nginx takes one canary Ingress for each rule, and this name is the one we would make',
        mend: 'Remove it for the rollout, or rename it',
      })
    try {
      const rule = await this.labelRule()
      problems.push(...(await this.service.problems(rule)))
      const deployment = await this.cluster.get<Deployment>(deploymentNamed(this.settings.deployment))
      const pods = deployment?.spec.template.metadata?.labels ?? {}
      const known = [this.settings.service, this.service.name]
      warnings.push(...(await leftBehind(this.cluster, pods, canaryPodLabels(pods, rule), known)))
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error
      problems.push(...error.problems)
    }
    return { problems, warnings }
  }

  async achievable(weights: readonly number[]): Promise<readonly AchievableWeight[]> {
    return markRepeats(weights.map((asked) => ({ asked, real: Math.round(asked), how: '' })))
  }

  async prepare(options: Cancellable): Promise<void> {
    await this.service.create(await this.labelRule(), options)
    await again(this.times, options.signal, async () => {
      if (await this.cluster.get<Ingress>(ingressNamed(this.name))) return
      const main = await this.cluster.get<Ingress>(ingressNamed(this.settings.ingress))
      if (!main) throw new Error(`ingress ${this.settings.ingress} is not there`)
      await this.cluster.create(canaryIngress(main, this.name, this.settings, this.service.name))
    })
  }

  async read(): Promise<number | undefined> {
    const weight = (await this.canary())?.metadata.annotations?.[WEIGHT]
    return weight === undefined ? undefined : Number(weight)
  }

  async set(weight: number, options: Cancellable): Promise<void> {
    if (weight > 0) await this.service.waitUntilReachable(options)
    const written = await patchGuarded<Ingress>(
      this.cluster,
      ingressNamed(this.name),
      ({ metadata }): JsonPatch => {
        const value = String(Math.round(weight))
        if (!isOurs(metadata, this.settings.app) || metadata.annotations?.[WEIGHT] === value) return []
        return [
          { op: 'test', path: `/metadata/annotations/${PREFIX}~1canary`, value: 'true' },
          { op: 'add', path: `/metadata/annotations/${WEIGHT.replace('/', '~1')}`, value },
        ]
      },
      this.times,
      options,
    )
    if (!written && weight > 0)
      throw new Error(`ingress ${this.name} is not there: it was not prepared, or somebody removed it`)
  }

  async verify(weight: number): Promise<RouteState> {
    const found = (await this.canary())?.metadata.annotations?.[WEIGHT]
    if (found !== String(Math.round(weight)))
      return {
        state: 'lost',
        why: `ingress ${this.name} ${found === undefined ? 'is not there any more' : `has the weight ${Number(found)}`}: somebody changed it after us`,
      }
    if (weight > 0 && (await readyEndpoints(this.cluster, this.service.name)).size === 0)
      return { state: 'waiting', why: `service ${this.service.name} leads to no ready pod` }
    return { state: 'accepted' }
  }

  async restore(options: Cancellable): Promise<void> {
    await this.set(0, options)
    await again(this.times, options.signal, async () => {
      const found = await this.canary()
      const uid = found?.metadata.uid
      if (found) await this.cluster.remove(ingressNamed(this.name), uid === undefined ? {} : { uid })
    })
    await this.service.remove(options)
  }

  /** Our canary Ingress. */
  private async canary(): Promise<Ingress | undefined> {
    const found = await this.cluster.get<Ingress>(ingressNamed(this.name))
    return found && isOurs(found.metadata, this.settings.app) ? found : undefined
  }

  private async labelRule(): Promise<LabelRule> {
    return { keep: [], leave: [(await this.service.stable()).spec.selector] }
  }
}
