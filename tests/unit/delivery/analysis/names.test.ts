import { genaiMetrics } from '@agent-ci/delivery/analysis/packs/genai'
import { GENAI_NAMES } from '@agent-ci/delivery/analysis/packs/genai-names'
import { HTTP_NAMES } from '@agent-ci/delivery/analysis/packs/http'
import { formatMapping, mapNames } from '@agent-ci/delivery/analysis/packs/names'
import { describe, expect, test } from '@jest/globals'

const histogram = (name: string): string[] => ['_bucket', '_sum', '_count'].map((suffix) => `${name}${suffix}`)

describe('the spellings of GenAI names', () => {
  test.each([
    ['gen_ai_client_operation_duration_seconds', 'requests'],
    ['gen_ai_client_operation_duration', 'requests'],
    ['agentgateway_gen_ai_client_operation_duration_seconds', 'requests'],
    ['gen_ai.client.operation.duration_seconds', 'requests'],
    ['gen_ai.client.operation.duration', 'requests'],
  ])('%s are %s', (name, logical) => {
    expect(mapNames('genai', GENAI_NAMES, histogram(name)).get(logical)).toBe(name)
  })

  test.each([
    [histogram('gen_ai_client_token_usage'), 'tokens', 'gen_ai_client_token_usage'],
    [histogram('gen_ai_client_token_usage_token'), 'tokens', 'gen_ai_client_token_usage_token'],
    [histogram('agentgateway_gen_ai_client_token_usage'), 'tokens', 'agentgateway_gen_ai_client_token_usage'],
    [['gen_ai_client_token_usage_tokens_total'], 'tokens counted', 'gen_ai_client_token_usage_tokens_total'],
    [
      ['gen_ai_client_inference_usage_output_tokens_total'],
      'output tokens counted',
      'gen_ai_client_inference_usage_output_tokens_total',
    ],
  ])('%j are found', (names, logical, found) => {
    const all = [...histogram('gen_ai_client_operation_duration_seconds'), ...names]
    expect(mapNames('genai', GENAI_NAMES, all).get(logical)).toBe(found)
  })

  test('names with dots come with dotted labels, in quotes', () => {
    const metrics = genaiMetrics(mapNames('genai', GENAI_NAMES, histogram('gen_ai.client.operation.duration')))
    expect(metrics.find(({ name }) => name === 'error-rate')).toMatchObject({
      unit: 'request',
      counts: {
        total: '{"gen_ai.client.operation.duration_count",selector}',
        bad: { label: 'error.type', pattern: '.+' },
      },
    })
    expect(metrics.find(({ name }) => name === 'model-drift')).toMatchObject({
      query: expect.stringContaining(
        'count by ("gen_ai.response.model")({"gen_ai.client.operation.duration_count",$c,"gen_ai.response.model"!=""})',
      ),
    })
  })
})

describe('a pack without what it needs is refused', () => {
  test('with what was searched and what was found', () => {
    expect(() => mapNames('http', HTTP_NAMES, ['http_requests_in_flight'])).toThrow(
      'The pack http finds no requests in Prometheus. Searched for agent_requests_total, agent_requests, http_requests_total, http_server_request_duration_seconds_count, http_request_duration_seconds_count; found http_requests_in_flight.',
    )
  })
  test('a native histogram is named as such', () => {
    expect(() => mapNames('http', HTTP_NAMES, ['agent_requests_total', 'agent_request_duration_seconds'])).toThrow(
      'agent_request_duration_seconds is a native histogram; expected classic buckets',
    )
  })
})

test('the mapping says what was taken for what', () => {
  const names = ['agent_requests_total', ...histogram('agent_request_duration_seconds')]
  expect(formatMapping(HTTP_NAMES, mapNames('http', HTTP_NAMES, names))).toEqual([
    'requests -> agent_requests_total',
    'duration -> agent_request_duration_seconds',
  ])
})
