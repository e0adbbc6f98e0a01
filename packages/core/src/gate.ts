import { ConfigurationError } from './errors.ts'
import {
  formatSelector,
  METRICS,
  type MetricName,
  type MetricUnit,
  RELIABILITY_METRICS,
  SCORE_METRIC,
  type Selector,
  unitOf,
} from './metric.ts'
import { suggestName } from './nearest.ts'
import { type Origin, parseAmount, parseDurationMs, parseRate } from './quantities.ts'
import type { Verdict } from './verdict.ts'

export type Comparator = '>=' | '<=' | '>' | '<'

/** A rule on a metric. */
export interface Gate {
  readonly metric: string
  readonly selector: Selector
  readonly comparator: Comparator
  /** In the metric's unit. */
  readonly threshold: number
  /** Where it was written. */
  readonly origin: Origin
}

/** What came of a gate. */
export interface GateResult {
  readonly metric: string
  /** The gate as text: `accuracy[tag=billing] >= 0.9`. */
  readonly rule: string
  readonly value: number | null
  /** Each bound holds with the confidence of one side; infinite where the data give no bound. null where there is nothing to infer. */
  readonly interval: readonly [number, number] | null
  /** After an early stop: the values that the full run could still have come to; null where nothing bounds them from above. */
  readonly possible?: readonly [number, number | null]
  /** The smallest drop below the threshold that this run would have called failed with a chance of 80 %. */
  readonly detectableDrop?: number
  /** For people: what this run could have seen, and what to do next. */
  readonly advice?: string
  readonly verdict: Verdict
  /** One sentence for people. */
  readonly reason: string
  /** Time or money was not measured (replayed answers, a batch), or another run decides (a shard): the gate is shown and does not count. */
  readonly setAside?: true
  /** Whether the plain rule "observed meets the threshold" holds. */
  readonly met: boolean
}

const GATE = /^\s*([a-z][\w.-]*)\s*(?:\[\s*([^\]]*)\s*\])?\s*([<>=!≥≤]+)\s*(\S.*?)\s*$/i

export const formatRule = (gate: Pick<Gate, 'metric' | 'selector' | 'comparator' | 'threshold'>): string =>
  `${gate.metric}${formatSelector(gate.selector)} ${gate.comparator} ${gate.threshold}`

/** Whether an observed value meets a threshold, exactly as written. */
export function meets(value: number, comparator: Comparator, threshold: number): boolean {
  switch (comparator) {
    case '>=':
      return value >= threshold
    case '<=':
      return value <= threshold
    case '>':
      return value > threshold
    case '<':
      return value < threshold
  }
}

function parseThreshold(text: string, unit: MetricUnit, origin: Origin): number {
  if (unit === 'fraction') return parseRate(text, origin)
  if (unit === 'ms') return parseDurationMs(text, origin, 'ms')
  return parseAmount(text.replace(/^\$/, ''), origin)
}

/** A gate on a metric of all examples, its threshold in the metric's unit: what `min-accuracy: 85%` means. */
export function gateOn(metric: MetricName, comparator: Comparator, threshold: string, origin: Origin): Gate {
  return {
    metric,
    selector: {},
    comparator,
    threshold: parseThreshold(threshold, METRICS[metric].unit, origin),
    origin,
  }
}

function parseSelector(text: string | undefined, refuse: (why: string) => never): Selector {
  if (text === undefined) return {}
  const [key, value] = text.split('=', 2).map((part) => part.trim())
  if (key === 'tag' && value) return { tag: value }
  if (key === 'critical' && value === undefined) return { critical: true }
  return refuse(`"${text}" selects nothing: expected [tag=<tag>] or [critical]`)
}

/** One gate line: `accuracy >= 0.85`, `latency_p95_ms <= 5s`, `accuracy[tag=billing] >= 90%`. */
export function parseGate(text: string, origin: Origin): Gate {
  const refuse = (why: string, mend = 'Write for example: accuracy >= 0.85'): never => {
    throw new ConfigurationError({
      what: `${origin.name} has the gate "${text.trim()}"`,
      why,
      mend,
      ...(origin.source && { source: origin.source }),
    })
  }
  const match = GATE.exec(text)
  if (!match) return refuse('Expected <metric> <comparison> <threshold>')
  const [, metric = '', selector, comparator = '', threshold = ''] = match
  const unit = unitOf(metric)
  if (!unit)
    return refuse(
      `There is no metric "${metric}"`,
      suggestName(metric, [...Object.keys(METRICS), SCORE_METRIC, ...RELIABILITY_METRICS]),
    )
  if (comparator !== '>=' && comparator !== '<=' && comparator !== '>' && comparator !== '<') {
    return refuse(`"${comparator}" is not a comparison that a gate can make`, 'Write >=, <=, > or <')
  }
  return {
    metric,
    selector: parseSelector(selector, refuse),
    comparator,
    threshold: parseThreshold(threshold, unit, { ...origin, name: `the gate on ${metric}` }),
    origin,
  }
}
