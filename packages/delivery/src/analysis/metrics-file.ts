import { ConfigurationError, type Problem, type Source } from '@agent-ci/core/errors'
import { suggestName } from '@agent-ci/core/nearest'
import { LineCounter, parseDocument } from 'yaml'
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

type Locate = (path: readonly PropertyKey[]) => Source
type Bare = Omit<Problem, 'source'> & { readonly path: readonly PropertyKey[] }

const valueAt = (value: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>((inner, key) => (inner as Record<PropertyKey, unknown> | null | undefined)?.[key], value)

function knownKeys(path: readonly PropertyKey[], value: unknown): string[] {
  const kind = (valueAt(value, path) as { kind?: unknown } | undefined)?.kind
  if (path.length === 0) return Object.keys(metricsFileSchema.shape)
  if (path[0] === 'arms') return ['canary', 'stable']
  if (path.includes('series')) return KAYENTA_SERIES_KEYS
  if (path.length > 2) return ['min', 'max', 'max_ratio', 'min_ratio', 'brake']
  return typeof kind === 'string' && kind in metricSchemas
    ? Object.keys(metricSchemas[kind as keyof typeof metricSchemas].shape)
    : []
}

const nameOf = (path: readonly PropertyKey[]): string => (path.length === 0 ? 'the file' : path.map(String).join('.'))

function problemsOf(issue: z.core.$ZodIssue, value: unknown): Bare[] {
  const { path } = issue
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      const known = knownKeys(path, value)
      return {
        path: [...path, key],
        what: `"${key}" is not a key of ${nameOf(path)}`,
        why: 'Unknown keys are refused because a misspelt one would be ignored silently',
        mend: known.length > 0 ? suggestName(key, known) : 'Remove it',
      }
    })
  }
  const found = valueAt(value, path)
  const why =
    issue.code === 'invalid_union' && issue.path.at(-1) === 'kind'
      ? `Expected one of ${Object.keys(metricSchemas).join(', ')}`
      : issue.message.replace(/^Invalid input: e/, 'E').replace(/^Invalid input$/, 'Expected a number or a percentage')
  return [
    {
      path,
      what:
        found === undefined
          ? `${nameOf(path)} is missing`
          : `${nameOf(path)} is ${JSON.stringify(found).slice(0, 100)}`,
      why,
      mend: found === undefined ? 'Add it' : 'Change it',
    },
  ]
}

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
        mend: 'Rename one',
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
    yield {
      path: [],
      what: 'The file names no metric',
      why: 'An analysis of nothing would never fail',
      mend: 'Write packs: [http] or your own metrics',
    }
  } else if (metrics.every(({ dry_run: dryRun }) => dryRun)) {
    yield {
      path: ['metrics'],
      what: 'Every metric is a dry run',
      why: 'An analysis in which nothing decides would never fail',
      mend: 'Remove dry_run from one of them',
    }
  }
}

const matchersOf = (labels: Readonly<Record<string, string>>): Matcher[] =>
  Object.entries(labels).map(([label, value]) => ({ label, operator: '=', value }))

/** Reads a metrics file (YAML or JSON). Throws {@link ConfigurationError} with all its problems, each with file and line. */
export function parseMetricsFile(text: string, file: string): MetricsFile {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'error' })
  const locate: Locate = (path) => {
    for (let depth = path.length; depth > 0; depth--) {
      const node = document.getIn(path.slice(0, depth), true) as { range?: readonly number[] } | undefined
      if (node?.range) return { file, line: lines.linePos(node.range[0]!).line }
    }
    return { file, line: 1 }
  }
  const refuse = (problems: readonly Bare[]): never => {
    throw new ConfigurationError(problems.map(({ path, ...problem }) => ({ ...problem, source: locate(path) })))
  }
  if (document.errors.length > 0) {
    throw new ConfigurationError(
      document.errors.map((error) => ({
        what: `This is not YAML: ${error.message}`,
        why: 'The file could not be read',
        mend: 'Mend the line; put queries that hold ": " or "{" first in quotes',
        source: { file, line: lines.linePos(error.pos[0]).line },
      })),
    )
  }
  const value: unknown = document.toJS()
  const parsed = metricsFileSchema.safeParse(value ?? {})
  if (!parsed.success) return refuse(parsed.error.issues.flatMap((issue) => problemsOf(issue, value)))
  const problems = [...problemsOfAll(parsed.data)]
  if (problems.length > 0) return refuse(problems)
  const { packs = [], arms, metrics } = parsed.data
  return {
    packs,
    arms: arms && { canary: matchersOf(arms.canary), stable: matchersOf(arms.stable) },
    metrics: metrics.map((entry, index) => toMetric(entry, (key) => locate(['metrics', index, key]))),
  }
}
