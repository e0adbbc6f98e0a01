import { parseAgent } from '@agent-ci/evaluation/agents/parse'
import { describe, expect, test } from '@jest/globals'
import { refusalOf } from './fixtures.ts'

const origin = { name: 'agent', source: { file: 'agent-ci.yaml', line: 3 } }

describe('the short form of an agent', () => {
  test.each([
    ['http://127.0.0.1:8080/run', { type: 'http', url: 'http://127.0.0.1:8080/run', method: 'POST', headers: {} }],
    [' https://agent.test/v1?x=1 ', { type: 'http', url: 'https://agent.test/v1?x=1', method: 'POST', headers: {} }],
    ['command:node agent.mjs', { type: 'command', command: ['node', 'agent.mjs'], mode: 'worker', env: {} }],
    [
      `command: node "my agent.mjs" --name='a b'`,
      { type: 'command', command: ['node', 'my agent.mjs', '--name=a b'], mode: 'worker', env: {} },
    ],
    ['python:package.module:Agent', { type: 'python', target: 'package.module:Agent', python: 'python3', env: {} }],
    [
      'anthropic:claude-sonnet-5-5',
      { type: 'anthropic', model: 'claude-sonnet-5-5', max_tokens: 16_384, tools: [], max_tool_iterations: 10 },
    ],
  ])('%s', (text, config) => {
    expect(parseAgent(text, origin)).toEqual(config)
  })

  test.each([
    ['localhost:8080/run', 'Write http://localhost:8080/run'],
    ['10.0.0.7:8080', 'Write http://10.0.0.7:8080'],
    ['agent.test/run', 'Write http://agent.test/run'],
    ['htp://127.0.0.1', 'Did you mean http://127.0.0.1?'],
    ['comand:node agent.mjs', 'Did you mean command:node agent.mjs?'],
    ['pyhton:agent:run', 'Did you mean python:agent:run?'],
    ['agent:ProductionAgent', 'Write python:agent:ProductionAgent'],
    ['node agent.mjs', 'Write command:node agent.mjs'],
    ['./agent.sh', 'Write command:./agent.sh'],
    ['claude-sonnet-5-5', 'Write anthropic:claude-sonnet-5-5'],
    ['openai:gpt-5.2', 'Write for example command:node agent.mjs'],
    ['', 'Write for example command:node agent.mjs'],
    ['http://', 'Write for example http://127.0.0.1:8080/run'],
    ['http://a b', 'Write for example http://127.0.0.1:8080/run'],
    ['python:src/agent.py:run', 'Write python:src.agent:run'],
    ['python:agent', 'Write python:agent:run'],
    ['anthropic:', 'Write for example anthropic:claude-sonnet-5-5'],
    ['command:', 'Write node agent.mjs'],
  ])('%j is refused with the nearest form', async (text, mend) => {
    const message = await refusalOf(() => parseAgent(text, origin))
    expect(message).toMatch(/^agent-ci\.yaml:3: agent is /)
    expect(message).toContain('Expected ')
    expect(message).toContain(mend)
  })
})
