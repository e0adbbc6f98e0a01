import { createHash, createHmac } from 'node:crypto'
import { type Alert, webLinks } from './alert.ts'
import { type Answer, type Message, type NotifyHost, type PostRules, post } from './post.ts'

export interface WebhookTarget {
  readonly url: string
  /** What requests are signed with; undefined: they are not. */
  readonly secret: string | undefined
}

/**
 * An alert as a signed POST. `X-Agent-CI-Signature-256` is the HMAC-SHA256 of the body's bytes, as GitHub's own webhooks have it; the
 * body names when it was sent, so that an old request cannot be given out for a new one, and `X-Agent-CI-Timestamp` repeats it in
 * Unix seconds. `X-Agent-CI-Delivery` is the same when the same message is sent again.
 */
export function webhookMessage(alert: Alert, { url, secret }: WebhookTarget, now: Date): Message {
  const { key, kind, severity, title, text, facts, links, at } = alert
  const body = JSON.stringify({
    schema_version: 1,
    sent_at: now.toISOString(),
    key,
    kind,
    severity,
    title,
    text,
    facts,
    links: webLinks(links),
    at,
  })
  return {
    url,
    headers: {
      'X-Agent-CI-Timestamp': String(Math.floor(now.getTime() / 1_000)),
      'X-Agent-CI-Delivery': createHash('sha256').update(body).digest('hex').slice(0, 32),
      ...(secret !== undefined && {
        'X-Agent-CI-Signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
      }),
    },
    body,
  }
}

/** Sends an alert to an address of your own. */
export function sendToWebhook(
  alert: Alert,
  target: WebhookTarget,
  host: NotifyHost,
  rules: PostRules,
): Promise<Answer> {
  return post(webhookMessage(alert, target, host.date()), host, rules)
}
