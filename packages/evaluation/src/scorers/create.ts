import type { ScorerConfig, ScorerConfigOf } from '@agent-ci/core/config/scorers'
import { ConfigurationError, type Problem } from '@agent-ci/core/errors'
import type { Example } from '@agent-ci/core/example'
import type { Scorer } from '@agent-ci/core/score'
import { defaultScorers, needsExpectation } from './defaults.ts'
import type { ScorerDeps } from './deps.ts'
import { createScorerCache, scorersFor } from './for-example.ts'
import { createScorer, scorerNames } from './scorer.ts'

/**
 * The scorers of a list of configurations, in its order.
 * @throws ConfigurationError with the problems of all of them
 */
export async function createScorers(configs: readonly ScorerConfig[], deps: ScorerDeps): Promise<readonly Scorer[]> {
  const names = scorerNames(configs)
  const problems: Problem[] = []
  const scorers: Scorer[] = []
  for (const [i, config] of configs.entries()) {
    try {
      scorers.push(await createScorer(config, names[i]!, deps))
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error
      problems.push(...error.problems)
    }
  }
  if (problems.length > 0) {
    for (const scorer of scorers) await scorer.close?.()
    throw new ConfigurationError(problems)
  }
  return scorers
}

/** All scorers of a run. */
export interface ScorerSet {
  /** The run's scorers; the default ones where none are configured. */
  readonly configs: readonly ScorerConfig[]
  /** An example without any expectation can't be judged by the run's scorers. */
  readonly needsExpectation: boolean
  /** The scorers that judge an example, its own ones included. */
  readonly forExample: (example: Example) => Promise<readonly Scorer[]>
  readonly close: () => Promise<void>
}

/**
 * Makes a run's scorers, the default ones where none are configured.
 * @throws ConfigurationError with the problems of all of them
 */
export async function createScorerSet(configured: readonly ScorerConfig[], given: ScorerDeps): Promise<ScorerSet> {
  const deps = { ...given, embeddings: new Map() }
  const configs = configured.length > 0 ? configured : defaultScorers()
  const scorers = await createScorers(configs, deps)
  const shared = configs.find((config) => config.type === 'promptfoo' && config.assert === undefined)
  const cache = createScorerCache(deps, shared as ScorerConfigOf<'promptfoo'> | undefined)
  return {
    configs,
    needsExpectation: needsExpectation(configs),
    forExample: (example) => scorersFor(example, scorers, cache),
    async close() {
      for (const scorer of scorers) await scorer.close?.()
      await cache.close()
    },
  }
}
