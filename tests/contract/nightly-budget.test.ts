import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { GOOD_PROMPT, NightlyWorkspace } from './nightly-workspace.ts'

const CONFIG = `version: 1
agent: { type: anthropic, model: claude-haiku-4-5, system: "file:prompts/support.md", max_tokens: 100 }
datasets: { golden: golden.jsonl }
nightly:
  models: [claude-haiku-4-5, claude-opus-4-5]
  history: dir:history
`

let workspace: NightlyWorkspace
let model: Server
let env: Record<string, string>
/** The models and system prompts that were asked for. */
let asked: { readonly model: string; readonly system: string }[]

beforeEach(async () => {
  asked = []
  model = createServer((request, response) => {
    let text = ''
    request.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
    request.on('end', () => {
      const body = JSON.parse(text) as { model: string; system: string; messages: { content: string }[] }
      asked.push(body)
      const content = [{ type: 'text', text: body.messages[0]!.content.replace('question', 'answer') }]
      response.writeHead(200, { 'content-type': 'application/json' }).end(
        JSON.stringify({
          id: 'msg_1',
          type: 'message',
          role: 'assistant',
          model: `${body.model}-20251101`,
          content,
          stop_reason: 'end_turn',
          stop_sequence: null,
          usage: { input_tokens: 20, output_tokens: 100 },
        }),
      )
    })
  })
  await new Promise<void>((ready) => model.listen(0, '127.0.0.1', ready))
  env = {
    ANTHROPIC_BASE_URL: `http://127.0.0.1:${(model.address() as AddressInfo).port}`,
    ANTHROPIC_API_KEY: 'sk-test-0123456789',
  }
  workspace = new NightlyWorkspace(CONFIG)
})
afterEach(async () => {
  workspace.remove()
  model.closeAllConnections()
  await new Promise((closed) => model.close(closed))
})

test('each model is asked with the prompt of the workspace, and the ids that answered are remembered', async () => {
  const step = await workspace.run({ sample: '20' }, env)
  expect(step.outputs.verdict).toBe('passed')
  expect(asked.filter(({ model: id }) => id === 'claude-opus-4-5')).toHaveLength(20)
  expect(new Set(asked.map(({ system }) => system))).toEqual(new Set([GOOD_PROMPT]))
  const { nights } = await workspace.history.read()
  expect(nights.map(({ answered }) => answered)).toEqual([['claude-haiku-4-5-20251101'], ['claude-opus-4-5-20251101']])
  expect(nights[0]!.cost_usd).toBeCloseTo(20 * 0.000_52, 6)
  expect(workspace.results.cost_usd).toBeCloseTo(20 * 0.000_52 + 20 * 0.002_6, 6)
})

test('the legs spend from one purse: what the first one took, the second one lacks', async () => {
  const step = await workspace.run({ 'budget-usd': '0.10', 'min-coverage': '0.5' }, env)
  expect(step.log).toMatch(/at most \$0\.1$/m)
  expect(workspace.results.cost_usd).toBeLessThanOrEqual(0.1)
  const [haiku, opus] = ['claude-haiku-4-5', 'claude-opus-4-5'].map((id) => asked.filter((call) => call.model === id))
  expect(haiku).toHaveLength(100)
  // 48 thousandths of a dollar are left, and a call takes 2.6.
  expect(opus!.length).toBeGreaterThan(14)
  expect(opus!.length).toBeLessThan(19)
  expect(workspace.results.legs.find(({ model: id }) => id === 'claude-opus-4-5')!.reason).toContain('budget')
})

test('a job with legs spends its share, and the job that joins them what is left', async () => {
  await workspace.run({ legs: 'golden__claude-opus-4-5', 'budget-usd': '0.10' }, env)
  // Half of it: a call takes 2.6 thousandths of a dollar.
  expect(asked.length).toBeGreaterThan(14)
  expect(asked.length).toBeLessThan(20)
})
