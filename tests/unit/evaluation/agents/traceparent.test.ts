import type { Agent } from '@agent-ci/core/agent'
import { commandAgent } from '@agent-ci/evaluation/agents/command'
import { httpAgent } from '@agent-ci/evaluation/agents/http'
import { pythonAgent } from '@agent-ci/evaluation/agents/python'
import { afterEach, expect, test } from '@jest/globals'
import { configOf, depsWith, directoryWith, requestFor, serveHttp } from './fixtures.ts'

let closing: { close(): Promise<void> }[] = []
afterEach(async () => {
  await Promise.all(closing.map((each) => each.close()))
  closing = []
})

const deps = depsWith({ traceparent: ({ example, repeat }) => `00-trace-${example.id}${repeat}-01` })

async function answerOf(agent: Agent): Promise<string> {
  closing.unshift(agent)
  return (await agent.run(requestFor('x', { id: 'e', repeat: 2 }))).output
}

/** A server that answers with the trace context that it was given. */
async function echo(): Promise<string> {
  const server = await serveHttp((request, response) =>
    response
      .setHeader('content-type', 'application/json')
      .end(JSON.stringify({ output: `${request.headers.traceparent}` })),
  )
  closing.push(server)
  return server.url
}

test('an http agent gets the context of its trial as a header', async () => {
  expect(await answerOf(httpAgent(configOf('http', { url: await echo() }), deps))).toBe('00-trace-e2-01')
})

test("the configuration's own header stays, and without a context there is none", async () => {
  const headers = { Traceparent: 'own' }
  expect(await answerOf(httpAgent(configOf('http', { url: await echo(), headers }), deps))).toBe('own')
  expect(await answerOf(httpAgent(configOf('http', { url: await echo() }), depsWith()))).toBe('undefined')
})

test('a process for each trial gets it in its environment', async () => {
  const command = ['sh', '-c', 'echo "$TRACEPARENT"']
  expect(await answerOf(commandAgent(configOf('command', { command, mode: 'once' }), deps))).toBe('00-trace-e2-01')
})

test('a worker gets it in its request', async () => {
  const script = `require('readline').createInterface({ input: process.stdin }).on('line', (line) => {
    const { trial, traceparent } = JSON.parse(line)
    console.log(JSON.stringify({ trial, output: traceparent }))
  })`
  const command = [process.execPath, '-e', script]
  expect(await answerOf(commandAgent(configOf('command', { command }), deps))).toBe('00-trace-e2-01')
})

test('a Python function gets it as a parameter', async () => {
  const directory = directoryWith({ 'target.py': 'def run(input, traceparent=None):\n    return traceparent\n' })
  closing.push({ close: async () => directory.remove() })
  const agent = pythonAgent(configOf('python', { target: 'target:run', cwd: directory.path }), deps)
  expect(await answerOf(agent)).toBe('00-trace-e2-01')
})
