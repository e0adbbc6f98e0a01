import { DEFAULT_RULES, type ValueMetric } from '../metric.ts'
import type { LogicalMetric, Mapping } from './names.ts'

/** Of kube-state-metrics. */
export const POD_NAMES: readonly LogicalMetric[] = [
  { logical: 'restarts', required: false, type: 'counter', spellings: ['kube_pod_container_status_restarts_total'] },
  {
    logical: 'terminations',
    required: false,
    type: 'gauge',
    spellings: ['kube_pod_container_status_last_terminated_reason'],
  },
]

/** No data is no matter here: the rollout reads the pods themselves too. */
const rules = {
  ...DEFAULT_RULES,
  kind: 'value',
  onNoData: 'pass',
  onInsufficient: 'pass',
  onViolation: 'fail',
  minSamples: 0,
  samples: undefined,
  windowMs: 300_000,
} as const

/** Restarts and OOM kills of the canary's pods. Its pods are new, so that raw values are all theirs, and `increase` would miss the first. */
export function podMetrics(mapping: Mapping): ValueMetric[] {
  const restarts = mapping.get('restarts')
  if (restarts === undefined) return []
  const terminations = mapping.get('terminations')
  const none = `0 * sum(${restarts}{$pods})`
  return [
    { ...rules, name: 'restarts', unit: 'restarts', query: `sum(${restarts}{$pods})`, limits: { max: 0 } },
    ...(terminations === undefined
      ? []
      : [
          {
            ...rules,
            name: 'oom-kills',
            unit: 'containers',
            query: `sum(${terminations}{$pods,reason="OOMKilled"}) or ${none}`,
            limits: { max: 0 },
          },
        ]),
  ]
}
