import type { Night } from '@agent-ci/core/nightly/night'

/** The n-th night, from 1. */
export const dateOf = (night: number): string => new Date(Date.UTC(2026, 0, night)).toISOString().slice(0, 10)

export const NIGHT: Night = {
  schema_version: 1,
  night: dateOf(1),
  dataset: 'golden',
  model: 'claude-haiku',
  prompts: null,
  arm: 'current',
  verdict: 'passed',
  answered: ['claude-haiku-4-5'],
  fingerprint: {
    code: 'a84d88e',
    prompts: 'sha256:11',
    config: 'sha256:22',
    model: 'claude-haiku',
    tools: null,
    dataset: 'sha256:33',
    scorers: 'sha256:44',
  },
  run: { repository: 'acme/support', id: '1', attempt: '1', url: 'https://github.com/acme/support/actions/runs/1' },
  metrics: { accuracy: { value: 0.9, n: 100 } },
  coverage: 1,
  repeats: 1,
  cost_usd: 0.1,
  examples: 100,
  imperfect: {},
  finished_at: `${dateOf(1)}T03:00:00Z`,
}

/** A night of the golden set: the n-th, with some accuracy. */
export const nightOf = (night: number, accuracy: number | null, more: Partial<Night> = {}): Night => ({
  ...NIGHT,
  night: dateOf(night),
  finished_at: `${dateOf(night)}T03:00:00Z`,
  run: {
    repository: 'acme/support',
    id: String(night),
    attempt: '1',
    url: `https://github.com/acme/support/actions/runs/${night}`,
  },
  metrics: { accuracy: { value: accuracy, n: accuracy === null ? 0 : 100 } },
  ...more,
})
