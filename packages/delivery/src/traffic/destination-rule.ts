import type { JsonObject } from '@agent-ci/core/json'
import type { JsonPatch } from '../kubernetes/cluster.ts'
import type { NamedObject } from '../kubernetes/object.ts'
import type { Labels } from './router.ts'

/** A DestinationRule (networking.istio.io/v1), as far as we read it. */
export interface DestinationRule extends NamedObject {
  readonly spec: { readonly host: string; readonly subsets?: readonly Subset[] }
}

type Subset = JsonObject & { readonly name: string; readonly labels?: Labels }

export const destinationRuleNamed = (name: string) =>
  ({ apiVersion: 'networking.istio.io/v1', kind: 'DestinationRule', name }) as const

export const subsetOf = ({ spec }: DestinationRule, name: string): Subset | undefined =>
  spec.subsets?.find((subset) => subset.name === name)

/** The patch that adds a subset at the end; empty where one of that name is there. */
export const subsetAddition = (rule: DestinationRule, name: string, labels: Labels): JsonPatch =>
  subsetOf(rule, name)
    ? []
    : [{ op: 'add', path: `/spec/subsets/${rule.spec.subsets?.length ?? 0}`, value: { name, labels } }]

/** The patch that takes a subset away again, where it is exactly what we added. */
export function subsetRemoval({ spec }: DestinationRule, name: string, labels: Labels): JsonPatch {
  const index = (spec.subsets ?? []).findIndex((subset) => subset.name === name)
  const subset = spec.subsets?.[index]
  if (!subset || Object.keys(subset).length !== 2 || !sameLabels(subset.labels, labels)) return []
  return [
    { op: 'test', path: `/spec/subsets/${index}/name`, value: name },
    { op: 'remove', path: `/spec/subsets/${index}` },
  ]
}

const sameLabels = (a: Labels = {}, b: Labels): boolean =>
  Object.keys(a).length === Object.keys(b).length && Object.entries(b).every(([key, value]) => a[key] === value)
