import { createHmac } from 'node:crypto'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import type { IssueTracker } from '@agent-ci/notify/issue'
import { notify, untoldKeys } from '@agent-ci/notify/notify'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { ALERT, HOSTILE, QUICK, TestHost } from './fixtures.ts'
import { answering, hang, reset, type Service, startPagerDuty, startSlack, startWebhook } from './services.ts'

const KEY = 'k'.repeat(32)
let slack: Service
let pagerDuty: Service
let webhook: Service

beforeEach(async () => {
  slack = await startSlack()
  pagerDuty = await startPagerDuty()
  webhook = await startWebhook()
})

afterEach(() => Promise.all([slack.stop(), pagerDuty.stop(), webhook.stop()]))

const targets = () => ({
  slack: { url: `${slack.url}/services/T0/B0/s3cr3t-t0ken` },
  pagerDuty: { routingKey: KEY, url: `${pagerDuty.url}/v2/enqueue` },
  webhook: { url: `${webhook.url}/in?token=s3cr3t-t0ken`, secret: 'of-the-two-of-us' },
})

test('an alert goes to all targets, each in its own words', async () => {
  const host = new TestHost()
  const deliveries = await notify([ALERT], targets(), host)
  expect(deliveries).toEqual([
    { target: 'slack', key: ALERT.key, problem: undefined },
    { target: 'pagerDuty', key: ALERT.key, problem: undefined },
    { target: 'webhook', key: ALERT.key, problem: undefined },
  ])
  expect(host.warnings).toEqual([])
  expect([slack, pagerDuty, webhook].map(({ received }) => received.map(({ path }) => path))).toEqual([
    ['/services/T0/B0/s3cr3t-t0ken'],
    ['/v2/enqueue'],
    ['/in?token=s3cr3t-t0ken'],
  ])
  const { body, headers } = webhook.received[0]!
  expect(headers['x-agent-ci-signature-256']).toBe(
    `sha256=${createHmac('sha256', 'of-the-two-of-us').update(body).digest('hex')}`,
  )
})

test('hostile and endless words are taken by all services', async () => {
  const host = new TestHost()
  const long = `${HOSTILE} `.repeat(500)
  const alert = { ...ALERT, title: long, text: long, key: long, facts: [{ name: long, value: long }] }
  await notify([alert, { ...alert, kind: 'resolve' }], targets(), host)
  expect(host.warnings).toEqual([])
})

test('a service that is busy is asked again after what it says, one that fails after a while', async () => {
  const host = new TestHost()
  slack.faults.push(answering(429, { 'retry-after': '7' }), answering(503))
  pagerDuty.faults.push(answering(429, { 'retry-after': 'Tue, 24 Nov 2026 03:00:04 GMT' }))
  const { slack: slackOnly, pagerDuty: pagerDutyOnly } = targets()
  await notify([ALERT], { slack: slackOnly }, host)
  await notify([ALERT], { pagerDuty: pagerDutyOnly }, host)
  expect(host.warnings).toEqual([])
  expect(host.waits).toEqual([7_500, 1_000, 3_000])
  expect(slack.received).toHaveLength(3)
})

test('a broken connection is tried again, with the same message', async () => {
  const host = new TestHost()
  webhook.faults.push(reset, reset)
  await notify([ALERT], { webhook: targets().webhook }, host)
  expect(host.warnings).toEqual([])
  expect(new Set(webhook.received.map(({ headers }) => headers['x-agent-ci-delivery'])).size).toBe(1)
  expect(webhook.received).toHaveLength(3)
})

test('a message that was taken is not sent again because the answer broke off', async () => {
  slack.faults.push((request, response) => {
    response.writeHead(200, { 'content-length': '100' })
    response.write('o', () => request.socket.resetAndDestroy())
  })
  const host = new TestHost()
  await notify([ALERT], { slack: targets().slack }, host)
  expect(host.warnings).toEqual([])
  expect(slack.received).toHaveLength(1)
})

test('a failure is a warning with what to do, without a secret, and the other targets get theirs', async () => {
  const host = new TestHost()
  slack.faults.push(answering(404, {}, `no_service at ${slack.url}/services/T0/B0/s3cr3t-t0ken\n::error::forged`))
  const deliveries = await notify([ALERT], targets(), host)
  expect(host.warnings).toEqual([
    'Alert not delivered: Slack did not take 1 of 1 alerts (agent-service was rolled back in production). ' +
      'Slack answered with HTTP 404 (no_service at ***\n  : :error::forged). ' +
      'Make a new incoming webhook and put its address into the secret behind slack-webhook-url. ' +
      'The results are complete without it.',
  ])
  expect(deliveries.map(({ target, problem }) => [target, problem === undefined])).toEqual([
    ['slack', false],
    ['pagerDuty', true],
    ['webhook', true],
  ])
  expect(untoldKeys(deliveries)).toEqual([])
})

test('a part of the address that a service quotes is not repeated either', async () => {
  const host = new TestHost()
  slack.faults.push(answering(404, {}, 'POST /services/T0/B0/s3cr3t-t0ken: no such token: s3cr3t-t0ken'))
  webhook.faults.push(answering(401, {}, 'bad token s3cr3t-t0ken'))
  const { slack: slackOnly, webhook: webhookOnly } = targets()
  await notify([ALERT], { slack: slackOnly, webhook: webhookOnly }, host)
  expect(host.warnings.join()).toContain('(POST /***: no such token: ***)')
  expect(host.warnings.join()).not.toContain('s3cr3t')
})

