import { messageOf } from '@agent-ci/core/errors'
import { forLog } from '@agent-ci/core/untrusted'
import { type NotifyHost, type PostRules, post } from './post.ts'

export interface PushgatewayTarget {
  readonly url: string
  /** undefined: the caller's. */
  readonly job?: string
  readonly grouping?: Readonly<Record<string, string>>
  readonly headers: Readonly<Record<string, string>>
}

/** The verdict stands, and people wait for the step to end. */
const RULES: PostRules = { mostRetries: 1, timeoutMs: 10_000, longestWaitMs: 5_000 }

/** A value with a slash, or none at all, cannot be a part of a path as it is (Pushgateway's README, "URL"). */
function pathOf(label: string, value: string): string {
  const text = value.toWellFormed()
  if (text !== '' && !text.includes('/')) return `/${label}/${encodeURIComponent(text)}`
  return `/${label}@base64/${text === '' ? '=' : Buffer.from(text).toString('base64url')}`
}

/** The address of a group: `http://pushgateway:9091/metrics/job/agent-ci/dataset/golden`. */
export function groupUrl(url: string, job: string, grouping: Readonly<Record<string, string>>): string {
  const group = Object.entries(grouping)
    .filter(([label]) => label !== 'job')
    .map(([label, value]) => pathOf(label, value))
  return `${url.replace(/\/+$/, '')}/metrics${pathOf('job', job)}${group.join('')}`
}

/**
 * Replaces a group's metrics by these: what this run did not measure does not stay from the run before. Trouble is one warning.
 *
 * @param body in Prometheus' text format
 */
export async function pushMetrics(
  body: string,
  target: PushgatewayTarget,
  fallback: { readonly job: string; readonly grouping: Readonly<Record<string, string>> },
  host: NotifyHost,
): Promise<void> {
  if (host.signal.aborted) return
  const url = groupUrl(target.url, target.job ?? fallback.job, target.grouping ?? fallback.grouping)
  const headers = { 'content-type': 'text/plain; version=0.0.4; charset=utf-8', ...target.headers }
  const warn = (why: string) => host.warn('Pushgateway', `The metrics of this run were not pushed: ${why}`)
  try {
    const { status, body: said } = await post({ method: 'PUT', url, headers, body }, host, RULES)
    if (status >= 200 && status < 300) return
    warn(`HTTP ${status}${said.trim() === '' ? '' : ` (${forLog(withoutSecrets(said, target), 200)})`}`)
  } catch (error) {
    warn(forLog(withoutSecrets(messageOf(error), target), 300))
  }
}

const withoutSecrets = (text: string, { headers }: PushgatewayTarget): string =>
  Object.values(headers).reduce((left, secret) => left.replaceAll(secret, '***'), text)
