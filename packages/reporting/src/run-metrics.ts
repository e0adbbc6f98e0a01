import { SERIES_STATES } from '@agent-ci/core/nightly/finding'
import type { NightlyResults } from '@agent-ci/core/nightly/results'
import type { Results } from '@agent-ci/core/results'
import { VERDICTS, type Verdict } from '@agent-ci/core/verdict'
import type { Labels, MetricFamily, Sample } from './exposition.ts'

/** A set of states: the one that holds is 1. */
const stateSet = (verdict: Verdict, labels: Labels): Sample[] =>
  VERDICTS.map((state) => ({ labels: { ...labels, verdict: state }, value: state === verdict ? 1 : 0 }))

const seconds = (ms: number | null | undefined): number | null => (typeof ms === 'number' ? ms / 1_000 : null)
const unixSeconds = (time: string): number => Date.parse(time) / 1_000

const gauge = (name: string, help: string, samples: readonly Sample[]): MetricFamily => ({
  name: `agent_ci_${name}`,
  type: 'gauge',
  help,
  samples,
})

const HELP = {
  verdict: 'What the run came to: 1 for the verdict that it has.',
  accuracy: 'Share of the measured trials whose output passed; absent after an early stop.',
  tool_accuracy: 'Share of the measured trials with expected tools whose tool calls passed.',
  coverage: 'Share of the planned trials that were measured.',
  cost: 'What the run cost, as far as it is known as a whole.',
  finished: 'When the run ended.',
} as const

/** The metrics of an evaluation. */
export function evaluationMetrics(results: Results): MetricFamily[] {
  const { counts, metrics, model, tokens } = results
  const labels: Labels = { dataset: results.dataset.name, model }
  const one = (value: number | null): Sample[] => [{ labels, value }]
  const n = metrics.latency_mean_ms?.n ?? 0
  const latency = (quantile: string, ms: number | null | undefined): Sample => ({
    labels: { ...labels, quantile },
    value: seconds(ms),
  })
  return [
    gauge('verdict', HELP.verdict, stateSet(results.verdict, labels)),
    gauge('accuracy_ratio', HELP.accuracy, one(results.accuracy)),
    gauge('tool_accuracy_ratio', HELP.tool_accuracy, one(results.tool_accuracy)),
    {
      name: 'agent_ci_latency_seconds',
      type: 'summary',
      help: 'Latency of the trials that were measured live; nearest rank.',
      samples: [
        latency('0.5', metrics.latency_p50_ms?.value),
        latency('0.95', results.latency_p95),
        latency('0.99', results.latency_p99),
        { suffix: '_sum', labels, value: results.latency_mean === null ? null : (results.latency_mean * n) / 1_000 },
        { suffix: '_count', labels, value: results.latency_mean === null ? null : n },
      ],
    },
    gauge('cost_usd', HELP.cost, one(results.cost_usd)),
    gauge('tokens', 'Tokens that the run used, as far as they are known as a whole.', [
      { labels: { ...labels, type: 'input' }, value: tokens.input },
      { labels: { ...labels, type: 'output' }, value: tokens.output },
    ]),
    gauge(
      'trials',
      'Trials; the replayed ones are among the measured.',
      Object.entries(counts).map(([state, value]) => ({ labels: { ...labels, state }, value })),
    ),
    gauge('examples', 'Examples with a measured trial, by what most of their trials came to.', [
      { labels: { ...labels, outcome: 'passed' }, value: results.passed_examples },
      { labels: { ...labels, outcome: 'failed' }, value: results.total_examples - results.passed_examples },
    ]),
    gauge('coverage_ratio', HELP.coverage, one(results.coverage)),
    gauge(
      'gate_verdict',
      'What each gate that counts came to: 1 for the verdict that it has.',
      results.gates
        .filter(({ set_aside }) => !set_aside)
        .flatMap(({ rule, verdict }) => stateSet(verdict, { ...labels, gate: rule })),
    ),
    gauge('finished_timestamp_seconds', HELP.finished, one(unixSeconds(results.finished_at))),
    gauge(
      'duration_seconds',
      'From the start of the run to its end.',
      one(unixSeconds(results.finished_at) - unixSeconds(results.started_at)),
    ),
  ]
}

/** The metrics of a night: each leg's, and what was made of the night. */
export function nightMetrics(results: NightlyResults): MetricFamily[] {
  const legs = results.legs.map((leg) => ({
    leg,
    labels: { dataset: leg.dataset, model: leg.model, prompts: leg.prompts, arm: leg.arm } satisfies Labels,
  }))
  const ofLegs = (value: (leg: NightlyResults['legs'][number]) => number | null): Sample[] =>
    legs.map(({ leg, labels }) => ({ labels, value: value(leg) }))
  return [
    gauge('night_verdict', 'What the night came to: 1 for the verdict that it has.', stateSet(results.verdict, {})),
    gauge(
      'night_series',
      'What is followed from night to night, by its state.',
      SERIES_STATES.map((state) => ({
        labels: { state },
        value: results.series.filter((series) => series.state === state).length,
      })),
    ),
    gauge('night_cost_usd', HELP.cost, [{ value: results.cost_usd }]),
    gauge('night_finished_timestamp_seconds', HELP.finished, [{ value: unixSeconds(results.finished_at) }]),
    gauge(
      'verdict',
      HELP.verdict,
      legs.flatMap(({ leg, labels }) => stateSet(leg.verdict, labels)),
    ),
    gauge(
      'accuracy_ratio',
      HELP.accuracy,
      ofLegs(({ accuracy }) => accuracy),
    ),
    {
      name: 'agent_ci_latency_seconds',
      type: 'summary',
      help: 'Latency of the trials that were measured live; nearest rank.',
      samples: legs.map(({ leg, labels }) => ({
        labels: { ...labels, quantile: '0.95' },
        value: seconds(leg.latency_p95),
      })),
    },
    gauge(
      'cost_usd',
      HELP.cost,
      ofLegs(({ cost_usd }) => cost_usd),
    ),
    gauge(
      'coverage_ratio',
      HELP.coverage,
      ofLegs(({ coverage }) => coverage),
    ),
  ]
}
