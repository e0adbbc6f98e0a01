import type { Problem } from '@agent-ci/core/errors'
import type { Host } from '@agent-ci/core/host'
import type { ArmIdentities } from '@agent-ci/delivery/analysis/prometheus/arms'
import type { Cluster } from '@agent-ci/delivery/kubernetes/cluster'
import { missingPermissions } from '@agent-ci/delivery/kubernetes/permissions'
import { podsOf } from '@agent-ci/delivery/kubernetes/wait-for-deployments'
import { type Deployment, deploymentNamed, type Pod } from '@agent-ci/delivery/kubernetes/workload'
import type { BuiltRelease } from '@agent-ci/delivery/releases/build-release'
import { RELEASE } from '@agent-ci/delivery/releases/names'
import type { Staging } from '@agent-ci/delivery/rollout/staging'
import type { RolloutFollower, StepWeight } from '@agent-ci/delivery/rollout/watch'
import { followed } from '@agent-ci/delivery/traffic/argo-followed'
import { ArgoRolloutsRouter } from '@agent-ci/delivery/traffic/argo-rollouts'
import { canaryName, TRACK } from '@agent-ci/delivery/traffic/canary-workload'
import { createRouter, type TrafficSettings } from '@agent-ci/delivery/traffic/create'
import type { AchievableWeight, TrafficRouter } from '@agent-ci/delivery/traffic/router'
import { checksOf } from './checks.ts'
import type { DeploySettings } from './settings.ts'
import { planWatch, type WatchPlan } from './watch-plan.ts'

/** A rollout by steps as it was planned, with what was found on the way. */
export interface StagingPlan {
  /** undefined where there are problems, and for the first release of an app, which has nothing to be compared with. */
  readonly staging: Staging | undefined
  readonly problems: readonly Problem[]
  readonly warnings: readonly string[]
  /** What will be watched, how, and what it can see; for the log and for `plan`. */
  readonly lines: readonly string[]
  readonly weights: readonly AchievableWeight[]
  readonly watching: WatchPlan | undefined
}

const NOTHING_STAGED = {
  staging: undefined,
  problems: [],
  warnings: [],
  lines: [],
  weights: [],
  watching: undefined,
} as const
const ROUTE_TIMEOUT_MS = 60_000

const nothingFollowed = (app: string): Problem => ({
  what: `There is no deployment ${app}`,
  why: 'With traffic: argo-rollouts a Rollout brings its pod template into use, for which both have to be there',
  mend: 'Apply the Deployment (replicas: 0) and the Rollout that follows it once; docs/canary.md shows them',
})

/**
 * Plans the steps of a rollout on the cluster as it is: the weights that can be had, the metrics that answer, and what the comparison can see at
 * today's traffic. Changes nothing. `release` is the id of
 * the one to come, `analysis` what an earlier run of the same rollout had learnt.
 */
export async function planStaging(
  settings: DeploySettings,
  cluster: Cluster,
  host: Host,
  follower: RolloutFollower,
  release: string,
  analysis?: string,
): Promise<StagingPlan> {
  if (settings.strategy === 'rolling') return NOTHING_STAGED
  const { app } = settings.place
  if (!(await cluster.get<Deployment>(deploymentNamed(app)))) {
    if (settings.traffic.provider === 'argo-rollouts') return { ...NOTHING_STAGED, problems: [nothingFollowed(app)] }
    const line = `${app} is not in the cluster yet: its first release is deployed at once, for there is nothing to compare it with`
    return { ...NOTHING_STAGED, lines: [line] }
  }
  const traffic = trafficOf(settings)
  const router = createRouter(traffic, cluster, host)
  const denied = await missingPermissions(cluster, router.permissions)
  // A Rollout that may not be read cannot be looked at.
  if (denied.length > 0 && traffic.provider === 'argo-rollouts') return { ...NOTHING_STAGED, problems: denied }
  const found = await router.preflight()
  const problems = [...denied, ...found.problems]
  const weights = await router.achievable(settings.strategy === 'blue-green' ? [100] : settings.steps)
  const steps = weights
    .filter(({ repeats }) => !repeats)
    .map(({ asked, real }, index): StepWeight => ({ index, asked, real }))
  const lines = [`Traffic: ${router.describe()}`, ...weights.filter(({ how }) => how !== '').map(({ how }) => how)]
  const identities = await identitiesOf(settings, router, cluster, release)
  // Where pods may not be listed, the preflight says so.
  const servingSince = () => oldestPod(router, cluster, app).catch(() => undefined)
  const watching = await planWatch(settings.watch, { router, steps, identities, analysis, servingSince }, host)
  problems.push(...watching.problems)
  const staging: Staging | undefined =
    problems.length > 0 || !watching.watch
      ? undefined
      : {
          strategy: settings.strategy,
          traffic,
          router,
          steps,
          watch: watching.watch,
          follower,
          stepTimeoutMs: settings.watch.stepTimeoutMs,
          routeTimeoutMs: ROUTE_TIMEOUT_MS,
          onInconclusive: settings.onInconclusive,
          checks: checksOf(settings.checks, settings.outputDir, host),
          bake: watching.bake,
        }
  return {
    staging,
    problems,
    warnings: [...found.warnings, ...watching.warnings],
    lines: [...lines, ...watching.lines],
    weights,
    watching,
  }
}

