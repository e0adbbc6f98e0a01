import { ArgoRolloutsRouter } from '@agent-ci/delivery/traffic/argo-rollouts'
import { type ArgoRollout, argoPhase } from '@agent-ci/delivery/traffic/argo-status'
import { deployment } from '../deployment.ts'
import { until } from '../until.ts'
import { type Site, signal, times } from './site.ts'

/** An app whose Deployment only holds the pod template that a Rollout of four pods follows. */
export class ArgoApp {
  readonly site: Site

  constructor(site: Site) {
    this.site = site
  }

  /** What leads it, as a run of its own would. */
  router(stepMs = 30_000): ArgoRolloutsRouter {
    const named = { app: 'agent', deployment: 'agent', rollout: 'agent', stepMs }
    return new ArgoRolloutsRouter(this.site.cluster, named, times)
  }

  read(): Promise<ArgoRollout> {
    return this.site.get<ArgoRollout>('rollouts', 'agent')
  }

  async create(steps: readonly object[]): Promise<void> {
    await this.site.create('deployments', deployment({ replicas: 0 }))
    await this.site.create('rollouts', {
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'Rollout',
      metadata: { name: 'agent' },
      spec: {
        replicas: 4,
        selector: { matchLabels: { app: 'agent' } },
        workloadRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'agent' },
        strategy: { canary: { steps } },
      },
    })
  }

  async healthy(): Promise<void> {
    await until(async () => argoPhase(await this.read()) === 'Healthy', {
      what: 'a healthy Rollout',
      timeoutMs: 60_000,
    })
  }

  /** Writes the template of a release; the tag is all that differs. */
  async write(tag: number): Promise<void> {
    const { template } = deployment({ image: `agent:${tag}` }).spec
    await this.site.plane.api.patch(this.site.path('deployments', 'agent'), 'merge', { spec: { template } })
  }

  /** The way there of the release 2, up to a weight. */
  async release(weights: readonly number[]): Promise<ArgoRolloutsRouter> {
    await this.router().prepare({ signal })
    await this.write(2)
    for (const weight of weights) await this.router().set(weight, { signal })
    return this.router()
  }

  /** The way back to the release 1, as `takeStepsBack` and `verify` go it. */
  async goBack(): Promise<void> {
    await this.router().set(0, { signal })
    await this.write(1)
    const failure = await this.router().finish({ timeoutMs: 30_000, patienceMs: 5_000 }, { signal })
    if (failure !== undefined) throw new Error(failure)
  }
}
