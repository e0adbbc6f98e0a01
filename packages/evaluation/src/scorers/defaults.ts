import { type ScorerConfig, type ScorerConfigOf, scorerSchemas } from '@agent-ci/core/config/scorers'

/**
 * The guide's rules, for a run that configures no scorers: a text is right when it equals the expected one, or is similar to it where an
 * embeddings endpoint is given (that scorer answers equal texts itself, without a call), and the expected tools were called at least.
 * An expected call that states arguments is called with at least these.
 */
export const defaultScorers = (similarity?: ScorerConfigOf<'similarity'>): readonly ScorerConfig[] => [
  similarity ?? scorerSchemas.exact.parse({ type: 'exact' }),
  scorerSchemas.tools.parse({ type: 'tools', mode: 'superset', args: 'superset' }),
]

function needsIt(config: ScorerConfig): boolean {
  switch (config.type) {
    case 'exact':
    case 'number':
    case 'similarity':
    case 'tools':
    case 'promptfoo':
    case 'trajectory':
      return true
    case 'contains':
      return config.value === undefined
    case 'regex':
      return config.pattern === undefined
    case 'json':
      return config.compare !== 'none' && config.schema === undefined
    case 'judge':
    case 'command':
    case 'canary':
    case 'forbidden_tools':
    case 'secrets':
    case 'limits':
    case 'prompt_overlap':
    case 'refusal':
    case 'harm':
      return false
  }
}

/** Whether every scorer judges by what an example expects, so that an example without any expectation can't be judged at all. */
export const needsExpectation = (configs: readonly ScorerConfig[]): boolean => configs.every(needsIt)

/** The model that grades what another tool's dataset leaves to a model: that of the run's own judge. */
export function judgeModelOf(configs: readonly ScorerConfig[]): { readonly judgeModel?: string } {
  const judge = configs.find((config) => config.type === 'judge')
  return judge ? { judgeModel: judge.model } : {}
}
