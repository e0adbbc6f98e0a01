import { readFileSync } from 'node:fs'
import { parseDeployedAgentConfig } from '@agent-ci/core/config/deployed-agent'
import type { ConfigurationError } from '@agent-ci/core/errors'
import { describe, expect, test } from '@jest/globals'

const FILE = 'config/production.yaml'
const GUIDE = readFileSync(new URL('../../fixtures/guide/config/production.yaml', import.meta.url), 'utf8')
const parse = (text: string) => parseDeployedAgentConfig(text, FILE)
const NEXT = 'See schema/deployed-agent.schema.json for every key; quote texts such as "on", "off" and "2.10".'
const UNKNOWN = 'Unknown keys are refused because a misspelt one would be ignored silently.'

describe("the deployed agent's configuration", () => {
  test('is read as in the guide, with the line of each key', async () => {
    const { value, sourceOf } = await parse(GUIDE)
    expect(value).toEqual({
      model: { primary: 'claude-sonnet-4-20250514', fallback: 'claude-haiku-3', temperature: 0.7, max_tokens: 4096 },
      prompts: { version: 'v20251215120000', fallback_version: 'v20251201000000' },
      tools: { enabled: ['web_search', 'database_query', 'email_send'], disabled: ['file_write'] },
      rate_limits: { requests_per_minute: 100, tokens_per_minute: 100_000 },
      monitoring: { log_level: 'INFO', metrics_enabled: true, trace_sampling_rate: 0.1 },
      safety: { content_filter: 'strict', pii_detection: 'enabled', max_tool_iterations: 10 },
    })
    expect(sourceOf(['agent', 'safety', 'max_tool_iterations'])).toEqual({ file: FILE, line: 33 })
  })

  test('has the defaults of the guide', async () => {
    const { value } = await parse('agent: {model: {}, prompts: {version: v1}}\nlogging: {theirs: 1}\n')
    expect(value).toEqual({
      model: { primary: 'claude-sonnet-4-20250514', fallback: 'claude-haiku-3', temperature: 0.7, max_tokens: 4096 },
      prompts: { version: 'v1', fallback_version: null },
      tools: { enabled: [], disabled: [] },
      rate_limits: { requests_per_minute: 100, tokens_per_minute: 100_000 },
      monitoring: { log_level: 'INFO', metrics_enabled: true, trace_sampling_rate: 0.1 },
      safety: { content_filter: 'strict', pii_detection: 'enabled', max_tool_iterations: 10 },
    })
  })

  test.each([
    [
      'temperature: 0.7',
      'temperature: 1.1',
      `agent.model.temperature is 1.1. Too big: expected number to be <=1. ${NEXT}`,
    ],
    [
      'temperature: 0.7',
      'temperature: -1',
      `agent.model.temperature is -1. Too small: expected number to be >=0. ${NEXT}`,
    ],
    [
      'max_tokens: 4096',
      'max_tokens: 8193',
      `agent.model.max_tokens is 8193. Too big: expected number to be <=8192. ${NEXT}`,
    ],
    ['max_tokens: 4096', 'max_tokens: 0', `agent.model.max_tokens is 0. Too small: expected number to be >=1. ${NEXT}`],
    [
      '_rate: 0.1',
      '_rate: 2',
      `agent.monitoring.trace_sampling_rate is 2. Too big: expected number to be <=1. ${NEXT}`,
    ],
    [
      'pii_detection: enabled',
      'pii_detection: off',
      `agent.safety.pii_detection is false. Expected string, received boolean. ${NEXT}`,
    ],
    [
      'version: v20251215120000',
      'version: 2.10',
      `agent.prompts.version is 2.1. Expected string, received number. ${NEXT}`,
    ],
    [
      'requests_per_minute',
      'request_per_minute',
      `"request_per_minute" is not a key of agent.rate_limits. ${UNKNOWN} Did you mean "requests_per_minute"?`,
    ],
    ['  safety:', '  savety:', `"savety" is not a key of agent. ${UNKNOWN} Did you mean "safety"?`],
    ['agent:', 'agents:', `agent is missing. Expected object, received undefined. ${NEXT}`],
  ])('%s as %s is refused with its line', async (from, to, message) => {
    const text = GUIDE.replace(from, to)
    const line = from === 'agent:' ? 2 : text.split('\n').findIndex((row) => row.includes(to)) + 1
    await expect(parse(text)).rejects.toThrow(expect.objectContaining({ message: `${FILE}:${line}: ${message}` }))
  })

  test('is refused with all problems at once', async () => {
    const error = await parse(GUIDE.replace('0.7', '7').replace('4096', '-1').replace('INFO', '1')).catch(
      (thrown: unknown) => thrown,
    )
    expect((error as ConfigurationError).problems.map(({ source }) => source!.line)).toEqual([6, 7, 26])
  })

  test.each([
    [
      '',
      'The file is empty. Expected the configuration of the deployed agent. Write agent: with its model and prompts.',
    ],
    [
      `a: &a [1,1,1,1,1,1,1,1,1,1]\nb: &b [${Array(10).fill('*a')}]\nc: &c [${Array(10).fill('*b')}]\nd: [${Array(10).fill('*c')}]\n`,
      'This YAML cannot be expanded: Excessive alias count indicates a resource exhaustion attack. Aliases are followed at most 100 times. Write the repeated part out.',
    ],
  ])('what holds no configuration is refused', async (text, message) => {
    await expect(parse(text)).rejects.toThrow(expect.objectContaining({ message: `${FILE}:1: ${message}` }))
  })
})
