import { ConfigurationError } from '@agent-ci/core/errors'
import type { BadLabel, Metric } from '../metric.ts'
import type { PrometheusClient } from '../prometheus/client.ts'
import { GENAI_NAMES, genaiMetrics } from './genai.ts'
import { BAD_LABELS, HTTP_NAMES, httpMetrics } from './http.ts'
import { formatMapping, type LogicalMetric, mapNames } from './names.ts'
import { POD_NAMES } from './pods.ts'

export const PACKS = ['http', 'genai'] as const
export type Pack = (typeof PACKS)[number]

export interface DetectedPack {
  readonly metrics: readonly Metric[]
  /** For the log: what was taken for what. */
  readonly mapping: readonly string[]
  /** The counter of requests, by which arms and traffic are found. */
  readonly requests: string
}

const CANDIDATES: Readonly<Record<Pack, string>> = {
  http: '.*(agent_request|http_request|http_server_request).*|kube_pod_container_status_.*',
  genai: '.*(gen_ai|llm_price).*|kube_pod_container_status_.*',
}

const NAMES: Readonly<Record<Pack, readonly LogicalMetric[]>> = {
  http: HTTP_NAMES,
  genai: GENAI_NAMES,
}

async function detectBadLabel(client: PrometheusClient, requests: string, signal: AbortSignal): Promise<BadLabel> {
  const labels = BAD_LABELS.map(({ label }) => label)
  const { series } = await client.query(`count by (${labels.join(', ')}) (${requests})`, { signal })
  const found = BAD_LABELS.find(({ label }) => series.some((one) => (one.labels[label] ?? '') !== ''))
  if (found) return found
  throw new ConfigurationError({
    what: `${requests} has no label that tells errors`,
    why: `Searched for ${labels.join(', ')}; without one every request would look fine`,
    mend: 'Expose for example status="success" and status="error", or name your own queries in a metrics file',
  })
}

/** Finds the metrics of a pack in a Prometheus; `withPods` where the names of the arms' pods are known. Throws {@link ConfigurationError} where what it needs is missing. */
export async function detectPack(
  client: PrometheusClient,
  pack: Pack,
  withPods: boolean,
  signal: AbortSignal,
): Promise<DetectedPack> {
  const names = await client.labelValues('__name__', `{__name__=~"${CANDIDATES[pack]}"}`, { signal })
  const table = [...NAMES[pack], ...(withPods ? POD_NAMES : [])]
  const mapping = mapNames(pack, table, names)
  const requests = mapping.get('requests')!
  if (pack === 'genai') {
    return { metrics: genaiMetrics(mapping), mapping: formatMapping(table, mapping), requests: `${requests}_count` }
  }
  const bad = await detectBadLabel(client, requests, signal)
  return {
    metrics: httpMetrics(mapping, bad),
    mapping: [...formatMapping(table, mapping), `errors -> ${bad.label}=~"${bad.pattern}"`],
    requests,
  }
}
