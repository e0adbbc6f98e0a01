/** From the least to the worst. */
export const SEVERITIES = ['info', 'warning', 'error', 'critical'] as const
export type Severity = (typeof SEVERITIES)[number]

/** Something that people should know, or that it is over. Every text may hold words of others: senders escape all of them. */
export interface Alert {
  /** What the alert is about, the same from its trigger to its resolve: `agent-ci/<repository>/<environment>/<app>`. */
  readonly key: string
  readonly kind: 'trigger' | 'resolve'
  readonly severity: Severity
  /** One line. */
  readonly title: string
  /** Plain text, perhaps of several lines. */
  readonly text: string
  readonly facts: readonly Fact[]
  readonly links: readonly Link[]
  /** When it happened, ISO 8601. */
  readonly at: string
}

export interface Fact {
  readonly name: string
  readonly value: string
}

export interface Link {
  readonly text: string
  readonly url: string
}

/** Whether `a` is worse than `b`. */
export const isWorse = (a: Severity, b: Severity): boolean => SEVERITIES.indexOf(a) > SEVERITIES.indexOf(b)

/** The links that a browser can follow; others (`javascript:`, half an address) are left out. */
export function webLinks(links: readonly Link[]): Link[] {
  return links.flatMap(({ text, url }) => {
    const parsed = URL.parse(url)
    return parsed?.protocol === 'https:' || parsed?.protocol === 'http:' ? [{ text, url: parsed.href }] : []
  })
}
