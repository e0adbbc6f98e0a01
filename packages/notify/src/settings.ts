import type { LocatedConfig } from '@agent-ci/core/config/parse'
import { expandReferences } from '@agent-ci/core/config/references'
import { optional, type SettingReader } from '@agent-ci/core/config/setting-reader'
import { ConfigurationError } from '@agent-ci/core/errors'
import { type Origin, parseBoolean } from '@agent-ci/core/quantities'
import { PAGERDUTY_URL } from './pagerduty.ts'
import type { Targets } from './targets.ts'

/** The inputs that say who is told. */
export type NotifyInput = 'slack-webhook-url' | 'pagerduty-routing-key' | 'webhook-url' | 'webhook-secret' | 'issue'

type Environment = Readonly<Record<string, string | undefined>>

/** None of these values is repeated in a message: they are secrets. */
function refuse(origin: Origin, why: string, mend: string): never {
  throw new ConfigurationError({
    what: `${origin.name} is not usable`,
    why,
    mend,
    ...(origin.source && { source: origin.source }),
  })
}

function parseAddress(text: string, origin: Origin, example: string): string {
  const url = URL.parse(text.trim())
  if (url?.protocol === 'https:' || url?.protocol === 'http:') return url.href
  return refuse(origin, 'Expected an address that begins with https://', `Give for example ${example}`)
}

function parseToken(text: string, origin: Origin): string {
  const token = text.trim()
  if (/^[\x21-\x7e]+$/.test(token)) return token
  return refuse(origin, 'Expected one word without spaces', 'Copy it again from where it was made')
}

/** Who is told, from inputs and the `notify` part of the configuration; problems stay with the reader. */
export function readTargets(
  reader: SettingReader<NotifyInput>,
  located: LocatedConfig | undefined,
  env: Environment,
): Targets {
  const configured = located?.config.notify
  const secret = (name: NotifyInput, parse: (text: string, origin: Origin) => string) => {
    const key = name.replaceAll('-', '_')
    return reader.read<string | undefined>(
      name,
      undefined,
      (text, origin) =>
        parse(origin.source ? (expandReferences({ [key]: text }, env, 'notify')[key] ?? '') : text, origin),
      ['notify', key],
    )
  }
  const slackUrl = secret('slack-webhook-url', (text, origin) =>
    parseAddress(text, origin, 'https://hooks.slack.com/services/T…/B…/…'),
  )
  const routingKey = secret('pagerduty-routing-key', parseToken)
  const webhookUrl = secret('webhook-url', (text, origin) =>
    parseAddress(text, origin, 'https://alerts.example.com/ci'),
  )
  const webhookSecret = secret('webhook-secret', (text) => text.trim())
  const issue = reader.read('issue', false, parseBoolean, ['notify', 'issue'])
  return {
    ...optional('slack', slackUrl === undefined ? undefined : { url: slackUrl }),
    ...optional(
      'pagerDuty',
      routingKey === undefined ? undefined : { routingKey, url: configured?.pagerduty_url ?? PAGERDUTY_URL },
    ),
    ...optional('webhook', webhookUrl === undefined ? undefined : { url: webhookUrl, secret: webhookSecret }),
    ...optional('issue', issue ? { labels: configured?.issue_labels ?? [] } : undefined),
  }
}
