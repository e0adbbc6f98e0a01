import { ConfigurationError, messageOf, type Problem } from '@agent-ci/core/errors'
import type { JsonObject } from '@agent-ci/core/json'
import { forLog } from '@agent-ci/core/untrusted'
import { ApiError } from '../kubernetes/api-error.ts'
import type { Cluster, JsonPatch } from '../kubernetes/cluster.ts'
import { formatReference, type NamedObject, type ObjectReference } from '../kubernetes/object.ts'
import { type Permission, permit } from '../kubernetes/permissions.ts'
import { type Deployment, deploymentNamed } from '../kubernetes/workload.ts'
import { leftBehind, reappliers } from './bystanders.ts'
import { CanaryService, canaryServiceOf, type TrafficApp } from './canary-service.ts'
import { canaryPodLabels, type LabelRule } from './canary-workload.ts'
import { readyEndpoints } from './endpoints.ts'
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
import {
  adoptionPatch,
  type PairBefore,
  recordPairs,
  restorePatch,
  shareOfPair,
  splitWeights,
  totalOf,
  type WeightedPair,
  weightDrift,
  weightPatch,
} from './weighted-route.ts'

/** Whether a route's controller has taken its present generation; `seen`: it has, and found fault with it. */
export type Acceptance =
  | { readonly state: 'accepted' }
  | { readonly state: 'waiting'; readonly why: string; readonly seen?: true }

/** How one kind of route holds its weights. */
export interface RouteForm<T extends NamedObject> {
  readonly reference: ObjectReference
  readonly permissions: readonly Permission[]
  pairs(route: T): readonly WeightedPair[]
  /** What `prepare` adds beside stable. */
  canaryEntry(route: T, pair: WeightedPair): JsonObject
  /** Whether the present generation is in force. */
  acceptance(route: T): Acceptance
  /** By which labels canary pods are told apart, given the selector of the stable Service. */
  labelRule(cluster: Cluster, selector: Labels): Promise<LabelRule>
  /** What only this kind of route can be wrong in. */
  preflight(cluster: Cluster, route: T): Promise<Preflight>
  /** What the route leans on, put in place before the canary joins it and taken away after it left. */
  readonly support?: {
    prepare(cluster: Cluster, times: TrafficTimes, options: Cancellable): Promise<void>
    restore(cluster: Cluster, times: TrafficTimes, options: Cancellable): Promise<void>
  }
}

export interface RouteRules {
  /** How long a route may take to take a change, in `prepare` and `restore`. */
  readonly acceptanceMs: number
}

const ROUTE_RULES: RouteRules = { acceptanceMs: 60_000 }

type Before = { readonly pairs: readonly PairBefore[] }

/** Weights in the rules of one route object, written by patches that say what they were made for. */
export class RouteRouter<T extends NamedObject> implements TrafficRouter {
  readonly moves = 'weight'
  readonly permissions: readonly Permission[]
  private readonly cluster: Cluster
  private readonly app: TrafficApp
  private readonly form: RouteForm<T>
  private readonly times: TrafficTimes
  private readonly rules: RouteRules
  private readonly service: CanaryService
  private readonly record: TrafficRecord<Before>

  constructor(cluster: Cluster, app: TrafficApp, form: RouteForm<T>, times: TrafficTimes, rules = ROUTE_RULES) {
    this.cluster = cluster
    this.app = app
    this.form = form
    this.times = times
    this.rules = rules
    this.service = new CanaryService(cluster, app, times)
    this.record = new TrafficRecord(cluster, app.app, 'weights', times)
    this.permissions = [
      ...form.permissions,
      ...permit('', 'services', ['get', 'list', 'create', 'patch', 'delete']),
      ...permit('', 'configmaps', ['get', 'create', 'update', 'delete']),
      ...permit('apps', 'deployments', ['get']),
      ...permit('discovery.k8s.io', 'endpointslices', ['list']),
    ]
  }

  describe(): string {
    const { kind, name } = this.form.reference
    return `${kind} ${name}: ${this.app.service} (stable) and ${canaryServiceOf(this.app)} (canary)`
  }

