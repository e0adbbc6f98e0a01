import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { proxySettings } from '@agent-ci/core/proxy'
import { addMeasurement, endMetric, startMetric } from '@agent-ci/delivery/analysis/fold'
import { measure } from '@agent-ci/delivery/analysis/measure'
import { DEFAULT_RULES, type ValueMetric } from '@agent-ci/delivery/analysis/metric'
import { PrometheusClient, type PrometheusOptions } from '@agent-ci/delivery/analysis/prometheus/client'
import { parseEndpoint } from '@agent-ci/delivery/analysis/prometheus/endpoint'
import { readMetric, startReading } from '@agent-ci/delivery/analysis/read'
import { afterEach, describe, expect, test } from '@jest/globals'
import { answers, StubPrometheus, vector } from './stub-prometheus.ts'

const signal = new AbortController().signal
const SECRET = 'tok-3cr3t-value'
const headers = { authorization: `Bearer ${SECRET}` }

let stub: StubPrometheus
afterEach(async () => await stub?.stop())

type Handler = Parameters<typeof StubPrometheus.start>[0]

async function clientOf(handle: Handler, options: Partial<PrometheusOptions> = {}): Promise<PrometheusClient> {
  stub = await StubPrometheus.start(handle)
  return new PrometheusClient({ ...parseEndpoint(stub.url, headers), proxies: proxySettings({}), ...options })
}

/** Something listened there a moment ago. */
async function deadAddress(): Promise<string> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return `http://127.0.0.1:${port}`
}

const breaksOff: Handler = (_, response) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' })
  response.write('{"status":"success",')
  setImmediate(() => response.destroy())
}

const hangs: Handler = () => {}
const hangsInBody: Handler = (_, response) => {
  response.writeHead(200, { 'content-type': 'application/json' })
  response.write('{"status":')
}

const page = '<!DOCTYPE html><html><head><title>Sign in</title></head><body></body></html>'
const nativeHistogram = {
  status: 'success',
  data: { resultType: 'vector', result: [{ metric: {}, histogram: [1, { count: '3', sum: '4', buckets: [] }] }] },
}
const refusal = (errorType: string) => ({ status: 'error', errorType, error: 'no' })

const metric: ValueMetric = {
  ...DEFAULT_RULES,
  kind: 'value',
  name: 'errors',
  unit: 'share',
  query: 'errors{selector}',
  samples: undefined,
  limits: { max: 0.05 },
  onViolation: 'fail',
  minSamples: 0,
  windowMs: 60_000,
}
const arms = { canary: [{ label: 'track', operator: '=', value: 'canary' }], stable: [] } as const

/** What a whole analysis comes to when every check gets the same answer. */
async function endOf(client: PrometheusClient): Promise<{ phase: string; verdict: string }> {
  let state = startMetric(0)
  let phase = ''
  for (let atMs = 0; atMs < 300_000; atMs += 30_000) {
    const { reading, memory } = await readMetric(metric, startReading(0), { client, arms, atMs, signal })
    const measurement = measure(metric, reading, memory.tally)
    phase = measurement.phase
    state = addMeasurement(state, metric, measurement)
  }
  return { phase, verdict: endMetric(state, metric, 'deadline').verdict }
}

