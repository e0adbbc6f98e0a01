import { messageOf } from '@agent-ci/core/errors'
import { sumOf } from '@agent-ci/core/statistics/sum'
import type { Check } from './check.ts'
import { advanceCounters, type CounterState, type Increment, startCounting } from './counters.ts'
import { boundsOf, bucketsOf } from './histogram.ts'
import type { CountMetric, EmptyMetric, LatencyMetric, Metric, ValueMetric } from './metric.ts'
import { describeSeries } from './prometheus/client.ts'
import { PrometheusError } from './prometheus/failure.ts'
import { ARMS, type ArmName } from './prometheus/selector.ts'
import { fillTemplate, scopeOf } from './prometheus/template.ts'
import { readPoints } from './read-points.ts'
import type { Counts, PerArm, Reading } from './reading.ts'
import { addReading, type Tally } from './tally.ts'

/** What is remembered of a metric between checks: plain JSON. */
export interface MetricMemory {
  /** By arm, or arm and role. */
  readonly counters: Readonly<Record<string, CounterState>>
  /** The last check that was answered, epoch ms of the server. */
  readonly readMs: number
  readonly tally: Tally
}

/** Memory of a metric that counts from a moment on, on the server's clock. */
export const startReading = (startMs: number): MetricMemory => ({ counters: {}, readMs: startMs, tally: [] })

/** A scrape interval is at most so long: the first question must see a sample of whatever was there before. */
const FIRST_LOOK_BACK_MS = 300_000
/** Samples may reach a remote store so late. */
const OVERLAP_MS = 120_000

class CounterReader {
  readonly counters: Record<string, CounterState>
  private readonly memory: MetricMemory
  private readonly check: Check

  constructor(memory: MetricMemory, check: Check) {
    this.memory = memory
    this.check = check
    this.counters = { ...memory.counters }
  }

  async increments(role: string, arm: ArmName, template: string): Promise<readonly Increment[]> {
    const { client, arms, atMs, signal } = this.check
    const key = `${arm}/${role}`
    const state = this.counters[key]
    const since = atMs - this.memory.readMs + (state ? OVERLAP_MS : FIRST_LOOK_BACK_MS)
    const seconds = Math.max(1, Math.ceil(since / 1_000))
    const selector = fillTemplate(template, arm, arms, seconds * 1_000)
    const { series } = await client.samples(`${selector}[${seconds}s]`, { atMs, signal })
    const advance = advanceCounters(state ?? startCounting(this.memory.readMs), arm, series)
    if (advance.refused.length > 0) {
      const native = advance.refused.some((one) => one.native)
      throw new PrometheusError(
        'query',
        `${selector} is no counter: ${describeSeries(advance.refused)} ${native ? 'is a native histogram; expected classic buckets' : 'holds a negative or infinite number, or NaN'}`,
      )
    }
    this.counters[key] = advance.state
    return advance.increments
  }
}

async function perArm<T>(of: (arm: ArmName) => Promise<T>): Promise<PerArm<T>> {
  const [canary, stable] = await Promise.all(ARMS.map(of))
  return { canary: canary!, stable: stable! }
}

/** Counts are whole; a recording rule or a sampled counter is none. */
function whole(count: number, metric: CountMetric): number {
  const rounded = Math.round(count)
  if (Math.abs(count - rounded) > 1e-6 * Math.max(1, count)) {
    throw new PrometheusError('query', `${metric.name} counts ${count}, which is not whole; expected a raw counter`)
  }
  return rounded
}

