import { parseYamlWith, type YamlForm } from '@agent-ci/core/config/located-yaml'
import { ConfigurationError, type Problem } from '@agent-ci/core/errors'
import type * as z from 'zod'
import type { Limits, Metric } from './metric.ts'
import { limitsOf, toMetric } from './metric-entry.ts'
import { KAYENTA_SERIES_KEYS, type MetricEntry, metricSchemas, metricsFileSchema } from './metrics-schema.ts'
import type { Pack } from './packs/detect.ts'
import type { Matcher } from './prometheus/selector.ts'
import { scopeOf } from './prometheus/template.ts'

export interface MetricsFile {
  readonly packs: readonly Pack[]
  /** Where the file names them. */
  readonly arms: { readonly canary: readonly Matcher[]; readonly stable: readonly Matcher[] } | undefined
  readonly metrics: readonly Metric[]
}

type Bare = Omit<Problem, 'source'> & { readonly path: readonly PropertyKey[] }

function knownKeys(path: readonly PropertyKey[], value: unknown): string[] {
  const kind = (value as { kind?: unknown } | null)?.kind
  if (path.length === 0) return Object.keys(metricsFileSchema.shape)
  if (path[0] === 'arms') return ['canary', 'stable']
  if (path.includes('series')) return KAYENTA_SERIES_KEYS
  if (path.length > 2) return ['min', 'max', 'max_ratio', 'min_ratio', 'brake']
  return typeof kind === 'string' && kind in metricSchemas
    ? Object.keys(metricSchemas[kind as keyof typeof metricSchemas].shape)
    : []
}

const nameOf = (path: readonly PropertyKey[]): string => (path.length === 0 ? 'the file' : path.map(String).join('.'))

