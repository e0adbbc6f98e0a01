import { ConfigurationError } from '@agent-ci/core/errors'
import { type ArmName, type Arms, formatMatchers, type Matcher } from './selector.ts'

/** `{selector}` or `{selector,` or `,selector}`: the place of an arm's labels among others. */
const PLACE = /([{,]\s*)selector(?=\s*[,}])/g
/** Names of queries are never a part of a longer word: `$count` is the user's own. */
const VARIABLE = /\$(c|s|w|pods)(?![A-Za-z0-9_])/g

/** What a template asks about: `both` can be asked for either arm. */
export type Scope = 'canary' | 'both' | 'none'

/**
 * `{selector}` and `$pods` stand for the arm that is asked, `$c` and `$s` always for canary and stable. A query with `{selector}` can be
 * asked for stable too; one with only `$c` is about the canary.
 */
export function scopeOf(template: string): Scope {
  const variables = [...template.matchAll(VARIABLE)].map((match) => match[1])
  if (template.search(PLACE) >= 0 || variables.includes('pods')) return 'both'
  return variables.includes('c') ? 'canary' : 'none'
}

/** Whether a template asks about pods, which not every caller can name. */
export const needsPods = (template: string): boolean =>
  [...template.matchAll(VARIABLE)].some((match) => match[1] === 'pods')

/** The query of one arm. `windowMs` becomes `$w`, in whole seconds, rounded up. Throws {@link ConfigurationError} for pods that nobody named. */
export function fillTemplate(template: string, arm: ArmName, arms: Arms, windowMs: number): string {
  if (!arms.pods && needsPods(template)) {
    throw new ConfigurationError({
      what: `The query ${template} asks about $pods`,
      why: "The names of the pods are not known here, and without them it would ask about everybody else's too",
      mend: 'Write the labels of the pods into the query',
    })
  }
  const text = (matchers: readonly Matcher[] | undefined) => formatMatchers(matchers ?? [])
  const values: Readonly<Record<string, string>> = {
    c: text(arms.canary),
    s: text(arms.stable),
    w: `${Math.max(1, Math.ceil(windowMs / 1_000))}s`,
    pods: text(arms.pods?.[arm]),
  }
  return template
    .replaceAll(VARIABLE, (_, name: string) => values[name]!)
    .replaceAll(PLACE, (_, before: string) => `${before}${text(arms[arm])}`)
}