async function readCounts(metric: CountMetric, reader: CounterReader, atMs: number): Promise<Reading> {
  const { counts } = metric
  const arms = await perArm(async (arm): Promise<Counts> => {
    const all = await reader.increments('total', arm, counts.total)
    const isBad = counts.from === 'labels' ? new RegExp(`^(?:${counts.bad.pattern})$`) : undefined
    const bad =
      counts.from === 'labels'
        ? all.filter(({ labels }) => isBad!.test(labels[counts.bad.label] ?? ''))
        : await reader.increments('bad', arm, counts.bad)
    const tally = {
      bad: whole(
        sumOf(bad, ({ count }) => count),
        metric,
      ),
      total: whole(
        sumOf(all, ({ count }) => count),
        metric,
      ),
    }
    if (tally.bad > tally.total) {
      throw new PrometheusError(
        'query',
        `${metric.name} counts ${tally.bad} bad among ${tally.total} in all for the ${arm} arm`,
      )
    }
    return tally
  })
  return { kind: 'counts', atMs, arms }
}

async function readBuckets(metric: LatencyMetric, reader: CounterReader, atMs: number): Promise<Reading> {
  const arms = await perArm(async (arm) => {
    const increments = await reader.increments('buckets', arm, metric.buckets)
    return bucketsOf(increments, boundsOf(increments))
  })
  return { kind: 'buckets', atMs, arms }
}

const compares = ({ limits }: ValueMetric): boolean => limits.maxRatio !== undefined || limits.minRatio !== undefined

async function readValue(metric: ValueMetric, check: Check): Promise<Reading> {
  const { client, arms, atMs, signal } = check
  const ask = async (template: string, arm: ArmName) =>
    (await client.value(fillTemplate(template, arm, arms, metric.windowMs), { atMs, signal })).sample?.value
  const both = compares(metric) && scopeOf(metric.query) === 'both'
  const samplesOf = async (arm: ArmName) =>
    metric.samples === undefined ? undefined : ((await ask(metric.samples, arm)) ?? 0)
  const [canary, stable, canarySamples, stableSamples] = await Promise.all([
    ask(metric.query, 'canary'),
    both ? ask(metric.query, 'stable') : null,
    samplesOf('canary'),
    both ? samplesOf('stable') : undefined,
  ])
  return {
    kind: 'value',
    atMs,
    canary,
    stable,
    samples: {
      ...(canarySamples !== undefined && { canary: canarySamples }),
      ...(stableSamples !== undefined && { stable: stableSamples }),
    },
  }
}

async function readEmpty(metric: EmptyMetric, { client, arms, atMs, signal }: Check): Promise<Reading> {
  const fill = (template: string) => fillTemplate(template, 'canary', arms, metric.windowMs)
  const [found, evidence] = await Promise.all([
    client.query(fill(metric.query), { atMs, signal }),
    client.value(fill(metric.evidence), { atMs, signal }),
  ])
  return {
    kind: 'empty',
    atMs,
    found: found.series.map((one) => Object.values(one.labels).join(' ') || describeSeries([one])),
    evidence: (evidence.sample?.value ?? 0) > 0,
  }
}

async function read(metric: Metric, reader: CounterReader, check: Check): Promise<Reading> {
  switch (metric.kind) {
    case 'errorRate':
    case 'counterRatio':
      return await readCounts(metric, reader, check.atMs)
    case 'latency':
      return await readBuckets(metric, reader, check.atMs)
    case 'value':
      return await readValue(metric, check)
    case 'empty':
      return await readEmpty(metric, check)
    case 'kayenta':
      return await readPoints(metric, check)
  }
}

/**
 * One check of a metric. A question that fails gives an error reading and leaves the memory as it was, so that the next answer covers the
 * time in between. Throws only the signal's reason.
 */
export async function readMetric(
  metric: Metric,
  memory: MetricMemory,
  check: Check,
): Promise<{ readonly reading: Reading; readonly memory: MetricMemory }> {
  const reader = new CounterReader(memory, check)
  try {
    const reading = await read(metric, reader, check)
    return {
      reading,
      memory: {
        counters: reader.counters,
        readMs: check.atMs,
        tally: addReading(memory.tally, reading, metric.windowMs),
      },
    }
  } catch (thrown) {
    if (check.signal.aborted) throw check.signal.reason
    if (!(thrown instanceof PrometheusError)) throw thrown
    return {
      reading: { kind: 'error', atMs: check.atMs, failure: thrown.kind, message: messageOf(thrown) },
      memory,
    }
  }
}
