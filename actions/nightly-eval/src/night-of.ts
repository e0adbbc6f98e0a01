import type { ExampleSummary } from '@agent-ci/core/comparison'
import type { Night } from '@agent-ci/core/nightly/night'
import type { Receipt } from '@agent-ci/core/receipt'
import type { Results } from '@agent-ci/core/results'
import type { Leg } from './legs.ts'

/** When and by which run a leg is evaluated. */
export interface NightFacts {
  /** UTC, `2026-11-25`. */
  readonly night: string
  readonly run: Night['run']
  readonly repeats: number
}

type Common = Pick<Night, 'schema_version' | 'night' | 'dataset' | 'model' | 'prompts' | 'arm' | 'run' | 'repeats'>

const common = ({ dataset, model, prompts }: Leg, arm: Night['arm'], { night, run, repeats }: NightFacts): Common => ({
  schema_version: 1,
  night,
  dataset,
  model,
  prompts,
  arm,
  run,
  repeats,
})

/** The night's line of a leg. */
export function nightOf(
  leg: Leg,
  arm: Night['arm'],
  facts: NightFacts,
  results: Results,
  examples: readonly ExampleSummary[],
  receipt: Receipt | undefined,
): Night {
  // Another seed attacks other examples: only what carries no probe is the same one from night to night.
  const lasting = examples.filter(({ probe }) => probe === undefined)
  const imperfect = lasting.filter(({ passes, runs }) => passes < runs)
  return {
    ...common(leg, arm, facts),
    verdict: results.verdict,
    answered: [...new Set(receipt?.evaluated.model.answered)].sort(),
    fingerprint: results.fingerprint,
    // What nothing was measured of (tool accuracy without expected tools) is no series.
    metrics: Object.fromEntries(
      Object.entries(results.metrics).flatMap(([name, { value, n }]) => (n === 0 ? [] : [[name, { value, n }]])),
    ),
    coverage: results.coverage,
    cost_usd: results.cost_usd,
    examples: lasting.length,
    imperfect: Object.fromEntries(imperfect.map(({ id, passes, runs }) => [id, [passes, runs]])),
    finished_at: results.finished_at,
  }
}

/** The night's line of a leg that came to nothing. */
export const unmeasuredNight = (leg: Leg, arm: Night['arm'], facts: NightFacts, finishedAt: string): Night => ({
  ...common(leg, arm, facts),
  verdict: 'errored',
  answered: [],
  fingerprint: {},
  metrics: {},
  coverage: 0,
  cost_usd: null,
  examples: 0,
  imperfect: {},
  finished_at: finishedAt,
})
