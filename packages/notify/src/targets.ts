import type { WebhookTarget } from './webhook.ts'

/** Who is told; what is absent is not. The addresses and keys are secrets. */
export interface Targets {
  readonly slack?: { readonly url: string }
  readonly pagerDuty?: { readonly routingKey: string; readonly url: string }
  readonly webhook?: WebhookTarget
  /** A GitHub issue for each incident, with these labels beside our own. */
  readonly issue?: { readonly labels: readonly string[] }
}

export type TargetName = keyof Targets

/** As people call them. */
export const TITLES: Readonly<Record<TargetName, string>> = {
  slack: 'Slack',
  pagerDuty: 'PagerDuty',
  webhook: 'The webhook',
  issue: 'The issue',
}

/** What must not appear in any message, the longest first: a service may quote an address whole, or only its path. */
export const secretsOf = ({ slack, pagerDuty, webhook }: Targets): string[] =>
  [...addressParts(slack?.url), pagerDuty?.routingKey, ...addressParts(webhook?.url), webhook?.secret]
    .filter((secret): secret is string => secret !== undefined && secret !== '')
    .toSorted((a, b) => b.length - a.length)

function addressParts(address: string | undefined): string[] {
  const url = URL.parse(address ?? '')
  if (!url || address === undefined) return []
  const parts = [url.pathname.slice(1), ...url.pathname.split('/'), ...url.searchParams.values(), url.password]
  // Shorter ones are words such as `services` or `v2`.
  return [address, url.href, ...parts.filter((part) => part.length >= 10)]
}
