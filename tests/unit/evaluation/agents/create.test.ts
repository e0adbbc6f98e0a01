import { createAgent } from '@agent-ci/evaluation/agents/create'
import { parseAgent } from '@agent-ci/evaluation/agents/parse'
import { expect, test } from '@jest/globals'
import { depsWith, refusalOf } from './fixtures.ts'

const create = (text: string) => createAgent(parseAgent(text, { name: 'agent' }), depsWith({ env: {} }))

test.each([
  ['http://127.0.0.1:1/run?key=1', 'http http://127.0.0.1:1/run'],
  ['command:node agent.mjs', 'command node agent.mjs'],
  ['python:agent:ProductionAgent', 'python agent:ProductionAgent'],
])('%s is made without a call, and closed', async (text, description) => {
  const agent = await create(text)
  expect(agent.description).toBe(description)
  await agent.close()
})

test('what can be seen to be wrong is refused before a call', async () => {
  expect(await refusalOf(() => create('anthropic:claude-sonnet-5-5'))).toContain('ANTHROPIC_API_KEY is not set')
})
