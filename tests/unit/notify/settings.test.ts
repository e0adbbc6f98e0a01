import { parseConfig } from '@agent-ci/core/config/parse'
import { SettingReader } from '@agent-ci/core/config/setting-reader'
import { type NotifyInput, readTargets } from '@agent-ci/notify/settings'
import { expect, test } from '@jest/globals'

const SECRET = 'https://hooks.slack.com/services/T0/B0/s3cr3t'

function read(inputs: Partial<Record<NotifyInput, string>>) {
  const reader = new SettingReader<NotifyInput>((name) => inputs[name] ?? '', undefined)
  const targets = readTargets(reader, undefined, {})
  return { targets, problems: reader.problems }
}

test('nothing given: nobody is told', () => {
  expect(read({})).toEqual({ targets: {}, problems: [] })
})

test('inputs name the targets', () => {
  expect(
    read({
      'slack-webhook-url': SECRET,
      'pagerduty-routing-key': 'k'.repeat(32),
      'webhook-url': 'https://alerts.example/ci',
      'webhook-secret': 'ours',
      issue: 'true',
    }).targets,
  ).toEqual({
    slack: { url: SECRET },
    pagerDuty: { routingKey: 'k'.repeat(32), url: 'https://events.pagerduty.com/v2/enqueue' },
    webhook: { url: 'https://alerts.example/ci', secret: 'ours' },
    issue: { labels: [] },
  })
})

const CONFIG = `version: 1
notify:
  slack_webhook_url: \${SLACK}
  pagerduty_routing_key: \${PD}
  pagerduty_url: https://events.eu.pagerduty.com/v2/enqueue
  webhook_url: https://alerts.example/\${TOKEN}
  issue: true
  issue_labels: [nightly]
`

async function readConfig(text: string, env: Record<string, string>) {
  const located = await parseConfig(text, 'agent-ci.yaml')
  const reader = new SettingReader<NotifyInput>(() => '', located)
  return { targets: readTargets(reader, located, env), problems: reader.problems }
}

test('the configuration names variables that hold the secrets', async () => {
  const { targets } = await readConfig(CONFIG, { SLACK: SECRET, PD: 'k'.repeat(32), TOKEN: 't0ken' })
  expect(targets).toEqual({
    slack: { url: SECRET },
    pagerDuty: { routingKey: 'k'.repeat(32), url: 'https://events.eu.pagerduty.com/v2/enqueue' },
    webhook: { url: 'https://alerts.example/t0ken', secret: undefined },
    issue: { labels: ['nightly'] },
  })
})

test('a variable that is not set is named, with what to do', async () => {
  const { problems } = await readConfig(CONFIG, { PD: 'x', TOKEN: 'x' })
  expect(problems).toMatchObject([
    {
      what: `notify.slack_webhook_url refers to \${SLACK}`,
      why: 'That environment variable is not set or is empty',
    },
  ])
})

test('a secret that stands in the file is refused, and not repeated', async () => {
  const config = parseConfig(`version: 1\nnotify:\n  slack_webhook_url: ${SECRET}\n`, 'agent-ci.yaml')
  await expect(config).rejects.toThrow(
    `agent-ci.yaml:3: notify.slack_webhook_url is not what it may be. Expected the name of an environment variable, as in \${SLACK_WEBHOOK_URL}`,
  )
  await expect(config).rejects.not.toThrow('s3cr3t')
})

test.each<[NotifyInput, string]>([
  ['slack-webhook-url', 'hooks.slack.com/s3cr3t'],
  ['pagerduty-routing-key', 's3cr3t key'],
  ['webhook-url', 'ftp://s3cr3t'],
])('a wrong %s is refused without its value', (name, value) => {
  const { problems } = read({ [name]: value })
  expect(problems).toMatchObject([{ what: `${name} is not usable` }])
  expect(JSON.stringify(problems)).not.toContain('s3cr3t')
})

test('a wrong switch is refused', () => {
  expect(read({ issue: 'maybe' }).problems).toMatchObject([{ what: 'issue is "maybe"', why: 'Expected true or false' }])
})
