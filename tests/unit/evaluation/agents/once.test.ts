import { existsSync, readFileSync } from 'node:fs'
import type { Agent } from '@agent-ci/core/agent'
import { commandAgent } from '@agent-ci/evaluation/agents/command'
import type { AgentDeps } from '@agent-ci/evaluation/agents/deps'
import { afterEach, describe, expect, test } from '@jest/globals'
import { configOf, depsWith, directoryWith, isRunning, requestFor, until } from './fixtures.ts'

let closing: { close(): Promise<void> }[] = []
afterEach(async () => {
  await Promise.all(closing.map((each) => each.close()))
  closing = []
})

/** An agent that runs a script in a process for each trial. */
function agentOf(program: 'sh' | 'node', script: string, deps: Partial<AgentDeps> = {}): Agent {
  const command = program === 'sh' ? ['sh', '-c', script] : [process.execPath, '-e', script]
  const agent = commandAgent(configOf('command', { command, mode: 'once' }), depsWith(deps))
  closing.push(agent)
  return agent
}

function emptyDirectory(): string {
  const directory = directoryWith({})
  closing.push({ close: async () => directory.remove() })
  return directory.path
}

describe('a process for each trial', () => {
  test.each<[string, Parameters<typeof requestFor>[0], string]>([
    ['a text as it is', 'héllo\n "you"', 'héllo\n "you"'],
    ['anything else as JSON', { q: [1] }, '{"q":[1]}'],
  ])('gets %s on stdin', async (_, input, output) => {
    expect(await agentOf('sh', 'cat').run(requestFor(input))).toEqual({
      output,
      toolCalls: null,
      usage: {},
      latencyMs: expect.any(Number),
      attempts: 1,
    })
  })

  test('is told its trial in the environment', async () => {
    const agent = agentOf('sh', 'echo "$AGENT_CI_EXAMPLE $AGENT_CI_REPEAT $AGENT_CI_MODEL $AGENT_CI $URL"', {
      workerEnv: (worker) => ({ URL: `/${worker}` }),
    })
    expect(await agent.run(requestFor('x', { id: 'é', repeat: 2, model: 'm-1' }))).toMatchObject({
      output: 'é 2 m-1 1 /0',
    })
  })

  test.each([
    ['the text without the newline at its end', "printf 'a\\n\\n'", 'a\n'],
    ['nothing', 'true', ''],
    ['JSON that is no reply', `echo '{"city": "Paris"}'`, '{"city": "Paris"}'],
    ['five megabytes', 'head -c 5000000 /dev/zero | tr "\\0" x', 'x'.repeat(5_000_000)],
    ['broken UTF-8', "printf 'a\\377b'", 'a\ufffdb'],
    ['without reading its input', 'exec <&-; echo done', 'done'],
  ])('answers with %s', async (_, script, output) => {
    const reply = await agentOf('sh', script).run(requestFor('x'.repeat(200_000)))
    expect(reply.failure).toBeUndefined()
    expect(reply.output).toBe(output)
  })

  test('may answer with a reply', async () => {
    const script = `echo '{"output": "Paris", "tool_calls": ["search"], "usage": {"output_tokens": 1}}'`
    expect(await agentOf('sh', script).run(requestFor('x'))).toMatchObject({
      output: 'Paris',
      toolCalls: [{ name: 'search', args: {} }],
      usage: { outputTokens: 1 },
    })
  })

  test.each([
    [
      'exits with a code: its own failure',
      'echo why >&2; exit 3',
      { of: 'agent', kind: 'exception', message: 'The agent exited with code 3; stderr ends with: why' },
    ],
    [
      'is killed: no measurement',
      'kill -9 $$',
      {
        of: 'infrastructure',
        kind: 'crash',
        message: "The agent's process was killed by SIGKILL before it answered; stderr is empty",
      },
    ],
    ['breaks the form of a reply', `echo '{"output": null}'`, { of: 'agent', kind: 'protocol' }],
    [
      'writes without end',
      'yes',
      { of: 'agent', kind: 'protocol', message: 'The agent wrote more than 16777216 bytes to stdout' },
    ],
  ])('fails when it %s', async (_, script, failure) => {
    expect((await agentOf('sh', script).run(requestFor('x'))).failure).toMatchObject({ retryable: false, ...failure })
  })

  test('leaves nothing behind, not even what holds its stdout', async () => {
    const { output } = await agentOf('sh', 'sleep 1000 & echo $!').run(requestFor('x'))
    await until(() => !isRunning(Number(output)))
  })

  test('whose stdout is held by a process that left its group answers all the same', async () => {
    const script = `const { spawn } = require('node:child_process')
      console.log(spawn('sleep', ['1000'], { detached: true, stdio: ['ignore', 'inherit', 'inherit'] }).pid); process.exit(0)`
    const { output, failure } = await agentOf('node', script).run(requestFor('x'))
    expect(failure).toBeUndefined()
    process.kill(Number(output))
  })

  test('there are no more of them than trials in flight', async () => {
    const path = emptyDirectory()
    // The first waits for a second one, however slow the machine is.
    const second = 'until [ "$(grep -c start log)" -ge 2 ]; do sleep 0.01; done'
    const script = `echo start >> log; ${second}; sleep 0.02; echo end >> log`
    const agent = agentOf('sh', script, { cwd: path, concurrency: 2 })
    await Promise.all(Array.from({ length: 6 }, () => agent.run(requestFor('x'))))
    let inFlight = 0
    const levels = readFileSync(`${path}/log`, 'utf8')
      .trim()
      .split('\n')
      .map((line) => (inFlight += line === 'start' ? 1 : -1))
    expect(Math.max(...levels)).toBe(2)
  })

  test.each([
    ['stopped', 'timeout', 'No reply within 1 s'],
    ['closed', 'aborted', 'The agent was closed'],
  ])('ends with all it started when it is %s', async (how, kind, message) => {
    const path = emptyDirectory()
    const agent = agentOf('sh', 'sleep 1000 & echo $$ $! > new; mv new pids; wait', { cwd: path })
    const stop = new AbortController()
    const running = agent.run(requestFor('x', { signal: stop.signal }))
    await until(() => existsSync(`${path}/pids`))
    const pids = readFileSync(`${path}/pids`, 'utf8').trim().split(' ').map(Number)
    expect(pids.map(isRunning)).toEqual([true, true])
    if (how === 'closed') await agent.close()
    else stop.abort(new DOMException('No reply within 1 s', 'TimeoutError'))
    expect((await running).failure).toEqual({ of: 'infrastructure', kind, message, retryable: false })
    await until(() => !pids.some(isRunning))
  })

  test('is not started for a trial that was stopped before, or after closing', async () => {
    const path = emptyDirectory()
    const agent = agentOf('sh', 'touch started', { cwd: path })
    expect(
      (await agent.run(requestFor('x', { signal: AbortSignal.abort(new Error('cancelled')) }))).failure,
    ).toMatchObject({ kind: 'aborted' })
    await agent.close()
    expect((await agent.run(requestFor('x'))).failure).toMatchObject({ message: 'The agent was closed' })
    expect(existsSync(`${path}/started`)).toBe(false)
  })
})
