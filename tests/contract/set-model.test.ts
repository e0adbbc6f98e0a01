import { resultsSchema } from '@agent-ci/core/results'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { Provider } from '../integration/gateway/provider/provider.ts'
import { numberedExamples, runStep, Workspace } from './step.ts'

let workspace: Workspace
let provider: Provider
beforeEach(async () => {
  workspace = new Workspace()
  provider = await Provider.start()
  provider.reply = 'answer'
  workspace.write(
    'golden.jsonl',
    numberedExamples(12, () => ({ expected: 'answer' })),
  )
})
afterEach(async () => {
  workspace.remove()
  await provider.stop()
})

/** An agent that always asks for one model, whatever it is told. */
const AGENT = `
import { createInterface } from 'node:readline'
for await (const line of createInterface({ input: process.stdin })) {
  const { trial, input } = JSON.parse(line)
  const response = await fetch(process.env.ANTHROPIC_BASE_URL + '/v1/messages', {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'anthropic-version': '2023-06-01', 'x-api-key': process.env.ANTHROPIC_API_KEY },
    body: JSON.stringify({ model: 'claude-opus-5', max_tokens: 100, messages: [{ role: 'user', content: input }] }),
  })
  const message = await response.json()
  console.log(JSON.stringify({ trial, output: message.content?.[0].text ?? JSON.stringify(message) }))
}
`
const INPUTS = { agent: 'command:node agent.mjs', dataset: 'golden.jsonl', stop: 'never', 'set-model': 'true' }
const run = (inputs: Record<string, string>) =>
  runStep(
    'eval-gate',
    workspace,
    { ...INPUTS, ...inputs },
    { ANTHROPIC_BASE_URL: provider.url, ANTHROPIC_API_KEY: 'sk-ant-test-key' },
  )
const results = () => resultsSchema.parse(workspace.json('agent-ci-results/results.json'))
const asked = () => new Set(provider.received.map(({ body }) => (body as { model: string }).model))

test('an agent that takes no model is evaluated with the one that was asked for', async () => {
  workspace.write('agent.mjs', AGENT)
  const step = await run({ model: 'claude-haiku-4-5' })
  expect(step.log).not.toContain('defect')
  expect(step.status).toBe(0)
  expect(asked()).toEqual(new Set(['claude-haiku-4-5']))
  expect(results().model).toBe('claude-haiku-4-5')
  expect(results().cost_usd).toBeCloseTo((12 * 215.5) / 1e6, 12)
  expect(workspace.json('agent-ci-results/receipt.json')).toMatchObject({
    evaluated: { model: { requested: 'claude-haiku-4-5', answered: ['claude-haiku-4-5'] } },
  })
  const { fingerprint } = results()
  await run({ model: 'claude-haiku-4-5', 'set-model': 'false' })
  expect(asked()).toEqual(new Set(['claude-haiku-4-5', 'claude-opus-5']))
  expect(results().fingerprint.config).not.toBe(fingerprint.config)
})

test('the judge keeps its model', async () => {
  workspace.write('agent.mjs', AGENT)
  workspace.write(
    'agent-ci.yaml',
    'version: 1\ngateway: { set_model: true }\nscorers: [{ type: judge, model: claude-sonnet-5, rubric: Is it an answer? }]\n',
  )
  await run({ model: 'claude-haiku-4-5', 'set-model': '' })
  expect(asked()).toEqual(new Set(['claude-haiku-4-5', 'claude-sonnet-5']))
})

describe('refused', () => {
  const message = (step: { annotations: readonly { message: string }[] }) =>
    step.annotations.map((annotation) => annotation.message).join('\n')

  test('without a model, and for a running service, before the first call', async () => {
    workspace.write('agent.mjs', AGENT)
    expect(message(await run({}))).toMatch(/set-model is true, and there is no model/)
    const http = await run({ model: 'm', agent: provider.url })
    expect(message(http)).toMatch(/type http, and responses, cassettes, budget-usd or set-model are set/)
    expect(provider.received).toEqual([])
  })

  test('an agent whose calls do not come through the gateway was not evaluated with that model', async () => {
    workspace.write('agent.mjs', AGENT.replace('process.env.ANTHROPIC_BASE_URL', JSON.stringify(provider.url)))
    const step = await run({ model: 'claude-haiku-4-5' })
    expect(step.outputs.verdict).toBe('errored')
    expect(results().reason).toMatch(/no model call of the agent came through the gateway/)
    expect(step.status).toBe(1)
  })
})
