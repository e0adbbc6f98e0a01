import { parseConfig } from '@agent-ci/core/config/parse'
import { SettingReader } from '@agent-ci/core/config/setting-reader'
import { groupUrl } from '@agent-ci/notify/pushgateway'
import { readTelemetry } from '@agent-ci/notify/telemetry-settings'
import { describe, expect, test } from '@jest/globals'

async function read(inputs: Readonly<Record<string, string>>, yaml = '', env: Readonly<Record<string, string>> = {}) {
  const located = yaml === '' ? undefined : await parseConfig(`version: 1\n${yaml}`, 'agent-ci.yaml')
  const reader = new SettingReader<string>((name) => inputs[name] ?? '', located)
  const telemetry = readTelemetry(reader, located, env)
  return { ...telemetry, problems: reader.problems.map(({ what, source }) => `${source?.line ?? 0}: ${what}`) }
}

describe('where metrics are pushed', () => {
  test('nowhere by default', async () => {
    expect(await read({})).toEqual({ secrets: [], problems: [] })
  })

  test('the input comes before the configuration, whose job and labels stay', async () => {
    const yaml = 'telemetry: { pushgateway: { url: "http://a:9091", job: evals, grouping: { team: support } } }\n'
    expect((await read({ 'pushgateway-url': 'http://b:9091' }, yaml)).pushgateway).toEqual({
      url: 'http://b:9091/',
      job: 'evals',
      grouping: { team: 'support' },
      headers: {},
    })
    expect((await read({ 'pushgateway-url': 'none' }, yaml)).pushgateway).toBeUndefined()
  })

  test('a header comes from the environment, and its variable is withheld from children', async () => {
    const yaml = `telemetry: { pushgateway: { url: "http://a:9091", headers: { Authorization: "\${PUSH_AUTH}" } } }\n`
    expect(await read({}, yaml, { PUSH_AUTH: 'Basic c2VjcmV0' })).toMatchObject({
      pushgateway: { headers: { Authorization: 'Basic c2VjcmV0' } },
      secrets: ['PUSH_AUTH'],
      problems: [],
    })
    expect((await read({}, yaml)).problems).toEqual([
      `0: telemetry.pushgateway.headers.Authorization refers to \${PUSH_AUTH}`,
    ])
  })

  test('what is no address is refused', async () => {
    expect((await read({ 'pushgateway-url': 'pushgateway:9091' })).problems).toEqual([
      '0: pushgateway-url is not usable',
    ])
  })

  test.each([
    ['http://a:9091/', 'agent-ci', { dataset: 'golden' }, 'http://a:9091/metrics/job/agent-ci/dataset/golden'],
    ['http://a/push', 'agent ci', {}, 'http://a/push/metrics/job/agent%20ci'],
    ['http://a', 'x', { dataset: 'evals/billing' }, 'http://a/metrics/job/x/dataset@base64/ZXZhbHMvYmlsbGluZw'],
    ['http://a', 'x', { team: '' }, 'http://a/metrics/job/x/team@base64/='],
  ])('%s with the job %s and %j is %s', (url, job, grouping, expected) => {
    expect(groupUrl(url, job, grouping as Record<string, string>)).toBe(expected)
  })
})

describe('where spans are sent', () => {
  test("the environment's base address gets the path of traces, the address of traces is taken as it is", async () => {
    expect((await read({}, '', { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318/' })).otlp).toEqual({
      url: 'http://c:4318/v1/traces',
      headers: {},
      timeoutMs: 10_000,
      resource: { 'service.name': 'agent-ci' },
      content: false,
    })
    const env = { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://c/custom', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://d' }
    expect((await read({}, '', env)).otlp?.url).toBe('http://c/custom')
  })

  test('headers and resource attributes are percent-decoded, and those of traces come first', async () => {
    const env = {
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c',
      OTEL_EXPORTER_OTLP_HEADERS: 'api-key=a%20b, x-tenant=one',
      OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'x-tenant=two',
      OTEL_SERVICE_NAME: 'support-agent',
      OTEL_RESOURCE_ATTRIBUTES: 'service.name=other,deployment.environment.name=ci',
      OTEL_EXPORTER_OTLP_TIMEOUT: '2500',
    }
    expect((await read({}, '', env)).otlp).toMatchObject({
      headers: { 'api-key': 'a b', 'x-tenant': 'two' },
      resource: { 'service.name': 'support-agent', 'deployment.environment.name': 'ci' },
      timeoutMs: 2_500,
    })
  })

  test("an address of the configuration does not get the headers of the environment's", async () => {
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c', OTEL_EXPORTER_OTLP_HEADERS: 'api-key=secret' }
    const { otlp } = await read({}, 'telemetry: { otlp: { endpoint: "http://own:4318" } }\n', env)
    expect(otlp).toMatchObject({ url: 'http://own:4318/v1/traces', headers: {} })
  })

  test.each([
    ['a switched-off SDK', { OTEL_SDK_DISABLED: 'true' }],
    ['no exporter', { OTEL_TRACES_EXPORTER: 'none' }],
  ])('%s sends nothing', async (_, env) => {
    const { otlp, otlpTrouble } = await read({}, '', { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c', ...env })
    expect([otlp, otlpTrouble]).toEqual([undefined, undefined])
  })

  test.each([
    ['gRPC', { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }],
    ['no scheme', { OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318' }],
    ['headers that are none', { OTEL_EXPORTER_OTLP_HEADERS: 'secret-token' }],
  ])('an environment with %s is told, and stops no run', async (_, env) => {
    const { otlp, otlpTrouble, problems } = await read({}, '', { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c', ...env })
    expect(otlp).toBeUndefined()
    expect(otlpTrouble).toContain('OTEL_EXPORTER_OTLP_')
    expect(otlpTrouble).not.toContain('secret-token')
    expect(problems).toEqual([])
  })

  test('none sends nothing whatever the environment says', async () => {
    expect(
      (await read({ 'otlp-endpoint': 'none' }, '', { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c' })).otlp,
    ).toBeUndefined()
  })
})