/** When the oldest pod of the app's present template was created. */
async function oldestPod(router: TrafficRouter, cluster: Cluster, app: string): Promise<Date | undefined> {
  const pods = router.canaryPods ? await router.canaryPods() : await ownPods(cluster, app)
  const [oldest] = pods
    .map(({ metadata }) => metadata.creationTimestamp)
    .filter((at) => at !== undefined)
    .toSorted()
  return oldest === undefined ? undefined : new Date(oldest)
}

async function ownPods(cluster: Cluster, app: string): Promise<readonly Pod[]> {
  const deployment = await cluster.get<Deployment>(deploymentNamed(app))
  return deployment ? podsOf(cluster, deployment) : []
}

/** `HTTPRoute` names, `GRPCRoute/<name>`, and for istio `<VirtualService>` or `<VirtualService>/<DestinationRule>/<stable>/<canary>`. */
function trafficOf(settings: DeploySettings): TrafficSettings {
  const { place, strategy, traffic } = settings
  const where = { app: place.app, deployment: place.app, service: traffic.service }
  if (strategy === 'blue-green') return { provider: 'service-switch', ...where }
  const [first = '', second, third, fourth] = traffic.route.split('/')
  switch (traffic.provider) {
    case 'command':
      throw new Error('scripts move no object of a cluster')
    case 'replicas':
      return { provider: 'replicas', ...where }
    case 'argo-rollouts':
      return { provider: 'argo-rollouts', ...where, rollout: rolloutOf(settings) }
    case 'nginx':
      return { provider: 'nginx', ...where, ingress: traffic.route }
    case 'istio': {
      const subsets = second && third && fourth ? { destinationRule: second, stable: third, canary: fourth } : null
      return { provider: 'istio', ...where, virtualService: first, subsets }
    }
    case 'gateway-api':
      return {
        provider: 'gateway-api',
        ...where,
        kind: first === 'GRPCRoute' ? 'GRPCRoute' : 'HTTPRoute',
        route: second ?? first,
      }
  }
}

const rolloutOf = ({ place, traffic }: DeploySettings): string => traffic.route || place.app

/** A release as it is deployed: with argo-rollouts the app's Deployment is only the template that the Rollout follows. */
export function asFollowed(settings: DeploySettings, built: BuiltRelease): BuiltRelease {
  if (settings.traffic.provider !== 'argo-rollouts') return built
  const deployments = built.objects.deployments.map((deployment) =>
    deployment.metadata.name === settings.place.app ? followed(deployment, rolloutOf(settings)) : deployment,
  )
  return { ...built, objects: { ...built.objects, deployments } }
}

async function identitiesOf(
  { place, strategy }: DeploySettings,
  router: TrafficRouter,
  cluster: Cluster,
  release: string,
): Promise<ArmIdentities> {
  const stable = await cluster.get<Deployment>(deploymentNamed(place.app))
  const { labels, annotations } = stable?.spec.template.metadata ?? {}
  if (router instanceof ArgoRolloutsRouter) {
    const pods = `${router.rolloutName}-`
    return {
      namespace: place.namespace,
      canary: { podPrefix: pods },
      stable: { podPrefix: `${pods}${(await router.stableHash()) ?? ''}-` },
      // The template that the Rollout follows is of this release: it is under way already, or promoted.
      stableMayBeGone: annotations?.[RELEASE] === release,
    }
  }
  const preview = strategy === 'blue-green' ? 'preview' : 'canary'
  return {
    namespace: place.namespace,
    canary: { track: preview, podPrefix: `${canaryName(place.app)}-` },
    stable: { track: labels?.[TRACK] ?? 'stable', podPrefix: `${place.app}-` },
  }
}
