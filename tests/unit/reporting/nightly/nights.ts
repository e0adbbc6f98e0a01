import type { Finding } from '@agent-ci/core/nightly/finding'
import type { Series, SeriesKey, SeriesPoint } from '@agent-ci/core/nightly/night'
import type { NightlyResults } from '@agent-ci/core/nightly/results'
import type { Trend } from '@agent-ci/reporting/nightly/trend'

const DAY_MS = 86_400_000
export const LAST_NIGHT = '2026-11-25'

/** `2026-11-25` and the nights before it. */
export const nightBefore = (days: number): string =>
  new Date(Date.parse(LAST_NIGHT) - days * DAY_MS).toISOString().slice(0, 10)

/** Numbers that are spread alike and are the same in every run (a multiplicative generator, Park & Miller 1988). */
function spread(seed: number): () => number {
  let state = (seed * 7_919 + 12_345) % 2_147_483_647
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
}

export const finding: Finding = {
  dataset: 'golden',
  model: 'opus',
  prompts: null,
  metric: 'accuracy',
  unit: 'fraction',
  state: 'regressed',
  value: 0.85,
  n: 200,
  baseline: { mean: 0.912, sd: 0.012, nights: 28, from: '2026-09-01', to: '2026-09-28' },
  drop: 0.062,
  scale: 'night',
  p: 0.00042,
  confirmed: { value: 0.845, n: 200, p: 0.0011 },
  cause: 'provider',
  reason: 'The control arm fell too, from 0.912 to 0.848',
}

export const results: NightlyResults = {
  schema_version: 1,
  kind: 'nightly',
  verdict: 'failed',
  reason: '1 of 6 series regressed',
  notes: ['The leg golden with sonnet was run again after a timeout'],
  night: LAST_NIGHT,
  legs: [
    {
      dataset: 'golden',
      model: 'opus',
      prompts: null,
      arm: 'current',
      verdict: 'failed',
      reason: 'accuracy 0.850 misses >= 0.9',
      accuracy: 0.85,
      latency_p95: 1_840,
      cost_usd: 1.2345,
      coverage: 1,
      answered: ['opus-2026-10-01'],
      results: 'golden-opus/results.json',
    },
    {
      dataset: 'golden',
      model: 'opus',
      prompts: null,
      arm: 'control',
      verdict: 'passed',
      reason: 'accuracy 0.848',
      accuracy: 0.848,
      latency_p95: 1_790,
      cost_usd: 1.2,
      coverage: 0.995,
      answered: ['opus-2026-10-01'],
      results: 'golden-opus-control/results.json',
    },
  ],
  series: [
    finding,
    {
      ...finding,
      metric: 'latency_p95_ms',
      unit: 'ms',
      state: 'suspect',
      value: 1_840,
      baseline: { mean: 1_500, sd: 90, nights: 28, from: '2026-09-01', to: '2026-09-28' },
      drop: 210,
      scale: 'week',
      p: 0.021,
      confirmed: null,
      cause: null,
      reason: 'Three more runs were as fast as the baseline',
    },
    {
      ...finding,
      model: 'sonnet',
      prompts: 'v2',
      state: 'warming-up',
      value: 0.9,
      n: 100,
      baseline: null,
      drop: null,
      scale: null,
      p: null,
      confirmed: null,
      cause: null,
      reason: '3 of 7 nights',
    },
    {
      ...finding,
      dataset: 'refunds',
      state: 'stale',
      value: 0.88,
      drop: null,
      scale: null,
      p: null,
      confirmed: null,
      cause: null,
      reason: 'The dataset changed',
    },
    {
      ...finding,
      metric: 'cost_mean_usd',
      unit: 'usd',
      state: 'improved',
      value: 0.0042,
      baseline: { mean: 0.0061, sd: 0.0002, nights: 28, from: '2026-09-01', to: '2026-09-28' },
      drop: -0.0019,
      confirmed: null,
      cause: null,
      reason: 'Cheaper than the baseline',
    },
    {
      ...finding,
      metric: 'tool_accuracy',
      state: 'steady',
      value: 0.97,
      baseline: { mean: 0.968, sd: 0.01, nights: 28, from: '2026-09-01', to: '2026-09-28' },
      drop: -0.002,
      p: 0.6,
      confirmed: null,
      cause: null,
      reason: 'Within its usual range',
    },
  ],
  fleet_shift: null,
  quarantined: [
    { dataset: 'golden', id: 'refunds-012', flip_rate: 0.31, owner: '@acme/support', until: '2026-12-09' },
    { dataset: 'golden', id: 'billing-051', flip_rate: 0.25, owner: null, until: '2026-12-01' },
  ],
  incidents: [{ key: 'a', title: 'accuracy of golden with opus fell', since: '2026-11-24', kind: 'open' }],
  cost_usd: 2.4345,
  run: { id: '7', url: 'https://github.com/acme/support/actions/runs/7' },
  started_at: '2026-11-25T02:00:00.000Z',
  finished_at: '2026-11-25T02:31:00.000Z',
}

