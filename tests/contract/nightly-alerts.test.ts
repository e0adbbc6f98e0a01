import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { ACTIONS } from '../integration/github/api-host.ts'
import { faults, GithubStub } from '../integration/github/github-stub.ts'
import { serveReleases } from '../integration/github/releases.ts'
import { GithubRepository } from '../integration/github/repository.ts'
import { answering, type Service, startPagerDuty, startSlack, startWebhook } from '../unit/notify/services.ts'
import { CONFIG, NightlyWorkspace } from './nightly-workspace.ts'
import type { StepResult } from './step.ts'

const TOKEN = 'ghs_planted_token_of_the_contract_test'
const ROUTING_KEY = 'R0123456789abcdef0123456789abcde'

let workspace: NightlyWorkspace
let services: { readonly slack: Service; readonly pagerDuty: Service; readonly webhook: Service }
let stub: GithubStub
let repository: GithubRepository
beforeEach(async () => {
  services = { slack: await startSlack(), pagerDuty: await startPagerDuty(), webhook: await startWebhook() }
  stub = await GithubStub.start()
  repository = new GithubRepository(stub)
  const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString().replace(/\.\d+Z$/, 'Z')
  serveReleases(stub, [
    { tag: 'v1.5.0-draft', at: null },
    { tag: 'v1.4.0', at: daysAgo(3) },
  ])
  workspace = new NightlyWorkspace(`${CONFIG}notify: { pagerduty_url: ${services.pagerDuty.url}/v2/enqueue }\n`)
  await workspace.remember()
})
afterEach(async () => {
  workspace.remove()
  for (const service of Object.values(services)) await service.stop()
  await stub.stop()
})

const told = (service: Service) => service.received.map(({ body }) => JSON.parse(body) as Record<string, unknown>)

function night(env: Record<string, string> = {}, more: Record<string, string> = {}): Promise<StepResult> {
  const inputs = {
    'slack-webhook-url': `${services.slack.url}/services/T0/B0/planted-slack-secret`,
    'pagerduty-routing-key': ROUTING_KEY,
    'webhook-url': `${services.webhook.url}/alerts?token=planted-webhook-secret`,
    'webhook-secret': 'planted-signing-secret',
    issue: 'true',
    'trend-url': 'https://acme.example/nights/',
    'github-token': TOKEN,
    ...more,
  }
  return workspace.run(inputs, {
    ...ACTIONS,
    GITHUB_EVENT_NAME: 'schedule',
    GITHUB_API_URL: stub.url,
    GITHUB_GRAPHQL_URL: `${stub.url}/graphql`,
    ...env,
  })
}

test('the page marks the releases that are published', async () => {
  await night()
  const page = workspace.read('agent-ci-results/dashboard.html')
  expect(page).toContain('v1.4.0')
  expect(page).toContain('https://github.com/acme/support/releases/tag/v1.4.0')
  expect(page).not.toContain('v1.5.0-draft')
})