  through(cluster: Cluster): RouteRouter<T> {
    return new RouteRouter(cluster, this.app, this.form, this.times, this.rules)
  }

  async canaryLabels(podLabels: Labels): Promise<Labels> {
    return canaryPodLabels(podLabels, await this.labelRule())
  }

  async preflight(): Promise<Preflight> {
    const route = await this.cluster.get<T>(this.form.reference)
    const title = formatReference(this.form.reference)
    if (!route)
      return {
        problems: [
          {
            what: `There is no ${title} in namespace ${this.cluster.namespace}`,
            why: 'Its weights are what moves the traffic',
            mend: `Name the ${this.form.reference.kind} that leads to service ${this.app.service}, or use traffic: replicas`,
          },
        ],
        warnings: [],
      }
    const pairs = this.form.pairs(route)
    const special = await this.form.preflight(this.cluster, route)
    const problems: Problem[] = [...special.problems, ...pairProblems(pairs, title, this.app.service)]
    const warnings = [...special.warnings]
    try {
      const rule = await this.labelRule()
      problems.push(...(await this.service.problems(rule)))
      warnings.push(...(await this.bystanders(rule)))
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error
      problems.push(...error.problems)
    }
    problems.push(...(await this.refusal(route, pairs)))
    for (const { title: rule, others } of pairs)
      if (others > 0) warnings.push(`${rule} of ${title} also leads to other backends: their share stays as it is`)
    for (const manager of reappliers(route))
      warnings.push(
        `${manager} manages ${title} and may write our weights back, which ends the rollout: have it ignore the weights and the backend ${canaryServiceOf(this.app)}`,
      )
    return { problems, warnings }
  }

  async achievable(weights: readonly number[]): Promise<readonly AchievableWeight[]> {
    const route = await this.cluster.get<T>(this.form.reference)
    const totals = route ? this.form.pairs(route).map(totalOf) : []
    const total = Math.min(100, ...totals)
    return markRepeats(
      weights.map((asked) => {
        const { canary } = splitWeights(total, asked)
        const real = (canary * 100) / total
        const how = `asked ${asked} %, the rule has ${total} parts to give, which makes ${formatShare(real)}`
        return { asked, real, how: Math.abs(real - asked) < 0.5 ? '' : how }
      }),
    )
  }

  async prepare(options: Cancellable): Promise<void> {
    const route = await this.route()
    const known = (await this.record.read())?.pairs ?? []
    await this.record.keep({ pairs: recordPairs(this.form.pairs(route), known) }, options)
    await this.service.create(await this.labelRule(), options)
    await this.form.support?.prepare(this.cluster, this.times, options)
    await this.write((now) => adoptionPatch(this.form.pairs(now), (pair) => this.form.canaryEntry(now, pair)), options)
    await this.waitAccepted(options)
  }

  async read(): Promise<number | undefined> {
    const route = await this.cluster.get<T>(this.form.reference)
    const shares = route ? this.form.pairs(route).flatMap((pair) => shareOfPair(pair) ?? []) : []
    return shares.length === 0 ? undefined : Math.max(...shares)
  }

  async set(weight: number, options: Cancellable): Promise<void> {
    if (weight > 0) await this.service.waitUntilReachable(options)
    await this.write((route) => {
      const pairs = this.form.pairs(route)
      if (weight > 0 && !pairs.some(({ canary }) => canary))
        throw new Error(
          `${formatReference(this.form.reference)} does not hold ${this.service.name}: it was not prepared, or somebody took it out`,
        )
      return weightPatch(pairs, weight)
    }, options)
  }

