/** One condition on a label, as PromQL writes it. */
export interface Matcher {
  readonly label: string
  readonly operator: '=' | '!=' | '=~' | '!~'
  readonly value: string
}

/** What tells canary and stable series apart. */
export interface Arms {
  readonly canary: readonly Matcher[]
  readonly stable: readonly Matcher[]
  /** The same for series about pods (kube-state-metrics), which carry `namespace` and `pod`; undefined where pods are not known. */
  readonly pods?: { readonly canary: readonly Matcher[]; readonly stable: readonly Matcher[] }
}

export const ARMS = ['canary', 'stable'] as const
export type ArmName = (typeof ARMS)[number]

const quoted = (text: string): string =>
  `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`

/** Names beyond these are allowed since Prometheus 3, in quotes. */
const PLAIN_NAME = /^[A-Za-z_:][A-Za-z0-9_:]*$/

const nameOf = (name: string): string => (PLAIN_NAME.test(name) ? name : quoted(name))

/** `track="canary",namespace="prod"`, without braces. */
export const formatMatchers = (matchers: readonly Matcher[]): string =>
  matchers.map(({ label, operator, value }) => `${nameOf(label)}${operator}${quoted(value)}`).join(',')

/** `requests_total{track="canary"}`; a name with dots goes inside the braces, as Prometheus 3 has it, and an empty one is none. */
export function formatSelector(metric: string, matchers: readonly Matcher[]): string {
  if (metric === '' || PLAIN_NAME.test(metric)) return `${metric}{${formatMatchers(matchers)}}`
  return `{${[quoted(metric), formatMatchers(matchers)].filter((part) => part !== '').join(',')}}`
}

/** A text as a regular expression that matches only itself (RE2). */
export const escapeRegex = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')
