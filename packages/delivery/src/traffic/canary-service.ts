import { ConfigurationError, type Problem } from '@agent-ci/core/errors'
import type { Cluster } from '../kubernetes/cluster.ts'
import { type Deployment, deploymentNamed } from '../kubernetes/workload.ts'
import {
  CANARY,
  canaryName,
  canaryPodLabels,
  canarySelector,
  isOurs,
  type LabelRule,
  selects,
} from './canary-workload.ts'
import { readyEndpoints } from './endpoints.ts'
import { again } from './guarded-write.ts'
import type { Cancellable, Labels, TrafficTimes } from './router.ts'
import { type Service, serviceLike, serviceNamed } from './service.ts'

/** The app whose traffic is moved, as it is in the cluster. */
export interface TrafficApp {
  readonly app: string
  /** The Deployment with the stable pods. */
  readonly deployment: string
  /** The Service through which they are reached. */
  readonly service: string
  /** The canary's own Service; `<service>-canary` where not given. */
  readonly canaryService?: string | undefined
}

export const canaryServiceOf = ({ service, canaryService }: TrafficApp): string => canaryService ?? canaryName(service)

const ENDPOINT_PATIENCE_MS = 10_000

/** The Service that leads to canary pods and no others: made for a rollout and removed after it, but where the user has one. */
export class CanaryService {
  readonly name: string
  private readonly cluster: Cluster
  private readonly app: TrafficApp
  private readonly times: TrafficTimes
  private readonly track: string

  constructor(cluster: Cluster, app: TrafficApp, times: TrafficTimes, track: string = CANARY) {
    this.track = track
    this.cluster = cluster
    this.app = app
    this.times = times
    this.name = canaryServiceOf(app)
  }

  /** The Service of the stable side. @throws ConfigurationError when it is not there or selects nothing */
  async stable(): Promise<Service & { readonly spec: { readonly selector: Labels } }> {
    const { service } = this.app
    const found = await this.cluster.get<Service>(serviceNamed(service))
    const selector = found?.spec.selector
    if (!found || !selector || Object.keys(selector).length === 0)
      throw new ConfigurationError({
        what: found ? `service ${service} selects no pods` : `There is no service ${service}`,
        why: 'Traffic is moved between the pods that this Service selects and those of the canary',
        mend: found
          ? 'Name the Service that selects the pods of the app'
          : 'Create it, or name the one that the app has',
      })
    return { ...found, spec: { ...found.spec, selector } }
  }

  /** Makes the Service, or leaves the user's own. `rule` says how the canary's labels differ. */
  async create(rule: LabelRule, { signal }: Cancellable): Promise<void> {
    await again(this.times, signal, async () => {
      const found = await this.cluster.get<Service>(serviceNamed(this.name))
      if (found && !isOurs(found.metadata, this.app.app)) return
      const deployment = await this.deployment()
      const labels = canaryPodLabels(deployment.spec.template.metadata?.labels ?? {}, rule, this.track)
      const wanted = serviceLike(await this.stable(), this.name, this.app.app, canarySelector(deployment, labels))
      await this.cluster.apply(wanted, { force: true })
    })
  }

  /** Removes the Service where it is ours. */
  async remove({ signal }: Cancellable): Promise<void> {
    await again(this.times, signal, async () => {
      const found = await this.cluster.get<Service>(serviceNamed(this.name))
      if (!found || !isOurs(found.metadata, this.app.app)) return
      const { uid } = found.metadata
      await this.cluster.remove(serviceNamed(this.name), uid === undefined ? {} : { uid })
    })
  }

  /** What keeps a canary from being reached through this Service; nothing is changed. `selector`: that of stable, if not its present one. */
  async problems(rule: LabelRule, selector?: Labels): Promise<readonly Problem[]> {
    const deployment = await this.cluster.get<Deployment>(deploymentNamed(this.app.deployment))
    if (!deployment)
      return [
        {
          what: `There is no deployment ${this.app.deployment}`,
          why: 'The canary is made after its example',
          mend: 'Name the Deployment with the pods of the app; its first release needs no canary',
        },
      ]
    const stablePods = deployment.spec.template.metadata?.labels ?? {}
    if (!selects(selector ?? (await this.stable()).spec.selector, stablePods))
      return [
        {
          what: `service ${this.app.service} does not select the pods of deployment ${this.app.deployment}`,
          why: 'Its traffic would not reach the stable side',
          mend: 'Name the Service and the Deployment that belong together',
        },
      ]
    const own = await this.cluster.get<Service>(serviceNamed(this.name))
    if (!own || isOurs(own.metadata, this.app.app)) return []
    const canaryPods = canaryPodLabels(stablePods, rule, this.track)
    if (selects(own.spec.selector, canaryPods) && !selects(own.spec.selector, stablePods)) return []
    return [
      {
        what: `service ${this.name} is not ours and does not select canary pods alone`,
        why: 'The canary needs a Service of its own',
        mend: `Have it select ${Object.entries(canarySelector(deployment, canaryPods))
          .map(([key, value]) => `${key}: ${value}`)
          .join(', ')}, or remove it, then it is made for each rollout`,
      },
    ]
  }

  /** Waits until the canary can be reached. @throws Error when none of its pods is ready */
  async waitUntilReachable({ signal }: Cancellable): Promise<void> {
    const since = this.times.now()
    while ((await readyEndpoints(this.cluster, this.name)).size === 0) {
      if (this.times.now() - since > ENDPOINT_PATIENCE_MS)
        throw new Error(
          `service ${this.name} leads to no ready pod: the canary gets no traffic, which would be answered with 503`,
        )
      await this.times.sleep(200, signal)
    }
  }

  private async deployment(): Promise<Deployment> {
    const found = await this.cluster.get<Deployment>(deploymentNamed(this.app.deployment))
    if (!found) throw new Error(`deployment ${this.app.deployment} is not there: nothing to make a canary after`)
    return found
  }
}