test.each([
  ['always busy', answering(429, { 'retry-after': '1' }), 4, 'HTTP 429: too many messages, also after waiting'],
  ['busy for longer than we wait', answering(429, { 'retry-after': '3600' }), 1, 'HTTP 429'],
  ['always failing', answering(502, {}, '<html>Bad gateway</html>'), 4, 'HTTP 502 (<html>Bad gateway</html>), also'],
  ['always breaking off', reset, 4, 'gave no answer: the connection was broken off'],
  ['redirecting', answering(302, { location: 'https://elsewhere.example' }), 1, 'HTTP 302'],
])('a service that is %s is given up', async (_, fault, requests, sentence) => {
  const host = new TestHost()
  webhook.faults.push(...Array.from({ length: 10 }, () => fault))
  const deliveries = await notify([ALERT], { webhook: targets().webhook }, host)
  expect(webhook.received).toHaveLength(requests)
  expect(host.warnings.join()).toContain(sentence)
  expect(host.warnings.join()).not.toMatch(/s3cr3t-t0ken|127\.0\.0\.1/)
  expect(untoldKeys(deliveries)).toEqual([ALERT.key])
})

test('a service that does not answer is given up after its time', async () => {
  const host = new TestHost()
  slack.faults.push(hang, hang)
  await notify([ALERT], { slack: targets().slack }, host, { rules: { ...QUICK, timeoutMs: 50, mostRetries: 1 } })
  expect(slack.received).toHaveLength(2)
  expect(host.warnings.join()).toContain('Slack gave no answer: there was no answer within 0.05 s')
})

test('nobody listens', async () => {
  const { webhook: target } = targets()
  await webhook.stop()
  const host = new TestHost()
  await notify([ALERT], { webhook: target }, host)
  expect(host.warnings.join()).toContain('The webhook gave no answer: the connection was refused')
  webhook = await startWebhook()
})

test('after a service has failed the other alerts are not tried there; a bad alert does not stop the next', async () => {
  const host = new TestHost()
  const alerts = ['a', 'b', 'c'].map((key) => ({ ...ALERT, key, title: `about ${key}` }))
  slack.faults.push(answering(403, {}, 'action_prohibited'))
  pagerDuty.faults.push(answering(400, {}, '{"status":"invalid event"}'))
  const { slack: slackOnly, pagerDuty: pagerDutyOnly } = targets()
  await notify(alerts, { slack: slackOnly, pagerDuty: pagerDutyOnly }, host)
  expect(slack.received).toHaveLength(1)
  expect(pagerDuty.received).toHaveLength(3)
  expect(host.warnings).toHaveLength(2)
  expect(host.warnings.join()).toContain('Slack did not take 3 of 3 alerts (about a; about b; about c)')
  expect(host.warnings.join()).toContain('PagerDuty did not take 1 of 3 alerts (about a)')
})

test('a cancelled job ends the sending, without an exception', async () => {
  const host = new TestHost()
  slack.faults.push((_, __) => host.controller.abort(new Error('the job was cancelled')))
  const deliveries = await notify([ALERT], { slack: targets().slack }, host)
  expect(deliveries).toEqual([{ target: 'slack', key: ALERT.key, problem: 'Slack: the job was cancelled' }])
})

test('an issue tracker that fails, or is not there, is a warning', async () => {
  const host = new TestHost()
  const broken = { author: () => Promise.reject(new Error('Resource not accessible by integration')) }
  await notify([ALERT], { issue: { labels: [] } }, host, { issues: broken as unknown as IssueTracker })
  await notify([ALERT], { issue: { labels: [] } }, host)
  expect(host.warnings[0]).toContain('The issue: Resource not accessible by integration')
  expect(host.warnings[1]).toContain('The issue needs a github-token')
})

test('the proxy of the environment is used, with its password, but not for hosts that go directly', async () => {
  const asked: string[] = []
  const port = Number(new URL(slack.url).port)
  const proxy = createServer()
  proxy.on('connect', (request, client) => {
    asked.push(`${request.url} ${request.headers['proxy-authorization']}`)
    const target = connect(port, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n')
      target.pipe(client).pipe(target)
    })
    target.on('error', () => client.destroy())
    client.on('error', () => target.destroy())
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  const address = `http://ci:p%40ss@127.0.0.1:${(proxy.address() as AddressInfo).port}`
  const host = new TestHost({ HTTP_PROXY: address, NO_PROXY: '127.0.0.1' })
  await notify([ALERT], { slack: { url: 'http://hooks.slack.example/services/x' }, webhook: targets().webhook }, host)
  expect(host.warnings).toEqual([])
  expect(asked).toEqual([`hooks.slack.example:80 Basic ${Buffer.from('ci:p@ss').toString('base64')}`])
  expect(slack.received).toHaveLength(1)
  expect(webhook.received).toHaveLength(1)
  proxy.closeAllConnections()
  await new Promise((resolve) => proxy.close(resolve))
})

test('a proxy that refuses is named as the cause', async () => {
  const proxy = createServer()
  proxy.on('connect', (_, client) => void client.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n'))
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  const host = new TestHost({ HTTP_PROXY: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}` })
  await notify([ALERT], { slack: { url: 'http://hooks.slack.example/services/x' } }, host)
  expect(host.warnings.join()).toContain('Slack gave no answer: the proxy refused the connection')
  await new Promise((resolve) => proxy.close(resolve))
})
