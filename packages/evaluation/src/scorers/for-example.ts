import type { ScorerConfig, ScorerConfigOf } from '@agent-ci/core/config/scorers'
import { ConfigurationError, type Source } from '@agent-ci/core/errors'
import type { Example } from '@agent-ci/core/example'
import { canonicalJson, type Json } from '@agent-ci/core/json'
import type { Scorer } from '@agent-ci/core/score'
import type { ScorerDeps } from './deps.ts'
import { createScorer, scorerNames } from './scorer.ts'

/** The scorers that examples bring themselves; equal ones are made once. */
interface ScorerCache {
  get(config: ScorerConfig, name: string): Promise<Scorer>
  /** Closes all of them. */
  close(): Promise<void>
}

/** @param shared what the run says of promptfoo's assertions; an example's own settings win */
export function createScorerCache(deps: ScorerDeps, shared?: ScorerConfigOf<'promptfoo'>): ScorerCache {
  const scorers = new Map<string, Promise<Scorer>>()
  return {
    get(own, name) {
      const config = own.type === 'promptfoo' && shared ? { ...shared, ...own } : own
      const key = canonicalJson([name, config as Json])
      const known = scorers.get(key) ?? createScorer(config, name, deps)
      scorers.set(key, known)
      return known
    },
    async close() {
      for (const scorer of await Promise.allSettled(scorers.values())) {
        if (scorer.status === 'fulfilled') await scorer.value.close?.()
      }
      scorers.clear()
    },
  }
}

/**
 * The scorers that judge an example: its own list in place of the run's, and then still the run's safety scorers, and its `tools` scorers where its own list says
 * nothing of tools; an own list of nothing but safety scorers is added to the run's; of these the ones that have something to say about it.
 * @throws ConfigurationError at the example's place for an own scorer that can't be made
 */
export async function scorersFor(
  example: Example,
  runScorers: readonly Scorer[],
  cache: ScorerCache,
): Promise<readonly Scorer[]> {
  const own = example.scorers && (await ownScorers(example.scorers, example.source, cache))
  const toolScorers = runScorers.filter((scorer) => scorer.judges === 'tools')
  const safetyScorers = runScorers.filter((scorer) => scorer.judges === 'safety')
  const judgesTools = own?.some((scorer) => scorer.judges === 'tools')
  const judgesSafetyOnly = own !== undefined && own.length > 0 && own.every((scorer) => scorer.judges === 'safety')
  if (judgesSafetyOnly) return [...runScorers, ...own].filter((scorer) => scorer.appliesTo(example))
  const scorers = own === undefined ? runScorers : [...own, ...(judgesTools ? [] : toolScorers), ...safetyScorers]
  return scorers.filter((scorer) => scorer.appliesTo(example))
}

async function ownScorers(configs: readonly ScorerConfig[], source: Source, cache: ScorerCache): Promise<Scorer[]> {
  try {
    const names = scorerNames(configs)
    return await Promise.all(configs.map((config, i) => cache.get(config, names[i]!)))
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error
    throw new ConfigurationError(error.problems.map((problem) => ({ ...problem, source })))
  }
}