  async verify(weight: number): Promise<RouteState> {
    const route = await this.cluster.get<T>(this.form.reference)
    if (!route) return { state: 'lost', why: `${formatReference(this.form.reference)} is not there any more` }
    const drift = weightDrift(this.form.pairs(route), weight)
    if (drift !== undefined) {
      const [manager] = reappliers(route)
      return { state: 'lost', why: `${drift}: ${manager === undefined ? 'somebody' : manager} changed it after us` }
    }
    if (weight > 0 && (await readyEndpoints(this.cluster, this.service.name)).size === 0)
      return { state: 'waiting', why: `service ${this.service.name} leads to no ready pod` }
    const acceptance = this.form.acceptance(route)
    return acceptance.state === 'accepted' ? acceptance : { state: 'waiting', why: acceptance.why }
  }

  async restore(options: Cancellable): Promise<void> {
    const before = (await this.record.read())?.pairs ?? []
    await this.set(0, options)
    const zero = await this.cluster.get<T>(this.form.reference)
    // No request may be on its way to a Service that is about to go.
    if (zero && this.form.pairs(zero).some(({ canary }) => canary)) {
      await this.waitAccepted(options, true)
      await this.write((route) => restorePatch(this.form.pairs(route), before), options)
      await this.waitAccepted(options, true)
    }
    await this.form.support?.restore(this.cluster, this.times, options)
    await this.service.remove(options)
    await this.record.forget(options)
  }

  private async route(): Promise<T> {
    const route = await this.cluster.get<T>(this.form.reference)
    if (!route) throw new Error(`${formatReference(this.form.reference)} is not there`)
    return route
  }

  private write(change: (route: T) => JsonPatch, options: Cancellable): Promise<T | undefined> {
    return patchGuarded(this.cluster, this.form.reference, change, this.times, options)
  }

  private async labelRule(): Promise<LabelRule> {
    const { spec } = await this.service.stable()
    return this.form.labelRule(this.cluster, spec.selector)
  }

  private async bystanders(rule: LabelRule): Promise<string[]> {
    const deployment = await this.cluster.get<Deployment>(deploymentNamed(this.app.deployment))
    const stable = deployment?.spec.template.metadata?.labels ?? {}
    return leftBehind(this.cluster, stable, canaryPodLabels(stable, rule), [this.app.service, this.service.name])
  }

  /** What the API server has against the canary in the route, by a dry run. */
  private async refusal(route: T, pairs: readonly WeightedPair[]): Promise<Problem[]> {
    const patch = adoptionPatch(pairs, (pair) => this.form.canaryEntry(route, pair))
    if (patch.length === 0) return []
    try {
      await this.cluster.patch(this.form.reference, patch, { dryRun: true })
      return []
    } catch (error) {
      if (!(error instanceof ApiError && (error.status === 403 || error.status === 422))) throw error
      return [
        {
          what: `${formatReference(this.form.reference)} would not take the canary: ${forLog(messageOf(error))}`,
          why: 'The canary joins the route as a further backend with weight 0',
          mend: 'Make room for it in the route, or allow the change',
        },
      ]
    }
  }

  /** `seenIsEnough` on the way back: that a backend of somebody else's went missing must not keep us from cleaning up. */
  private async waitAccepted({ signal }: Cancellable, seenIsEnough = false): Promise<void> {
    const since = this.times.now()
    for (;;) {
      const state = this.form.acceptance(await this.route())
      if (state.state === 'accepted' || (seenIsEnough && state.seen)) return
      if (this.times.now() - since > this.rules.acceptanceMs)
        throw new Error(`${formatReference(this.form.reference)} did not take the change in time: ${state.why}`)
      await this.times.sleep(250, signal)
    }
  }
}

function pairProblems(pairs: readonly WeightedPair[], title: string, service: string): Problem[] {
  if (pairs.length === 0)
    return [
      {
        what: `${title} does not lead to service ${service}`,
        why: 'There is no weight that the canary could share',
        mend: 'Name the route and the Service that belong together',
      },
    ]
  return pairs
    .filter((pair) => totalOf(pair) < 2)
    .map((pair) => ({
      what: `${pair.title} of ${title} gives service ${service} the weight ${totalOf(pair)} beside other backends`,
      why: 'A weight of so few parts cannot be divided, and the other backends are not ours to change',
      mend: 'Write the same ratio in larger numbers: 100 and 100 in place of 1 and 1',
    }))
}
