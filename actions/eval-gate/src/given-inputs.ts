import type { ScorerConfig } from '@agent-ci/core/config/scorers'
import { parseList } from '@agent-ci/core/quantities'
import { isSecretName } from '@agent-ci/core/secret-name'

/** Those that the results hold in a place of their own, and those that change nothing of what is measured and decided. */
const ELSEWHERE: ReadonlySet<string> = new Set([
  ...['config', 'dataset', 'model', 'repeats', 'shard', 'seed', 'base-ref'],
  ...['merge', 'resume', 'annotations', 'artifact-name', 'plan-only', 'output-dir', 'sarif'],
  // Their addresses may hold a password.
  ...['otlp-endpoint', 'pushgateway-url'],
])

/** Shorter values are words that may stand anywhere. */
const LEAST_SECRET = 8

/**
 * The inputs that a run was given, each in one line, as its results keep them. A secret of the environment is shown by its name, and of an
 * agent's address only what its description has: no password and no query.
 */
export function givenInputs<Name extends string>(
  names: readonly Name[],
  input: (name: Name) => string,
  env: Readonly<Record<string, string | undefined>>,
  scorers: readonly ScorerConfig[],
): Record<string, string> {
  const secrets = Object.entries(env)
    .flatMap(([name, value = '']) => (isSecretName(name) && value.length >= LEAST_SECRET ? [{ name, value }] : []))
    .toSorted((a, b) => b.value.length - a.value.length)
  const given = names.filter((name) => !ELSEWHERE.has(name) && input(name).trim() !== '')
  return Object.fromEntries(
    given.map((name) => {
      const text = input(name).trim()
      // A list of YAML is as good in one line.
      const line = name === 'scorers' && text.includes('\n') ? JSON.stringify(scorers) : inOneLine(name, text)
      return [name, secrets.reduce((text, secret) => text.replaceAll(secret.value, `$${secret.name}`), line)]
    }),
  )
}

function inOneLine(name: string, text: string): string {
  if (name === 'agent' && URL.canParse(text) && /^https?:/.test(text)) {
    const { origin, pathname } = new URL(text)
    return origin + pathname
  }
  return text.includes('\n') ? parseList(text).join(', ') : text
}
