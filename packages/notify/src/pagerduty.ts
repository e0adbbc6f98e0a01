import { createHash } from 'node:crypto'
import { visible } from '@agent-ci/core/untrusted'
import { type Alert, webLinks } from './alert.ts'
import { fitEncoded, oneLine } from './fit.ts'
import { type Answer, type NotifyHost, type PostRules, post } from './post.ts'

/** Accounts in Europe have events.eu.pagerduty.com. */
export const PAGERDUTY_URL = 'https://events.pagerduty.com/v2/enqueue'

/** Of the Events API v2 (developer.pagerduty.com/docs/events-api-v2-overview). The whole event may have 512 KB. */
const MOST = { summary: 1_024, dedupKey: 255, text: 20_000, facts: 100, name: 200, fact: 1_000, links: 20 } as const

export interface PagerDutyEvent {
  readonly routing_key: string
  readonly event_action: 'trigger' | 'resolve'
  readonly dedup_key: string
  readonly client: string
  readonly payload: {
    readonly summary: string
    readonly source: string
    readonly severity: Alert['severity']
    readonly timestamp: string
    readonly custom_details: Readonly<Record<string, string>>
  }
  readonly links: readonly { readonly href: string; readonly text: string }[]
}

const plain = (text: string, max: number): string => fitEncoded(text, max, visible)

/** The same for the trigger and the resolve of an incident, whatever the key holds. */
function dedupKey(key: string): string {
  if (key.length <= MOST.dedupKey && visible(key) === key) return key
  const digest = createHash('sha256').update(key).digest('hex')
  return `${plain(key, MOST.dedupKey - digest.length - 1)}-${digest}`
}

/** An alert as an event of PagerDuty's Events API v2, within its limits. */
export function pagerDutyEvent(alert: Alert, routingKey: string): PagerDutyEvent {
  const details: Record<string, string> = Object.create(null) as Record<string, string>
  details.text = plain(alert.text, MOST.text)
  for (const { name, value } of alert.facts.slice(0, MOST.facts)) {
    const label = plain(name, MOST.name)
    let free = label
    for (let copy = 2; free in details; copy++) free = `${label} (${copy})`
    details[free] = plain(value, MOST.fact)
  }
  if (alert.facts.length > MOST.facts) details['…'] = `${alert.facts.length - MOST.facts} more`
  return {
    routing_key: routingKey,
    event_action: alert.kind,
    dedup_key: dedupKey(alert.key),
    client: 'agent-ci',
    payload: {
      summary: plain(oneLine(alert.title), MOST.summary) || plain(alert.key, MOST.summary),
      source: plain(alert.key, 1_024),
      severity: alert.severity,
      timestamp: alert.at,
      custom_details: details,
    },
    links: webLinks(alert.links)
      .slice(0, MOST.links)
      .map(({ text, url }) => ({ href: url, text: plain(oneLine(text), 200) })),
  }
}

/** Triggers or resolves the alert of its key. */
export function sendToPagerDuty(
  alert: Alert,
  target: { readonly routingKey: string; readonly url: string },
  host: NotifyHost,
  rules: PostRules,
): Promise<Answer> {
  const body = JSON.stringify(pagerDutyEvent(alert, target.routingKey))
  return post({ url: target.url, headers: {}, body }, host, rules)
}
