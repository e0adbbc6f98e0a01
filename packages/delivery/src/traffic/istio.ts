import type { Problem } from '@agent-ci/core/errors'
import { forLog } from '@agent-ci/core/untrusted'
import { isNotFound } from '../kubernetes/api-error.ts'
import type { Cluster } from '../kubernetes/cluster.ts'
import { permit } from '../kubernetes/permissions.ts'
import { type Deployment, deploymentNamed } from '../kubernetes/workload.ts'
import { canaryServiceOf, type TrafficApp } from './canary-service.ts'
import { CANARY, type LabelRule, selects, TRACK } from './canary-workload.ts'
import {
  type DestinationRule,
  destinationRuleNamed,
  subsetAddition,
  subsetOf,
  subsetRemoval,
} from './destination-rule.ts'
import { patchGuarded } from './guarded-write.ts'
import { type RouteForm, RouteRouter, type RouteRules } from './route-router.ts'
import type { Labels, Preflight, TrafficTimes } from './router.ts'
import {
  canaryDestination,
  isHostOf,
  type MeshPart,
  type VirtualService,
  virtualServicePairs,
} from './virtual-service.ts'

export interface IstioSettings extends TrafficApp {
  readonly virtualService: string
  /** Names of the HTTP routes that count; all that lead to the Service where not given. */
  readonly routes?: readonly string[]
  /** Where both sides are subsets of one host; two Services where not given. */
  readonly subsets?: {
    readonly destinationRule: string
    readonly stable: string
    /** Added to the DestinationRule for the rollout where it has none of this name. */
    readonly canary: string
  }
}

/** What the subset of the canary selects when we add it. */
const CANARY_LABELS: Labels = { [TRACK]: CANARY }

/** Traffic by the weights of an Istio VirtualService (networking.istio.io/v1). It tells nobody whether it is in force. */
export const istioRouter = (
  cluster: Cluster,
  settings: IstioSettings,
  times: TrafficTimes,
  rules?: RouteRules,
): RouteRouter<VirtualService> => new RouteRouter(cluster, settings, istioForm(settings), times, rules)

function istioForm(settings: IstioSettings): RouteForm<VirtualService> {
  const { service, subsets, routes } = settings
  const part: MeshPart = subsets
    ? { stable: { service, subset: subsets.stable }, canary: { service, subset: subsets.canary }, routes }
    : { stable: { service }, canary: { service: canaryServiceOf(settings) }, routes }
  return {
    reference: { apiVersion: 'networking.istio.io/v1', kind: 'VirtualService', name: settings.virtualService },
    permissions: [
      ...permit('networking.istio.io', 'virtualservices', ['get', 'patch']),
      ...permit('networking.istio.io', 'destinationrules', subsets ? ['get', 'list', 'patch'] : ['list']),
    ],
    pairs: (route) => virtualServicePairs(route, part),
    canaryEntry: (route, pair) => canaryDestination(route, pair, part.canary),
    acceptance: () => ({ state: 'accepted' }),
    labelRule: (cluster, selector) => labelRule(cluster, selector, subsets),
    preflight: (cluster, route) => preflight(cluster, route, settings),
    ...(subsets && {
      support: {
        prepare: async (cluster, times, options) => {
          const reference = destinationRuleNamed(subsets.destinationRule)
          const add = (rule: DestinationRule) => subsetAddition(rule, subsets.canary, CANARY_LABELS)
          await patchGuarded<DestinationRule>(cluster, reference, add, times, options)
        },
        restore: async (cluster, times, options) => {
          const reference = destinationRuleNamed(subsets.destinationRule)
          const remove = (rule: DestinationRule) => subsetRemoval(rule, subsets.canary, CANARY_LABELS)
          await patchGuarded<DestinationRule>(cluster, reference, remove, times, options)
        },
      },
    }),
  }
}

/** Two Services: the stable one must not select the canary. Two subsets: the Service must, and the stable subset must not. */
async function labelRule(cluster: Cluster, selector: Labels, subsets: IstioSettings['subsets']): Promise<LabelRule> {
  if (!subsets) return { keep: [], leave: [selector] }
  const rule = await cluster.get<DestinationRule>(destinationRuleNamed(subsets.destinationRule))
  const stable = rule && subsetOf(rule, subsets.stable)?.labels
  return { keep: [selector], leave: stable ? [stable] : [] }
}

async function preflight(cluster: Cluster, route: VirtualService, settings: IstioSettings): Promise<Preflight> {
  const { service, subsets } = settings
  const warnings: string[] = []
  if (route.spec.tcp !== undefined || route.spec.tls !== undefined)
    warnings.push(`virtualservice ${settings.virtualService} also has tcp or tls routes: those stay as they are`)
  if (subsets) return { problems: await subsetProblems(cluster, settings.deployment, subsets), warnings }
  for (const rule of await rulesOf(cluster))
    if (isHostOf(rule.spec.host, service, cluster.namespace))
      warnings.push(
        forLog(
          `destinationrule ${rule.metadata.name} applies to host ${service} and not to ${canaryServiceOf(settings)}: the canary has other limits`,
          300,
        ),
      )
  return { problems: [], warnings }
}

async function rulesOf(cluster: Cluster): Promise<DestinationRule[]> {
  try {
    return await cluster.list<DestinationRule>('networking.istio.io/v1', 'DestinationRule')
  } catch (error) {
    if (isNotFound(error)) return []
    throw error
  }
}

async function subsetProblems(
  cluster: Cluster,
  deployment: string,
  subsets: NonNullable<IstioSettings['subsets']>,
): Promise<Problem[]> {
  const rule = await cluster.get<DestinationRule>(destinationRuleNamed(subsets.destinationRule))
  const title = `destinationrule ${subsets.destinationRule}`
  const stable = rule && subsetOf(rule, subsets.stable)
  const labels = stable?.labels ?? {}
  if (!stable || Object.keys(labels).length === 0)
    return [
      {
        what: rule ? `${title} has no subset ${subsets.stable} with labels` : `There is no ${title}`,
        why: 'The stable side must be a subset that canary pods are not in',
        mend: `Give it a subset ${subsets.stable} with a label of the present pods, and have the VirtualService name it`,
      },
    ]
  const pods = (await cluster.get<Deployment>(deploymentNamed(deployment)))?.spec.template.metadata?.labels
  if (pods && !selects(labels, pods))
    return [
      {
        what: `Subset ${subsets.stable} of ${title} does not hold the pods of deployment ${deployment}`,
        why: 'Its traffic would reach nobody',
        mend: 'Name the subset that holds them',
      },
    ]
  const canary = subsetOf(rule, subsets.canary)?.labels
  if (!canary || selects(canary, { ...pods, ...CANARY_LABELS })) return []
  return [
    {
      what: `Subset ${subsets.canary} of ${title} does not select ${TRACK}=${CANARY}`,
      why: 'Canary pods carry that label, and would not be in it',
      mend: 'Give the subset that label, or remove it, then it is added for each rollout',
    },
  ]
}
