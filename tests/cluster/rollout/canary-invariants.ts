import { type Invariant, type Observer, observe, readyPods, routeWeights, type Snapshot } from '../observer.ts'
import type { CanarySite } from './canary-site.ts'

const WORKLOADS = ['agent-service', 'agent-service-canary', 'agent-service-preview']

/** Ready pods of the app, of both sides: a canary's pods differ from stable ones in one label. */
const servingPods = (snapshot: Snapshot): number =>
  new Set(
    [...WORKLOADS.map((workload) => ({ workload })), { 'agent-ci.dev/track': 'canary' }].flatMap((labels) =>
      readyPods(snapshot, labels).map(({ metadata }) => metadata.name),
    ),
  ).size

/** A route that nobody has touched gives its only backend the weight 1. */
const wholeWeight: Invariant = (snapshot) => {
  const weights = routeWeights(snapshot, 'agent')
  const total = [...weights.values()].reduce((sum, weight) => sum + weight, 0)
  return weights.size === 0 || total === 100 || (weights.size === 1 && total === 1)
    ? undefined
    : `the weights are ${JSON.stringify([...weights])}`
}

const enoughPods =
  (least: number): Invariant =>
  (snapshot) => {
    const pods = servingPods(snapshot)
    return pods >= least ? undefined : `${pods} pods are ready, fewer than ${least}`
  }

export interface Held<T> {
  readonly result: T
  readonly observer: Observer
  /** Every instant at which an invariant did not hold, and every request that reached no pod. */
  readonly problems: readonly string[]
}

/**
 * Runs `work` while an observer holds every change in the namespace against the invariants of a rollout: all weights sum up to 100, as many pods
 * are ready as the app has, and no request is sent where nobody answers. `leastPods` is for a site whose stable side is sick.
 */
export async function holding<T>(
  site: CanarySite,
  work: () => Promise<T>,
  leastPods = site.replicas,
): Promise<Held<T>> {
  const further = { services: 'api/v1', ...(site.gateway && { httproutes: 'apis/gateway.networking.k8s.io/v1' }) }
  const observer = await observe(site.plane.api, site.namespace, further)
  const before = site.load?.answers.length ?? 0
  let result: T
  try {
    result = await work()
  } finally {
    await observer.stop()
  }
  const lost = (site.load?.answers ?? []).slice(before).filter(({ podIp, status }) => !podIp || status === 0)
  const problems = [
    ...observer.violations(wholeWeight),
    ...observer.violations(enoughPods(leastPods)),
    ...lost.map(({ service, status }) => `a request to ${service ?? 'nobody'} was answered ${status}`),
    ...(site.gateway?.missing ?? []).map((name) => `the route led to ${name}, which is not there`),
  ]
  return { result, observer, problems: [...new Set(problems)] }
}

/** Every weight that the canary had in the route, in order. */
export function canaryWeights({ snapshots }: Observer): number[] {
  const weights = snapshots.map((snapshot) => routeWeights(snapshot, 'agent').get('agent-service-canary') ?? 0)
  return weights.filter((weight, index) => weight !== weights[index - 1])
}