test('people are told once of an incident, and again when it is over', async () => {
  workspace.wrong(25)
  const first = await night()
  expect(first).toMatchObject({ status: 0, outputs: { verdict: 'failed', 'issue-number': '1' } })
  const key = 'agent-ci/acme/support/nightly/golden/opus/accuracy'
  expect(told(services.slack)).toHaveLength(1)
  expect(services.slack.received[0]!.body).toContain('points worse')
  expect(told(services.pagerDuty)).toMatchObject([
    { event_action: 'trigger', dedup_key: key, routing_key: ROUTING_KEY },
  ])
  expect(told(services.webhook)).toMatchObject([
    {
      key,
      kind: 'trigger',
      severity: 'error',
      links: [
        { text: 'Run', url: 'https://github.com/acme/support/actions/runs/7' },
        { text: 'Trend', url: expect.stringMatching(/^https:\/\/acme\.example\/nights\/#series-\w{12}$/) },
      ],
    },
  ])
  expect(workspace.read('agent-ci-results/site/index.html')).toBe(workspace.read('agent-ci-results/dashboard.html'))
  expect(services.webhook.received[0]!.headers).toHaveProperty('x-agent-ci-signature-256')
  expect(repository.issues).toMatchObject([{ state: 'open', title: expect.stringContaining('golden with opus') }])
  expect(workspace.results.incidents).toMatchObject([{ key, kind: 'trigger' }])

  await workspace.passADay()
  const second = await night()
  expect(second.outputs.verdict).toBe('failed')
  for (const service of Object.values(services)) expect(service.received).toHaveLength(1)
  expect(workspace.results.incidents).toMatchObject([{ key, kind: 'open' }])

  await workspace.passADay()
  workspace.wrong(7)
  const third = await night()
  expect(third.outputs).toMatchObject({ verdict: 'passed', 'issue-number': '1' })
  expect(told(services.pagerDuty)[1]).toMatchObject({ event_action: 'resolve', dedup_key: key })
  expect(told(services.webhook)[1]).toMatchObject({ key, kind: 'resolve' })
  expect(services.slack.received).toHaveLength(2)
  expect(repository.issues).toMatchObject([{ state: 'closed', comments: [expect.anything()] }])
  expect(workspace.results.incidents).toMatchObject([{ key, kind: 'resolve' }])

  await workspace.passADay()
  await night()
  for (const service of Object.values(services)) expect(service.received).toHaveLength(2)
})

test('a regression that lasts is not paid for again, until it is better, worse, or something was changed', async () => {
  const spent = async (wrong: number) => {
    workspace.wrong(wrong)
    workspace.write('calls.txt', '')
    const step = await night({}, { control: 'regressed' })
    return { step, calls: workspace.calls.filter((call) => call !== '').length }
  }
  expect((await spent(25)).calls).toBe(300)
  expect(workspace.results.series[0]).toMatchObject({ state: 'regressed', cause: 'provider' })

  for (const wrong of [25, 28, 24]) {
    await workspace.passADay()
    const { step, calls } = await spent(wrong)
    expect(calls).toBe(100)
    expect(step.outputs.verdict).toBe('failed')
    expect(step.log).toMatch(/not run again: it is where the re-run of \d{4}-\d\d-\d\d found it \(0\.750, n 100, p/)
    expect(workspace.results.series[0]).toMatchObject({ state: 'regressed', cause: 'provider', confirmed: null })
    expect(workspace.results.incidents).toMatchObject([{ kind: 'open' }])
  }
  expect(services.webhook.received).toHaveLength(1)

  await workspace.passADay()
  expect((await spent(60)).calls).toBe(500)
  await workspace.passADay()
  workspace.repository.commit({ 'prompts/support.md': 'Be brief, and always look the answer up.\n' })
  expect((await spent(60)).calls).toBe(500)
  await workspace.passADay()
  const { step } = await spent(7)
  expect(step.outputs.verdict).toBe('passed')
  expect(workspace.results.incidents).toMatchObject([{ kind: 'resolve' }])
  const { findings } = await workspace.history.read()
  expect(findings.filter(({ incident }) => incident !== null).map(({ incident }) => incident)).toEqual([
    'opened',
    'closed',
  ])
})

test('an alert that nobody took is a warning, costs nothing else, and is sent the next night', async () => {
  workspace.wrong(25)
  for (const service of Object.values(services)) service.faults.push(answering(404), answering(404))
  stub.fail('GET /repos/{owner}/{repo}/issues', faults.forbidden)
  const step = await night()
  expect(step).toMatchObject({ status: 0, outputs: { verdict: 'failed', 'issue-number': '' } })
  expect(step.annotations.filter(({ properties }) => properties.includes('Alert not delivered'))).toHaveLength(4)
  expect(JSON.parse(step.outputs.regressions!)).toHaveLength(1)
  expect(workspace.results.incidents).toMatchObject([{ kind: 'trigger' }])

  for (const service of Object.values(services)) service.faults.splice(0)
  await workspace.passADay()
  await night()
  expect(told(services.webhook).at(-1)).toMatchObject({ kind: 'trigger' })
  expect(repository.issues).toMatchObject([{ state: 'open' }])
})

test('no secret is in the log, the results or the page', async () => {
  workspace.wrong(25)
  const step = await night()
  const log = step.log
    .split('\n')
    .filter((line) => !line.startsWith('::add-mask::'))
    .join('\n')
  const everything = [
    log,
    step.summary,
    JSON.stringify(step.outputs),
    ...['results.json', 'dashboard.html', 'summary.md', 'golden__opus/results.json', 'golden__opus/leg.json'].map(
      (file) => workspace.read(`agent-ci-results/${file}`),
    ),
  ].join('\n')
  for (const secret of ['planted', ROUTING_KEY]) expect(everything).not.toContain(secret)
  expect(workspace.read('agents-environment')).not.toMatch(new RegExp(`planted|${ROUTING_KEY}`))
})

test('a series that cannot be judged opens and closes nothing', async () => {
  workspace.wrong(25)
  await night()
  await workspace.passADay()
  workspace.write('broken', '')
  const step = await night()
  expect(step).toMatchObject({ status: 1, outputs: { verdict: 'errored' } })
  const kinds = told(services.webhook).map(({ key, kind }) => `${kind as string} ${key as string}`)
  expect(kinds).toEqual([
    'trigger agent-ci/acme/support/nightly/golden/opus/accuracy',
    'trigger agent-ci/acme/support/nightly/not measured',
  ])
})

test('an incident is over when somebody accepts the night as the new normal', async () => {
  workspace.wrong(25)
  await night()
  await workspace.history.append(
    {
      blessings: [
        {
          schema_version: 1,
          at: new Date().toISOString(),
          by: 'mona',
          reason: 'shorter answers are what we want',
          run: '7',
          night: new Date().toISOString().slice(0, 10),
          dataset: '*',
          model: '*',
        },
      ],
    },
    'x',
  )
  const step = await night()
  expect(step.outputs.verdict).toBe('passed')
  expect(workspace.results.series.every(({ state }) => state === 'warming-up')).toBe(true)
  expect(told(services.webhook).map(({ kind }) => kind)).toEqual(['trigger', 'resolve'])
  expect(repository.issues).toMatchObject([{ state: 'closed' }])
})
