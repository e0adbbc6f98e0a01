import { ConfigurationError } from '@agent-ci/core/errors'
import type { ScorerDeps } from './deps.ts'

/**
 * The value of an environment variable that a scorer can't do without.
 * @throws ConfigurationError when it is not set, or empty: that is what a secret which does not exist is in a workflow
 */
export function requiredVariable(variable: string, scorer: string, { env }: ScorerDeps): string {
  const value = env[variable]
  if (value) return value
  throw new ConfigurationError({
    what: `The scorer "${scorer}" needs the environment variable ${variable}`,
    why: 'It is not set or is empty',
    mend: `Set it on the step, for example env: { ${variable}: \${{ secrets.${variable} }} }`,
  })
}
