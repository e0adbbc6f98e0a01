import { ConfigurationError } from '@agent-ci/core/errors'
import type { BadLabel, Metric } from '../metric.ts'
import type { PrometheusClient } from '../prometheus/client.ts'
import { formatSelector, type Matcher } from '../prometheus/selector.ts'
import { UnseenError } from '../unseen.ts'
import { genaiMetrics } from './genai.ts'
import { GENAI_NAMES } from './genai-names.ts'
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
  http: '.*(agent_request|http_request|http_server_request).*',
  genai: '.*gen_ai.*',
}

/** What belongs to no application: pods as kube-state-metrics tells them, and a price list. */
const SHARED = 'kube_pod_container_status_.*|llm_price_.*'

export interface Detection {
  /** Labels that the application's series carry, where several applications share a Prometheus. */
  readonly within: readonly Matcher[]
  /** Whether the names of the arms' pods are known. */
  readonly withPods: boolean
  readonly signal: AbortSignal
}

const NAMES: Readonly<Record<Pack, readonly LogicalMetric[]>> = {
  http: HTTP_NAMES,
  genai: GENAI_NAMES,
}

async function detectBadLabel(
  client: PrometheusClient,
  requests: string,
  { within, signal }: Detection,
): Promise<BadLabel> {
  const labels = BAD_LABELS.map(({ label }) => label)
  const selector = formatSelector(requests, within)
  const { series } = await client.query(`count by (${labels.join(', ')}) (${selector})`, { signal })
  const found = BAD_LABELS.find(({ label }) => series.some((one) => (one.labels[label] ?? '') !== ''))
  if (found) return found
  if (series.length === 0)
    throw new UnseenError({
      what: `${requests} has no series now`,
      why: 'Prometheus had some in the last hour, and which of their labels tells errors is not known',
      mend: 'Check that the agent is scraped: the targets page of Prometheus names what it finds',
    })
  throw new ConfigurationError({
    what: `${requests} has no label that tells errors`,
    why: `Searched for ${labels.join(', ')}; without one every request would look fine`,
    mend: 'Expose for example status="success" and status="error", or name your own queries in a metrics file',
  })
}

/** Finds the metrics of a pack in a Prometheus. Throws {@link ConfigurationError} where what it needs is missing. */
export async function detectPack(client: PrometheusClient, pack: Pack, detection: Detection): Promise<DetectedPack> {
  const { within, withPods, signal } = detection
  const namesLike = (pattern: string, matchers: readonly Matcher[]) =>
    client.labelValues(
      '__name__',
      formatSelector('', [{ label: '__name__', operator: '=~', value: pattern }, ...matchers]),
      { signal },
    )
  const own = await namesLike(CANDIDATES[pack], within)
  const names = [...own, ...(await namesLike(SHARED, []))]
  const table = [...NAMES[pack], ...(withPods ? POD_NAMES : [])]
  const mapping = mapNames(pack, table, names)
  const requests = mapping.get('requests')!
  if (pack === 'genai') {
    return { metrics: genaiMetrics(mapping), mapping: formatMapping(table, mapping), requests: `${requests}_count` }
  }
  const bad = await detectBadLabel(client, requests, detection)
  return {
    metrics: httpMetrics(mapping, bad),
    mapping: [...formatMapping(table, mapping), `errors -> ${bad.label}=~"${bad.pattern}"`],
    requests,
  }
}
