import { ConfigurationError, type Problem } from '../errors.ts'

/**
 * Replaces `${NAME}` in values by the environment's variable, so that secrets stay out of configuration files.
 * @param key the configuration's key for messages: `agent.headers`
 * @throws ConfigurationError naming every variable that is not set. An empty one counts as not set: that is what a secret which does
 * not exist is in a workflow.
 */
export function expandReferences(
  values: Readonly<Record<string, string>>,
  env: Readonly<Record<string, string | undefined>>,
  key: string,
): Record<string, string> {
  const problems: Problem[] = []
  const expanded = Object.entries(values).map(([name, value]) => [
    name,
    value.replaceAll(/\$\{(\w+)\}/g, (_, variable: string) => {
      const found = env[variable]
      if (!found) {
        problems.push({
          what: `${key}.${name} refers to \${${variable}}`,
          why: 'That environment variable is not set or is empty',
          mend: `Set it on the step, for example env: { ${variable}: \${{ secrets.${variable} }} }`,
        })
      }
      return found ?? ''
    }),
  ])
  if (problems.length > 0) throw new ConfigurationError(problems)
  return Object.fromEntries(expanded)
}
