import { messageOf } from '@agent-ci/core/errors'
import { forLog } from '@agent-ci/core/untrusted'
import { type Answer, NoAnswer } from './post.ts'
import { type TargetName, TITLES } from './targets.ts'

/** Why an alert was not delivered. */
export interface SendProblem {
  /** For a log, without secrets. */
  readonly sentence: string
  /** Whether it lies in this one alert, so that the next may well be taken. */
  readonly ofThisAlert: boolean
}

const MENDS: Readonly<Record<TargetName, string>> = {
  slack: 'Make a new incoming webhook and put its address into the secret behind slack-webhook-url',
  pagerDuty:
    'Check the integration key behind pagerduty-routing-key (Events API v2), and pagerduty_url for an account in Europe',
  webhook: 'Check webhook-url and what answers there',
  issue: 'Give the job `permissions: issues: write`, and a github-token',
}

/** The problem with an answer, or undefined for a success. */
export function problemOfAnswer(
  target: TargetName,
  { status, body }: Answer,
  secrets: readonly string[],
): SendProblem | undefined {
  if (status >= 200 && status < 300) return undefined
  const said = body.trim() === '' ? '' : ` (${forLog(withoutSecrets(body, secrets), 200)})`
  const answered = `${TITLES[target]} answered with HTTP ${status}${said}`
  if (status === 429) return { sentence: `${answered}: too many messages, also after waiting`, ofThisAlert: false }
  if (status >= 500) return { sentence: `${answered}, also after retries`, ofThisAlert: false }
  if (status === 400 || status === 413 || status === 422) {
    return { sentence: `${answered}. ${MENDS[target]}`, ofThisAlert: true }
  }
  return { sentence: `${answered}. ${MENDS[target]}`, ofThisAlert: false }
}

/** The problem with what was thrown. */
export function problemOfError(target: TargetName, error: unknown, secrets: readonly string[]): SendProblem {
  const why = withoutSecrets(messageOf(error), secrets)
  const sentence = error instanceof NoAnswer ? `${TITLES[target]} gave no answer: ${why}` : `${TITLES[target]}: ${why}`
  return { sentence: forLog(sentence, 500), ofThisAlert: false }
}

const withoutSecrets = (text: string, secrets: readonly string[]): string =>
  secrets.reduce((left, secret) => left.replaceAll(secret, '***'), text)