/** A night on which nothing moved. */
export const calm: NightlyResults = {
  ...results,
  verdict: 'passed',
  reason: '2 series are steady',
  notes: [],
  legs: results.legs.slice(1),
  series: results.series.slice(4),
  quarantined: [],
  incidents: [],
}

const runUrl = (night: string): string =>
  `https://github.com/acme/support/actions/runs/${9_000_000 + Date.parse(night) / DAY_MS}`

interface SeriesPlan {
  readonly key: SeriesKey
  readonly unit: Finding['unit']
  readonly level: number
  /** Of a night; of a share it is what chance makes of the trials. */
  readonly sd: number
  readonly n: number
  /** What is added from so many nights before the last one on. */
  readonly shift?: { readonly nights: number; readonly by: number }
  /** Nights before the last one on which nothing was measured. */
  readonly missing?: readonly number[]
  /** Nights before the last one from which on the dataset is another one. */
  readonly changed?: number
}

/** A series of so many nights up to the last one, with noise that is the same in every run. */
export function simulateSeries(
  { key, unit, level, sd, n, shift, missing = [], changed }: SeriesPlan,
  nights: number,
): Series {
  const random = spread(level * 1e4 + n + key.dataset.length * 31 + (key.model ?? '').length)
  const noise = () => random() + random() + random() + random() - 2
  const points = Array.from({ length: nights }, (_, at): SeriesPoint | undefined => {
    const before = nights - 1 - at
    const night = nightBefore(before)
    const mean = level + (shift && before <= shift.nights ? shift.by : 0)
    const share =
      Math.min(n, Math.max(0, Math.round(n * (mean + noise() * 1.7 * Math.sqrt((mean * (1 - mean)) / n))))) / n
    const value = unit === 'fraction' ? share : Math.max(0, mean + noise() * 1.7 * sd)
    if (missing.includes(before)) return undefined
    return { night, value, n, comparable: changed !== undefined && before > changed ? 'a' : 'b', runUrl: runUrl(night) }
  })
  return { key, unit, points: points.filter((point) => point !== undefined) }
}

/** What tonight would say of a series whose first 28 comparable nights are its baseline. */
export function simulateFinding({ key, unit, points }: Series): Finding {
  const last = points.at(-1)!
  const same = points.filter(({ comparable, value }) => comparable === last.comparable && value !== null)
  const pinned = same.slice(0, 28)
  const values = pinned.map(({ value }) => value!)
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const sd = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, values.length - 1))
  const worse = unit === 'fraction' ? mean - last.value! : last.value! - mean
  const far = worse / Math.max(sd, 1e-9)
  const none = { baseline: null, drop: null, scale: null, p: null, confirmed: null, cause: null }
  const base = { ...key, unit, value: last.value, n: last.n }
  if (pinned.length < 7) return { ...base, ...none, state: 'warming-up', reason: `${pinned.length} of 7 nights` }
  const state = far > 4.5 ? 'regressed' : far > 3 ? 'suspect' : far < -5 ? 'improved' : 'steady'
  return {
    ...base,
    state,
    baseline: { mean, sd, nights: pinned.length, from: pinned[0]!.night, to: pinned.at(-1)!.night },
    drop: worse,
    scale: 'night',
    p: Math.exp(-(Math.max(0, far) ** 2) / 2),
    confirmed: state === 'regressed' ? { value: last.value!, n: last.n, p: 0.0004 } : null,
    cause: state === 'regressed' ? 'provider' : null,
    reason: `${Math.abs(far).toFixed(1)} standard deviations ${far > 0 ? 'worse' : 'better'} than the baseline`,
  }
}

const DATASETS = [
  'golden',
  'refunds',
  'shipping',
  'billing',
  'account',
  'multi-turn',
  'tools',
  'safety',
  'long-context',
  'smalltalk',
]
const MODELS = ['opus', 'sonnet', 'haiku', 'large-2', 'small-2']
const METRICS = [
  { metric: 'accuracy', unit: 'fraction', level: 0.9, sd: 0 },
  { metric: 'tool_accuracy', unit: 'fraction', level: 0.96, sd: 0 },
  { metric: 'latency_p95_ms', unit: 'ms', level: 1_800, sd: 90 },
  { metric: 'cost_mean_usd', unit: 'usd', level: 0.0061, sd: 0.0002 },
] as const

