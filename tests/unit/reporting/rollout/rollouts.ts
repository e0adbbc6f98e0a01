import type { MetricCheck, RolloutCheck, RolloutTimeline } from '@agent-ci/core/rollout-timeline'

const START = Date.parse('2026-11-20T08:00:00Z')
const moment = (seconds: number): string => new Date(START + seconds * 1_000).toISOString()

/** The same numbers in every run. */
function generator(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

export interface Course {
  /** Shares of errors, and of the canary's p95 to stable's. */
  readonly canaryErrors?: number
  readonly stableErrors?: number
  readonly slower?: number
  readonly requestsPerSecond?: number
  readonly weights?: readonly number[]
  readonly checksPerStep?: number
  readonly intervalS?: number
  /** The canary is taken back once the evidence is above its limit. */
  readonly evidenceLimit?: number
  readonly seed?: number
}

const arm = (requests: number, errors: number, sums: { requests: number; errors: number }, p95: number) => ({
  requests,
  errors,
  error_rate: sums.requests === 0 ? null : sums.errors / sums.requests,
  p50_ms: Math.round(p95 * 0.4),
  p95_ms: Math.round(p95),
  p99_ms: Math.round(p95 * 1.4),
})

const metricsOf = (check: Omit<RolloutCheck, 'metrics'>, over: boolean): MetricCheck[] => [
  {
    name: 'error-rate',
    result: over ? 'fail' : 'pass',
    value: check.canary.error_rate,
    limit: 0.05,
    unit: 'fraction',
    reason: over ? 'the canary answers with more errors than stable' : 'within its limit',
    dry_run: false,
  },
  {
    name: 'latency-p95',
    result: 'pass',
    value: check.canary.p95_ms,
    limit: 5_000,
    unit: 'ms',
    reason: 'within its limit',
    dry_run: false,
  },
  {
    name: 'cost-per-request',
    result: 'noData',
    value: null,
    limit: 0.02,
    unit: 'usd',
    reason: 'no series answers',
    dry_run: true,
  },
]

/** A rollout as it would go: requests and errors drawn, evidence as the likelihood ratio of four times stable's rate to stable's. */
export function simulateRollout(course: Course = {}): RolloutTimeline {
  const { canaryErrors = 0.02, stableErrors = 0.02, slower = 1, requestsPerSecond = 10 } = course
  const { weights = [10, 25, 50, 75, 100], checksPerStep = 4, intervalS = 30, evidenceLimit = 33, seed = 7 } = course
  const random = generator(seed)
  const errorsAmong = (requests: number, rate: number) => {
    let errors = 0
    for (let request = 0; request < requests; request++) if (random() < rate) errors++
    return errors
  }
  const timeline: RolloutTimeline = {
    schema_version: 1,
    app: 'agent-service',
    environment: 'production',
    strategy: 'canary',
    release: { id: 'r-42', version: '1.4.2' },
    previous: { id: 'r-41', version: '1.4.1' },
    changes: ['image agent:1.4.1 → agent:1.4.2', 'model claude-a → claude-b', 'prompt triage 7 → 8'],
    verdict: 'passed',
    outcome: 'promoted',
    reason: 'every step kept its limits',
    failed_metric: null,
    started_at: moment(0),
    ended_at: moment(0),
    run_url: 'https://github.com/acme/agent/actions/runs/1',
    limits: { error_rate: 0.05, p95_ms: 5_000 },
    steps_planned: weights.length,
    steps: [],
    checks: [],
    events: [{ at: moment(0), kind: 'phase', text: 'Preflight' }],
  }
  const { steps, checks, events } = timeline
  let logEvidence = 0
  let now = 20
  events.push({ at: moment(now), kind: 'phase', text: 'Healthy: 2 of 2 pods are ready' })
  rollout: for (const [at, weight] of weights.entries()) {
    const step = {
      index: at + 1,
      asked: weight,
      real: weight,
      started_at: moment(now),
      ended_at: null as string | null,
    }
    steps.push(step)
    events.push({ at: moment(now), kind: 'phase', text: `Step ${at + 1}: ${weight} % of the traffic` })
    const sums = { canary: { requests: 0, errors: 0 }, stable: { requests: 0, errors: 0 } }
    for (let each = 0; each < checksPerStep; each++) {
      now += intervalS
      const total = requestsPerSecond * intervalS
      const canaryN = Math.round((total * weight) / 100 + (random() - 0.5) * Math.sqrt(total))
      const requests = Math.min(total, Math.max(0, canaryN))
      const errors = errorsAmong(requests, canaryErrors)
      const others = errorsAmong(total - requests, stableErrors)
      sums.canary.requests += requests
      sums.canary.errors += errors
      sums.stable.requests += total - requests
      sums.stable.errors += others
      logEvidence += errors * Math.log(4) + (requests - errors) * Math.log((1 - 4 * 0.02) / (1 - 0.02))
      logEvidence = Math.max(-6, logEvidence)
      const evidence = Math.exp(logEvidence)
      const over = evidence >= evidenceLimit && sums.canary.errors >= 3
      const check = {
        at: moment(now),
        step: at + 1,
        weight: { asked: weight, route: weight, served: (100 * requests) / total },
        canary: arm(requests, errors, sums.canary, slower * (1_100 + 300 * random())),
        stable: arm(total - requests, others, sums.stable, 1_100 + 300 * random()),
        evidence: { value: evidence, limit: evidenceLimit },
      }
      checks.push({ ...check, metrics: metricsOf(check, over) })
      if (!over) continue
      const rate = (side: { requests: number; errors: number }) =>
        `${((100 * side.errors) / side.requests).toFixed(1)} %`
      timeline.verdict = 'failed'
      timeline.outcome = 'rolled-back'
      timeline.failed_metric = 'error-rate'
      timeline.reason = `error rate ${rate(sums.canary)} against ${rate(sums.stable)} of stable over ${sums.canary.requests} requests, evidence ${Math.round(evidence)} of ${evidenceLimit}`
      events.push({ at: moment(now), kind: 'decision', text: `roll back: ${timeline.reason}` })
      step.ended_at = moment(now + 1)
      events.push({ at: moment(now + 1), kind: 'phase', text: 'RolledBack: weight 0 %' })
      now += 15
      break rollout
    }
    events.push({ at: moment(now), kind: 'decision', text: `advance after step ${at + 1}` })
    step.ended_at = moment(now)
  }
  return { ...timeline, ended_at: moment(now + 10) }
}

export const promoted = simulateRollout()
export const rolledBack = simulateRollout({ canaryErrors: 0.08, checksPerStep: 3, requestsPerSecond: 4 })

/** Nothing answered: the counters are unknown, and so is everything made of them. */
export const withoutData: RolloutTimeline = (() => {
  const nothing = { requests: null, errors: null, error_rate: null, p50_ms: null, p95_ms: null, p99_ms: null }
  const short = simulateRollout({ checksPerStep: 5, weights: [10] })
  return {
    ...short,
    verdict: 'errored',
    outcome: 'rolled-back',
    reason: 'no data of error-rate at 5 checks',
    failed_metric: 'error-rate',
    steps_planned: 5,
    events: [
      ...short.events.slice(0, -1),
      { at: short.ended_at, kind: 'problem', text: 'no data of error-rate at 5 checks' },
    ],
    checks: short.checks.map((check) => ({
      ...check,
      weight: { ...check.weight, served: null },
      canary: nothing,
      stable: nothing,
      evidence: { ...check.evidence, value: null },
      metrics: check.metrics.map((metric) => ({
        ...metric,
        result: 'noData',
        value: null,
        reason: 'no series answers',
      })),
    })),
  }
})()

const undecided = simulateRollout({ weights: [10, 25], canaryErrors: 0.03, seed: 3 })
export const paused: RolloutTimeline = {
  ...undecided,
  events: [...undecided.events.slice(0, -1), { ...undecided.events.at(-1)!, text: 'hold: step 2 is out of time' }],
  verdict: 'inconclusive',
  outcome: 'paused',
  reason: 'the time of step 2 is over, and 294 requests of the canary do not show that its error rate is below 5 %',
  steps_planned: 5,
}

/** A timeline in which every text is somebody else's. */
export const withTexts = (text: string): RolloutTimeline => {
  const short = text.slice(0, 5_000)
  return {
    ...rolledBack,
    app: short,
    environment: short,
    reason: short,
    failed_metric: short,
    release: { id: short, version: short },
    previous: { id: short, version: short },
    changes: [short],
    run_url: short,
    checks: rolledBack.checks.map((check) => ({
      ...check,
      metrics: check.metrics.map((metric) => ({ ...metric, name: short, reason: short })),
    })),
    events: rolledBack.events.map((event) => ({ ...event, text: short })),
  }
}
