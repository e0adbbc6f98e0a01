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

/** What must not appear in any message. */
export const secretsOf = ({ slack, pagerDuty, webhook }: Targets): string[] =>
  [slack?.url, pagerDuty?.routingKey, webhook?.url, webhook?.secret].filter(
    (secret): secret is string => secret !== undefined && secret !== '',
  )