/** A plain selector: a raw counter is read as it is, since a sum over pods hides that one of them restarted. */
const SELECTOR = /^\s*(?:[A-Za-z_:][A-Za-z0-9_:]*\s*)?\{(?:[^{}"]|"(?:[^"\\]|\\.)*")*\}\s*$/

function* problemsOfCounter(template: string, key: string, path: readonly PropertyKey[]): Generator<Bare> {
  const name = nameOf([...path, key])
  if (!SELECTOR.test(template)) {
    yield {
      path: [...path, key],
      what: `${name} is ${JSON.stringify(template).slice(0, 200)}`,
      why: 'Expected a selector of raw counters: rate() and increase() are no counts, and a sum over pods hides restarts',
      mend: `Write for example ${key}: agent_requests_total{selector}`,
    }
  } else if (scopeOf(template) !== 'both') {
    yield {
      path: [...path, key],
      what: `${name} has no {selector}`,
      why: 'Canary and stable are counted separately',
      mend: `Write for example ${key}: agent_requests_total{selector}`,
    }
  }
}

const hasLimit = (limits: Limits): boolean => Object.keys(limits).length > 0

function* problemsOfMetric(entry: MetricEntry, path: readonly PropertyKey[]): Generator<Bare> {
  if (entry.kind === 'error-rate' || entry.kind === 'counter-ratio') {
    yield* problemsOfCounter(entry.total, 'total', path)
    yield* problemsOfCounter(entry.bad, 'bad', path)
  } else if (entry.kind === 'latency') {
    yield* problemsOfCounter(entry.buckets, 'buckets', path)
  } else if (entry.kind === 'kayenta') {
    yield* problemsOfKayenta(entry, path)
  } else if (entry.kind === 'value') {
    const compares = entry.max_ratio !== undefined || entry.min_ratio !== undefined
    if (compares && scopeOf(entry.query) !== 'both') {
      yield {
        path: [...path, 'query'],
        what: `${nameOf([...path, 'query'])} cannot be asked for stable`,
        why: 'A ratio compares canary with stable',
        mend: 'Write {selector} where the labels of the arm belong',
      }
    }
    if (!entry.dry_run && !hasLimit(limitsOf(entry))) {
      yield {
        path,
        what: `${entry.name} has no limit`,
        why: 'It would pass whatever it reads',
        mend: 'Write min, max, max_ratio or min_ratio, or dry_run: true',
      }
    }
  }
}

function* problemsOfKayenta(
  { series, marginal, pass }: Extract<MetricEntry, { kind: 'kayenta' }>,
  path: readonly PropertyKey[],
): Generator<Bare> {
  for (const [index, { query, name }] of series.entries()) {
    const at = [...path, 'series', index]
    if (scopeOf(query) !== 'both')
      yield {
        path: [...at, 'query'],
        what: `${nameOf([...at, 'query'])} cannot be asked for stable`,
        why: 'The judge compares canary with stable',
        mend: 'Write {selector} where the labels of the arm belong',
      }
    if (/\$w(?![A-Za-z0-9_])/.test(query))
      yield {
        path: [...at, 'query'],
        what: `${nameOf([...at, 'query'])} has $w`,
        why: 'The points would be of times that overlap, and the judge takes each for a measurement of its own',
        mend: 'Write the step there, such as rate(...[15s])',
      }
    if (series.findIndex((other) => other.name === name) < index)
      yield {
        path: [...at, 'name'],
        what: `${name} is named twice`,
        why: 'Reasons tell series by name',
        mend: 'Rename one of them',
      }
  }
  if (marginal > pass)
    yield {
      path: [...path, 'marginal'],
      what: `${nameOf([...path, 'marginal'])} is ${marginal}, above pass, which is ${pass}`,
      why: 'A score that does not fail would have to be better than one that passes',
      mend: 'Write a marginal of at most pass',
    }
}

const NO_METRIC = {
  why: 'An analysis of nothing would never fail',
  mend: 'Write packs: [http] or your own metrics',
} as const

/** Why some metrics cannot decide anything, if they cannot. */
function* problemsOfAll(file: z.infer<typeof metricsFileSchema>): Generator<Bare> {
  const { metrics, packs = [] } = file
  for (const [index, entry] of metrics.entries()) {
    const path = ['metrics', index]
    if (metrics.findIndex(({ name }) => name === entry.name) < index) {
      yield {
        path: [...path, 'name'],
        what: `${entry.name} is named twice`,
        why: 'Reports and limits tell metrics by name',
        mend: 'Rename one of them',
      }
    }
    yield* problemsOfMetric(entry, path)
  }
  if (packs.length > 0) return
  if (metrics.length === 0) {
    yield { path: [], what: 'The file names no metric', ...NO_METRIC }
  } else if (metrics.every(({ dry_run: dryRun }) => dryRun)) {
    yield {
      path: ['metrics'],
      what: 'Every metric is a dry run',
      why: 'An analysis in which nothing decides would never fail',
      mend: 'Remove dry_run from one of them',
    }
  }
}

const FORM: YamlForm = {
  knownKeys,
  empty: NO_METRIC,
  mend: 'See docs/canary.md for the kinds of metrics; put queries that hold ": " or "{" first in quotes',
}

const matchersOf = (labels: Readonly<Record<string, string>>): Matcher[] =>
  Object.entries(labels).map(([label, value]) => ({ label, operator: '=', value }))

/**
 * Reads a metrics file (YAML or JSON).
 *
 * @throws {ConfigurationError} with all its problems, each with file and line
 */
export async function parseMetricsFile(text: string, file: string): Promise<MetricsFile> {
  const { value, sourceOf } = await parseYamlWith(metricsFileSchema, text, file, FORM)
  const problems = [...problemsOfAll(value)]
  if (problems.length > 0) {
    throw new ConfigurationError(problems.map(({ path, ...problem }) => ({ ...problem, source: sourceOf(path) })))
  }
  const { packs = [], arms, metrics } = value
  return {
    packs,
    arms: arms && { canary: matchersOf(arms.canary), stable: matchersOf(arms.stable) },
    metrics: metrics.map((entry, index) => toMetric(entry, (key) => sourceOf(['metrics', index, key]))),
  }
}
