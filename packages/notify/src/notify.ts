import { forLog } from '@agent-ci/core/untrusted'
import type { Alert } from './alert.ts'
import { type IssueTracker, keepIssue } from './issue.ts'
import { sendToPagerDuty } from './pagerduty.ts'
import { type Answer, DEFAULT_RULES, type NotifyHost, type PostRules } from './post.ts'
import { problemOfAnswer, problemOfError, type SendProblem } from './problem.ts'
import { sendToSlack } from './slack.ts'
import { secretsOf, type TargetName, type Targets, TITLES } from './targets.ts'
import { sendToWebhook } from './webhook.ts'

/** What became of one alert at one target. */
export interface Delivery {
  readonly target: TargetName
  readonly key: string
  /** A sentence without secrets; undefined where it was delivered. */
  readonly problem: string | undefined
  /** Of the issue that was opened, updated or closed. */
  readonly issueNumber?: number
}

export interface NotifyOptions {
  /** Needed where `targets.issue` is set. */
  readonly issues?: IssueTracker
  readonly rules?: PostRules
}

/**
 * Sends alerts to all targets, in their order at each, to the targets at the same time. Never throws: an alert that is not delivered
 * is a warning, and nothing else is lost. After a failure that is not the alert's own, the rest is not tried at that target.
 */
export async function notify(
  alerts: readonly Alert[],
  targets: Targets,
  host: NotifyHost,
  options: NotifyOptions = {},
): Promise<Delivery[]> {
  if (alerts.length === 0) return []
  const senders = sendersOf(targets, host, options)
  const deliveries = await Promise.all(
    senders.map(async ([target, send]) => {
      const done = await sendAll(alerts, target, send)
      warn(target, alerts, done, host)
      return done
    }),
  )
  return deliveries.flat()
}

/** The keys of alerts that no target took; none where there is no target. */
export function untoldKeys(deliveries: readonly Delivery[]): string[] {
  const told = new Set(deliveries.filter(({ problem }) => problem === undefined).map(({ key }) => key))
  return [...new Set(deliveries.map(({ key }) => key))].filter((key) => !told.has(key))
}

type Sent = { readonly problem: SendProblem | undefined; readonly issueNumber?: number }
type Send = (alert: Alert) => Promise<Sent>

function sendersOf(
  targets: Targets,
  host: NotifyHost,
  { issues, rules = DEFAULT_RULES }: NotifyOptions,
): [TargetName, Send][] {
  const secrets = secretsOf(targets)
  const senders: [TargetName, Send][] = []
  const add = (target: TargetName, send: (alert: Alert) => Promise<Sent>) =>
    senders.push([
      target,
      async (alert) => {
        try {
          return await send(alert)
        } catch (error) {
          return { problem: problemOfError(target, error, secrets) }
        }
      },
    ])
  const answered = (target: TargetName, send: (alert: Alert) => Promise<Answer>) =>
    add(target, async (alert) => ({ problem: problemOfAnswer(target, await send(alert), secrets) }))
  const { slack, pagerDuty, webhook, issue } = targets
  if (slack) answered('slack', (alert) => sendToSlack(alert, slack.url, host, rules))
  if (pagerDuty) answered('pagerDuty', (alert) => sendToPagerDuty(alert, pagerDuty, host, rules))
  if (webhook) answered('webhook', (alert) => sendToWebhook(alert, webhook, host, rules))
  if (issue) {
    add('issue', async (alert) => {
      if (!issues) return { problem: { sentence: 'The issue needs a github-token', ofThisAlert: false } }
      const issueNumber = await keepIssue(alert, issues, issue.labels)
      return { problem: undefined, ...(issueNumber !== undefined && { issueNumber }) }
    })
  }
  return senders
}

async function sendAll(alerts: readonly Alert[], target: TargetName, send: Send): Promise<Delivery[]> {
  const done: Delivery[] = []
  let stopped: string | undefined
  for (const alert of alerts) {
    const { problem, issueNumber } =
      stopped === undefined ? await send(alert) : { problem: { sentence: stopped, ofThisAlert: true } }
    if (problem && !problem.ofThisAlert) stopped = problem.sentence
    done.push({
      target,
      key: alert.key,
      problem: problem?.sentence,
      ...(issueNumber !== undefined && { issueNumber }),
    })
  }
  return done
}

/** One warning a target, whatever the number of alerts. */
function warn(target: TargetName, alerts: readonly Alert[], deliveries: readonly Delivery[], host: NotifyHost): void {
  const failed = deliveries.filter(({ problem }) => problem !== undefined)
  if (failed.length === 0) return
  const problems = [...new Set(failed.map(({ problem }) => problem))]
  const titles = alerts.filter(({ key }) => failed.some((delivery) => delivery.key === key)).map(({ title }) => title)
  host.warn(
    'Alert not delivered',
    `${TITLES[target]} did not take ${failed.length} of ${alerts.length} alerts (${titles
      .slice(0, 3)
      .map((title) => forLog(title, 100))
      .join(
        '; ',
      )}${titles.length > 3 ? '; …' : ''}). ${problems.slice(0, 3).join('. ')}. The results are complete without it.`,
  )
}
