import type { ScorerConfig } from '@agent-ci/core/config/scorers'
import { ConfigurationError } from '@agent-ci/core/errors'
import type { Scorer } from '@agent-ci/core/score'
import type { ScorerDeps } from './deps.ts'

/** One scorer; what it needs beyond this package's own code is loaded only now. */
export async function createScorer(config: ScorerConfig, name: string, deps: ScorerDeps): Promise<Scorer> {
  switch (config.type) {
    case 'exact':
      return (await import('./exact.ts')).createExact(config, name)
    case 'contains':
      return (await import('./contains.ts')).createContains(config, name)
    case 'regex':
      return (await import('./regex.ts')).createRegex(config, name)
    case 'json':
      return (await import('./json.ts')).createJson(config, name, deps)
    case 'number':
      return (await import('./number.ts')).createNumber(config, name)
    case 'similarity':
      return (await import('./similarity.ts')).createSimilarity(config, name, deps)
    case 'judge':
      return (await import('./judge.ts')).createJudge(config, name, deps)
    case 'tools':
      return (await import('./tools.ts')).createTools(config, name)
    case 'trajectory':
      return (await import('./trajectory.ts')).createTrajectory(config, name)
    case 'command':
      return (await import('./command.ts')).createCommand(config, name, deps)
    case 'canary':
      return (await import('./safety/canary.ts')).createCanary(config, name)
    case 'forbidden_tools':
      return (await import('./safety/forbidden-tools.ts')).createForbiddenTools(config, name, deps)
    case 'secrets':
      return (await import('./safety/secrets.ts')).createSecrets(config, name)
    case 'limits':
      return (await import('./safety/limits.ts')).createLimits(config, name)
    case 'prompt_overlap':
      return (await import('./safety/prompt-overlap.ts')).createPromptOverlap(config, name, deps)
    case 'refusal':
      return (await import('./safety/refusal.ts')).createRefusal(config, name, deps)
    case 'harm':
      return (await import('./safety/harm.ts')).createHarm(config, name, deps)
    case 'promptfoo':
      return (await import('./promptfoo/create.ts')).createPromptfoo(config, name, deps)
  }
}

/**
 * The names of scorers: the configured one, or the type, with `-2`, `-3` … where that is taken.
 * @throws ConfigurationError when two have the same configured name
 */
export function scorerNames(configs: readonly ScorerConfig[]): readonly string[] {
  const taken = new Set<string>()
  for (const { name } of configs) {
    if (name === undefined) continue
    if (taken.has(name)) {
      throw new ConfigurationError({
        what: `Two scorers have the name "${name}"`,
        why: 'Reports and `score.<name>` gates tell scorers apart by their names',
        mend: 'Give each a name of its own',
      })
    }
    taken.add(name)
  }
  return configs.map(({ name, type }) => {
    if (name !== undefined) return name
    let own: string = type
    for (let i = 2; taken.has(own); i++) own = `${type}-${i}`
    taken.add(own)
    return own
  })
}
