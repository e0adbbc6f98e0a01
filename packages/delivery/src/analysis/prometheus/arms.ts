import { UnseenError } from '../unseen.ts'
import type { PrometheusClient } from './client.ts'
import { type Arms, escapeRegex, formatMatchers, formatSelector, type Matcher } from './selector.ts'

/** What an arm is called in the places that may become labels of its series; what is not known is left out. */
export interface ArmIdentity {
  /** `canary`, `stable`. */
  readonly track?: string
  readonly version?: string
  /** Of the ReplicaSet. */
  readonly podTemplateHash?: string
  readonly service?: string
  /** What the names of its pods begin with: `agent-service-canary-`. */
  readonly podPrefix?: string
}

export interface ArmIdentities {
  readonly namespace?: string
  readonly canary: ArmIdentity
  readonly stable: ArmIdentity
  /** The canary may have been promoted already. */
  readonly stableMayBeGone?: boolean
}

interface Candidate {
  readonly label: string
  readonly from: keyof ArmIdentity
}

/** No label for the arm is standard: the first of these under which series of stable are found is taken. */
export const ARM_LABELS: readonly Candidate[] = [
  { label: 'track', from: 'track' },
  { label: 'agent_ci_track', from: 'track' },
  { label: 'version', from: 'version' },
  { label: 'service_version', from: 'version' },
  { label: 'app_version', from: 'version' },
  { label: 'app_kubernetes_io_version', from: 'version' },
  { label: 'rollouts_pod_template_hash', from: 'podTemplateHash' },
  { label: 'pod_template_hash', from: 'podTemplateHash' },
  { label: 'service', from: 'service' },
  { label: 'job', from: 'service' },
  { label: 'destination_workload', from: 'service' },
  { label: 'pod', from: 'podPrefix' },
  { label: 'kubernetes_pod_name', from: 'podPrefix' },
  { label: 'pod_name', from: 'podPrefix' },
]

const NAMESPACE_LABELS = ['namespace', 'kubernetes_namespace', 'exported_namespace'] as const

/** The pods whose names begin with one prefix and not with a longer one of the other arm. */
function podMatchers(label: string, own: string, other: string): Matcher[] {
  const prefix = (text: string) => `${escapeRegex(text)}.*`
  return [
    { label, operator: '=~', value: prefix(own) },
    ...(other.startsWith(own) ? [{ label, operator: '!~', value: prefix(other) } as const] : []),
  ]
}

function matchersOf({ label, from }: Candidate, own: ArmIdentity, other: ArmIdentity): Matcher[] {
  if (from === 'podPrefix') return podMatchers(label, own.podPrefix!, other.podPrefix!)
  return [{ label, operator: '=', value: own[from]! }]
}

const matches = (value: string, matchers: readonly Matcher[]): boolean =>
  matchers.every(({ operator, value: wanted }) => {
    if (operator === '=') return value === wanted
    return new RegExp(`^(?:${wanted})$`).test(value) === (operator === '=~')
  })

export interface DetectedArms {
  readonly arms: Arms
  /** For the log: `track="canary" (3 series) against track="stable" (9 series)`. */
  readonly description: string
}

function podArms({ namespace, canary, stable }: ArmIdentities): Pick<Arms, 'pods'> {
  if (canary.podPrefix === undefined || stable.podPrefix === undefined) return {}
  const within: Matcher[] = namespace === undefined ? [] : [{ label: 'namespace', operator: '=', value: namespace }]
  return {
    pods: {
      canary: [...within, ...podMatchers('pod', canary.podPrefix, stable.podPrefix)],
      stable: [...within, ...podMatchers('pod', stable.podPrefix, canary.podPrefix)],
    },
  }
}

/** The labels of both arms as the user gives them. */
export const givenArms = (canary: readonly Matcher[], stable: readonly Matcher[], identities: ArmIdentities): Arms => ({
  canary,
  stable,
  ...podArms(identities),
})

/**
 * Finds by which label the series of a counter tell canary and stable apart. The canary need not exist yet; stable must. Throws
 * {@link UnseenError} naming what was tried and what the series carry.
 */
export async function detectArms(
  client: PrometheusClient,
  requests: string,
  identities: ArmIdentities,
  signal: AbortSignal,
): Promise<DetectedArms> {
  const { namespace, canary, stable, stableMayBeGone = false } = identities
  const candidates = ARM_LABELS.filter(
    ({ from }) => canary[from] !== undefined && stable[from] !== undefined && canary[from] !== stable[from],
  )
  const labels = [...new Set([...candidates.map(({ label }) => label), ...NAMESPACE_LABELS])]
  const { series } = await client.query(`count by (${labels.join(', ')}) (${formatSelector(requests, [])})`, { signal })
  const namespaceLabel = NAMESPACE_LABELS.find((label) =>
    series.some((one) => namespace !== undefined && one.labels[label] === namespace),
  )
  const within: Matcher[] =
    namespaceLabel === undefined ? [] : [{ label: namespaceLabel, operator: '=', value: namespace! }]
  const ours = series.filter((one) => within.every(({ label, value }) => one.labels[label] === value))
  for (const candidate of candidates) {
    const count = (matchers: readonly Matcher[]) =>
      ours
        .filter((one) => matches(one.labels[candidate.label] ?? '', matchers))
        .reduce((sum, one) => sum + (one.samples[0]?.value ?? 0), 0)
    const own = { canary: matchersOf(candidate, canary, stable), stable: matchersOf(candidate, stable, canary) }
    const found = { canary: count(own.canary), stable: count(own.stable) }
    // Once the canary is promoted, nothing of stable needs to be left.
    if (found.stable === 0 && !(stableMayBeGone && found.canary > 0)) continue
    return {
      arms: { canary: [...own.canary, ...within], stable: [...own.stable, ...within], ...podArms(identities) },
      description: `${formatMatchers(own.canary)} (${found.canary} series) against ${formatMatchers(own.stable)} (${found.stable} series)`,
    }
  }
  const tried = candidates.map((candidate) => formatMatchers(matchersOf(candidate, stable, canary)))
  const carried = labels.filter((label) => ours.some((one) => (one.labels[label] ?? '') !== ''))
  throw new UnseenError({
    what: `No label tells canary and stable apart in ${requests}`,
    why: `Searched for series with ${tried.join(' or ') || 'no label, since the arms have no name that differs'}; ${series.length === 0 ? 'the metric has no series' : `of these labels the series carry ${carried.join(', ') || 'none'}`}`,
    mend: 'Add the label to the pods and to the scrape configuration, or name the selectors of both arms in the metrics file',
  })
}
