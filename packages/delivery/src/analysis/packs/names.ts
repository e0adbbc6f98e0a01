import { ConfigurationError } from '@agent-ci/core/errors'

/** Something that a pack measures, under whatever name an exporter gives it. */
export interface LogicalMetric {
  readonly logical: string
  /** A pack without it is refused. */
  readonly required: boolean
  /** A histogram's spelling is the name before `_count`, `_sum` and `_bucket`. */
  readonly type: 'counter' | 'histogram' | 'gauge'
  /** In order of preference; a name may have a prefix, such as `agentgateway_`. */
  readonly spellings: readonly string[]
}

/** The names that were found, by logical name. */
export type Mapping = ReadonlyMap<string, string>

const suffixOf = (type: LogicalMetric['type']): string => (type === 'histogram' ? '_count' : '')

function find({ type, spellings }: LogicalMetric, names: readonly string[]): string | undefined {
  const suffix = suffixOf(type)
  const exact = spellings.find((spelling) => names.includes(`${spelling}${suffix}`))
  if (exact !== undefined) return exact
  for (const spelling of spellings) {
    const prefixed = names.find((name) => name.endsWith(`_${spelling}${suffix}`))
    if (prefixed !== undefined) return suffix === '' ? prefixed : prefixed.slice(0, -suffix.length)
  }
  return undefined
}

/** Maps logical names to what a Prometheus has. Throws {@link ConfigurationError} naming what was searched and found where a required one is missing. */
export function mapNames(pack: string, table: readonly LogicalMetric[], names: readonly string[]): Mapping {
  const mapping = new Map<string, string>()
  const problems = []
  for (const metric of table) {
    const found = find(metric, names)
    if (found !== undefined) mapping.set(metric.logical, found)
    else if (metric.required) {
      const native = metric.spellings.find((spelling) => metric.type === 'histogram' && names.includes(spelling))
      const seen = names.length === 0 ? 'nothing alike' : names.slice(0, 12).join(', ')
      problems.push({
        what: `The pack ${pack} finds no ${metric.logical} in Prometheus`,
        why:
          native === undefined
            ? `Searched for ${metric.spellings.map((name) => `${name}${suffixOf(metric.type)}`).join(', ')}; found ${seen}${names.length > 12 ? ` and ${names.length - 12} more` : ''}`
            : `${native} is a native histogram; expected classic buckets (${native}_bucket)`,
        mend: 'Check that the agent is scraped and has had a request in the last hour, or name your own queries in a metrics file',
      })
    }
  }
  if (problems.length > 0) throw new ConfigurationError(problems)
  return mapping
}

/** The mapping for a log: `requests -> agent_requests_total`. */
export const formatMapping = (table: readonly LogicalMetric[], mapping: Mapping): string[] =>
  table.map(({ logical }) => `${logical} -> ${mapping.get(logical) ?? '(not found)'}`)
