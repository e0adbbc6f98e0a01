import type { ArmReading, RolloutStep, RolloutTimeline } from '@agent-ci/core/rollout-timeline'

/** What one side served in a whole step; null where nothing was measured. */
export interface StepSide {
  readonly requests: number | null
  readonly errors: number | null
  readonly errorRate: number | null
  /** At the step's last check that had one. */
  readonly p95Ms: number | null
}

export interface StepReading {
  readonly step: RolloutStep
  readonly durationMs: number | null
  readonly canary: StepSide
  readonly stable: StepSide
  readonly checks: number
  /** At the step's last check that had one. */
  readonly evidence: number | null
}

function sumOf(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null)
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0)
}

const lastOf = (values: readonly (number | null)[]): number | null => values.findLast((value) => value !== null) ?? null

function sideOf(readings: readonly ArmReading[]): StepSide {
  const requests = sumOf(readings.map((reading) => reading.requests))
  const errors = sumOf(readings.map((reading) => reading.errors))
  const rate = requests !== null && errors !== null && requests > 0 ? errors / requests : null
  return {
    requests,
    errors,
    errorRate: rate ?? lastOf(readings.map((reading) => reading.error_rate)),
    p95Ms: lastOf(readings.map((reading) => reading.p95_ms)),
  }
}

/** The steps that were begun, each with the sums of its checks. */
export function readSteps({ steps, checks, ended_at }: RolloutTimeline): StepReading[] {
  return steps.map((step) => {
    const own = checks.filter((check) => check.step === step.index)
    const ms = Date.parse(step.ended_at ?? ended_at) - Date.parse(step.started_at)
    return {
      step,
      durationMs: ms >= 0 ? ms : null,
      canary: sideOf(own.map(({ canary }) => canary)),
      stable: sideOf(own.map(({ stable }) => stable)),
      checks: own.length,
      evidence: lastOf(own.map(({ evidence }) => evidence.value)),
    }
  })
}