describe('a faulty answer', () => {
  const html = 'text/html'
  test.each<[string, Handler, string, RegExp]>([
    ['503 with a page', answers(page, 503, html), 'http', /answered HTTP 503, a page titled "Sign in"$/],
    ['503 with a text', answers('no healthy upstream', 503, 'text/plain'), 'http', /HTTP 503, no healthy upstream$/],
    ['401', answers('', 401), 'http', /HTTP 401, nothing more: set prometheus-headers$/],
    ['404', answers('not found', 404), 'http', /is a base path missing from prometheus-url/],
    [
      'a login page with status 200',
      answers(page, 200, html),
      'html',
      /answered a web page titled "Sign in" instead of JSON/,
    ],
    ['other JSON', answers({ hello: 1 }), 'http', /is not Prometheus' JSON/],
    ['no body', answers(''), 'http', /is not Prometheus' JSON: nothing$/],
    [
      'a result of an unknown type',
      answers({ status: 'success', data: { resultType: 'cube', result: [] } }),
      'http',
      /not the result of a Prometheus query/,
    ],
    ['a query that takes too long', answers(refusal('timeout'), 503), 'timeout', /no \(timeout, HTTP 503\)$/],
    ['a wrong query', answers(refusal('bad_data'), 400), 'query', /refused the query: no \(bad_data, HTTP 400\)$/],
    ['a failing query', answers(refusal('execution'), 422), 'query', /execution, HTTP 422/],
    ['a server in trouble', answers(refusal('internal'), 500), 'http', /internal, HTTP 500/],
    ['two series', answers(vector('0.1', '0.2')), 'query', /answers 2 series \({pod="p0"}, {pod="p1"}\); expected one/],
    ['a native histogram', answers(nativeHistogram), 'query', /native histogram; expected a number/],
    ['a sample that is no number', answers(vector('many')), 'query', /a sample that is no number: "many"/],
    [
      'a warning',
      answers({ ...vector('0'), warnings: ['store 2 is down'] }),
      'partial',
      /may not be whole: store 2 is down$/,
    ],
    ['a connection that breaks in the answer', breaksOff, 'unreachable', /cannot be reached: /],
    ['an echo of the token', answers(`you sent Bearer ${SECRET}`, 500, 'text/plain'), 'http', /you sent \*\*\*$/],
  ])('%s is named as such, without a secret, and never passes', async (_, handle, kind, message) => {
    const client = await clientOf(handle)
    const asked = client.value('errors', { signal })
    await expect(asked).rejects.toThrow(message)
    await expect(asked).rejects.toMatchObject({ name: 'PrometheusError', kind })
    const thrown: unknown = await asked.catch((error: unknown) => error)
    expect(JSON.stringify(thrown, Object.getOwnPropertyNames(thrown))).not.toContain(SECRET)
    expect(await endOf(client)).toEqual({ phase: 'error', verdict: 'errored' })
  })

  test.each([
    ['before its head', hangs],
    ['in its body', hangsInBody],
  ])('an answer that hangs %s is given up in time', async (_, handle) => {
    const client = await clientOf(handle, { timeoutMs: 200 })
    const asked = client.value('errors', { signal })
    await expect(asked).rejects.toThrow(/did not answer within 0.2 s$/)
    await expect(asked).rejects.toMatchObject({ kind: 'timeout' })
  })

  test('nobody listening is unreachable, with the reason', async () => {
    const client = new PrometheusClient({ ...parseEndpoint(await deadAddress()), proxies: proxySettings({}) })
    await expect(client.value('errors', { signal })).rejects.toThrow(/cannot be reached: .*ECONNREFUSED/)
    expect(await endOf(client)).toEqual({ phase: 'error', verdict: 'errored' })
  })

  test('a redirect is not followed, since a header would go along', async () => {
    const client = await clientOf((_, response) => {
      response.writeHead(302, { location: 'https://login.example/start?next=secret' }).end()
    })
    await expect(client.value('errors', { signal })).rejects.toThrow(
      /redirects to https:\/\/login\.example\/start \(HTTP 302\)/,
    )
  })

  test('a cancelled job ends a question at once with its own reason', async () => {
    const client = await clientOf(hangs)
    const controller = new AbortController()
    const asked = client.value('errors', { signal: controller.signal })
    controller.abort(new Error('cancelled'))
    await expect(asked).rejects.toThrow('cancelled')
  })
})

describe('an answer that is no fault', () => {
  test.each([
    ['no series', vector(), 'noData', 'inconclusive'],
    ['NaN', vector('NaN'), 'noData', 'inconclusive'],
    ['+Inf', vector('+Inf'), 'fail', 'failed'],
    ['-Inf', vector('-Inf'), 'error', 'errored'],
    ['0', vector('0'), 'pass', 'passed'],
    ['a scalar', { status: 'success', data: { resultType: 'scalar', result: [1, '0.5'] } }, 'fail', 'failed'],
  ])('%s reads %s and ends %s', async (_, body, phase, verdict) => {
    expect(await endOf(await clientOf(answers(body)))).toEqual({ phase, verdict })
  })

  test('infos do not make it partial, even where an old server puts them among the warnings', async () => {
    const infos = ['PromQL info: metric might not be a counter']
    const client = await clientOf(answers({ ...vector('0.5'), warnings: infos, infos: ['more'] }))
    expect(await client.value('errors', { signal })).toEqual({
      sample: { atMs: 1_700_000_000_500, value: 0.5 },
      warnings: [],
      infos: ['more', ...infos],
    })
  })

  test('a partial answer is taken where that was asked for, with its warnings', async () => {
    const client = await clientOf(answers({ ...vector('0.5'), warnings: ['store 2 is down'] }), { partial: 'accept' })
    expect(await client.value('errors', { signal })).toMatchObject({
      sample: { value: 0.5 },
      warnings: ['store 2 is down'],
    })
  })
})

describe('a question', () => {
  test('goes below the base path, with the headers, and asks about the present of the server', async () => {
    stub = await StubPrometheus.start(answers(vector('1')))
    const endpoint = parseEndpoint(`${stub.url}/prometheus/`, { ...headers, 'x-scope-orgid': 'team' })
    const client = new PrometheusClient({ ...endpoint, proxies: proxySettings({}), timeoutMs: 5_000 })
    await client.value('up', { signal })
    const { url, headers: sent } = stub.requests[0]!
    expect(url.pathname).toBe('/prometheus/api/v1/query')
    expect(Object.fromEntries(url.searchParams)).toEqual({ query: 'up', timeout: '5000ms' })
    expect(sent).toMatchObject({ authorization: `Bearer ${SECRET}`, 'x-scope-orgid': 'team' })
  })

  test('a user and password of the address are sent as a header, and are in no message', async () => {
    stub = await StubPrometheus.start(answers('', 403))
    const endpoint = parseEndpoint(stub.url.replace('//', '//ann:p%40ss@'))
    const client = new PrometheusClient({ ...endpoint, proxies: proxySettings({}) })
    await expect(client.value('up', { signal })).rejects.toThrow(`${stub.url} answered HTTP 403`)
    expect(stub.requests[0]!.headers.authorization).toBe(`Basic ${Buffer.from('ann:p@ss').toString('base64')}`)
  })

  test('goes through the proxy of the environment, which this process does not read by itself', async () => {
    stub = await StubPrometheus.start(answers(vector('1')))
    const through = (env: Record<string, string>) =>
      new PrometheusClient({ ...parseEndpoint('http://prometheus.invalid:9090'), proxies: proxySettings(env) })
    await through({ http_proxy: stub.url.replace('//', '//me:pw@') }).value('up', { signal })
    expect(stub.requests[0]!.headers).toMatchObject({
      host: 'prometheus.invalid:9090',
      'proxy-authorization': `Basic ${Buffer.from('me:pw').toString('base64')}`,
    })
    const before = process.env.http_proxy
    process.env.http_proxy = stub.url
    try {
      await expect(through({}).value('up', { signal })).rejects.toMatchObject({ kind: 'unreachable' })
    } finally {
      if (before === undefined) delete process.env.http_proxy
      else process.env.http_proxy = before
    }
  })

  test('reaches https through a tunnel of the proxy, which sees no header of ours', async () => {
    const seen: unknown[] = []
    const proxy = createServer().on('connect', ({ url, headers: sent }: IncomingMessage, socket: Duplex) => {
      seen.push(url, JSON.stringify(sent))
      socket.end('HTTP/1.1 403 Forbidden\r\n\r\n')
    })
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
    try {
      const { port } = proxy.address() as AddressInfo
      const client = new PrometheusClient({
        ...parseEndpoint('https://prometheus.invalid', headers),
        proxies: proxySettings({ https_proxy: `http://me:pw@127.0.0.1:${port}` }),
      })
      await expect(client.value('up', { signal })).rejects.toMatchObject({ name: 'PrometheusError' })
      expect(seen[0]).toBe('prometheus.invalid:443')
      expect(seen[1]).toContain(Buffer.from('me:pw').toString('base64'))
      expect(seen[1]).not.toContain(SECRET)
    } finally {
      proxy.close()
    }
  })
})