/** Up to 200 series: some fell, some got better, one changed its dataset, nights are missing. */
export function simulateTrend(count: number, nights: number): Trend {
  const series = Array.from({ length: count }, (_, at) => {
    const { metric, unit, level, sd } = METRICS[at % 4]!
    const model = MODELS[Math.floor(at / 4) % 5]!
    const dataset = DATASETS[Math.floor(at / 20) % 10]!
    const fell = at === 4 || at === 46 || at === 101
    const better = at === 3 || at === 77
    const worse = unit === 'fraction' ? -0.14 : level * 0.35
    const plan: SeriesPlan = {
      key: { dataset, model, prompts: null, metric },
      unit,
      level: unit === 'fraction' ? level - (at % 7) * 0.015 : level * (1 + (at % 5) * 0.2),
      sd,
      n: [100, 200, 300][at % 3]!,
      ...(fell && { shift: { nights: 3, by: worse } }),
      ...(better && { shift: { nights: 20, by: -worse } }),
      ...(at % 9 === 0 && { missing: [12, 13, 14, 40] }),
      ...(at === 8 && { changed: 40 }),
    }
    return simulateSeries(plan, at === 17 ? Math.min(3, nights) : nights)
  })
  const order = ['regressed', 'suspect']
  const rank = ({ state }: Finding) => (order.indexOf(state) + order.length + 1) % (order.length + 1)
  const findings = series.map(simulateFinding).sort((a, b) => rank(a) - rank(b))
  const regressed = findings.filter(({ state }) => state === 'regressed')
  return {
    results: {
      ...results,
      verdict: regressed.length > 0 ? 'failed' : 'passed',
      reason: `${regressed.length} of ${findings.length} series regressed`,
      series: findings,
    },
    series,
    releases: Array.from({ length: 9 }, (_, at) => ({
      at: `${nightBefore(at * 41 + 2)}T10:00:00.000Z`,
      label: `v1.${9 - at}.0`,
      url: `https://github.com/acme/support/releases/tag/v1.${9 - at}.0`,
    })),
    blessings: [{ at: `${nightBefore(60)}T09:00:00.000Z`, by: 'mona', reason: 'the new retriever answers shorter' }],
    findings: [
      ...regressed.flatMap(({ dataset, model, prompts, metric, cause }) => [
        { dataset, model, prompts, metric, cause, night: nightBefore(1), state: 'suspect' as const },
        {
          ...{ dataset, model, prompts, metric, cause },
          ...{ night: nightBefore(0), state: 'regressed' as const, incident: 'opened' as const },
        },
      ]),
      ...series.slice(0, 1).flatMap(({ key }) => [
        {
          ...key,
          cause: 'us' as const,
          night: nightBefore(24),
          state: 'regressed' as const,
          incident: 'opened' as const,
        },
        { ...key, cause: 'us' as const, night: nightBefore(23), state: 'regressed' as const, incident: null },
        { ...key, cause: null, night: nightBefore(20), state: 'steady' as const, incident: 'closed' as const },
      ]),
    ],
  }
}

/** A trend in which every text is hostile. */
export function hostileTrend(text: string): Trend & { readonly results: NightlyResults } {
  const names = { dataset: text, model: `${text} m`, prompts: `${text} p` }
  const hostile = (each: Finding, at: number): Finding => ({
    ...each,
    ...names,
    // The keys have to differ; the fifth series has a metric of ours, so that its plot is drawn.
    metric: at === 4 ? each.metric : `score.${at} ${text}`,
    baseline: each.baseline && { ...each.baseline, from: text, to: text },
    reason: text,
  })
  const { legs, series, quarantined, incidents } = results
  const findings = series.map(hostile)
  return {
    results: {
      ...results,
      reason: text,
      notes: [text],
      night: LAST_NIGHT,
      legs: legs.map((leg) => ({ ...leg, ...names, reason: text, answered: [text], results: text })),
      series: findings,
      fleet_shift: null,
      quarantined: quarantined.map((each) => ({ ...each, dataset: text, id: text, owner: text, until: text })),
      incidents: incidents.map((each) => ({ ...each, key: text, title: text, since: text })),
      run: { id: text, url: text },
      finished_at: text,
    },
    series: findings.map((key) => ({
      key,
      unit: key.unit,
      points: [0, 1, 2].map((days) => ({
        night: nightBefore(days),
        value: 0.9,
        n: 100,
        comparable: `${text} ${days}`,
        runUrl: [text, `javascript:${text}`, `https://evil.example/"${text}`][days]!,
      })),
    })),
    releases: [
      { at: `${nightBefore(1)}T10:00:00.000Z`, label: text, url: text },
      { at: text, label: text, url: `javascript:${text}` },
    ],
    blessings: [{ at: `${nightBefore(2)}T10:00:00.000Z`, by: text, reason: text }],
    findings: [{ ...findings[0]!, night: nightBefore(1) }],
  }
}
