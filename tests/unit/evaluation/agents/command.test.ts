import type { Agent } from '@agent-ci/core/agent'
import { commandAgent } from '@agent-ci/evaluation/agents/command'
import type { AgentDeps } from '@agent-ci/evaluation/agents/deps'
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { configOf, depsWith, directoryWith, isRunning, refusalOf, requestFor, until } from './fixtures.ts'

/** A worker that does what its input says: `input.js` is the body of an async function of the request. */
const WORKER = `
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
const send = (value) => process.stdout.write(JSON.stringify(value) + '\\n')
let count = 0
for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line)
  count++
  const AsyncFunction = (async () => {}).constructor
  const js = request.input?.js ?? 'return {output: request.input}'
  const reply = await new AsyncFunction('request', 'send', 'spawn', 'count', js)(request, send, spawn, count)
  if (reply) send({ trial: request.trial, ...reply })
}
`

let directory: ReturnType<typeof directoryWith>
beforeAll(() => {
  directory = directoryWith({ 'worker.mjs': WORKER })
})
afterAll(() => directory.remove())

let agents: Agent[] = []
afterEach(async () => {
  await Promise.all(agents.map((agent) => agent.close()))
  agents = []
})

function agentOf(
  config: Partial<Parameters<typeof configOf<'command'>>[1]> = {},
  deps: Partial<AgentDeps> = {},
): Agent {
  const command = [process.execPath, 'worker.mjs']
  const agent = commandAgent(configOf('command', { command, ...config }), depsWith({ cwd: directory.path, ...deps }))
  agents.push(agent)
  return agent
}

const js = (code: string) => ({ js: code })

describe('a worker', () => {
  test('gets id, trial, input, model and prompts, and answers', async () => {
    const agent = agentOf({}, { prompts: { 'a.md': 'Be brief' } })
    const echo = { ...js('return { output: request, tool_calls: ["a"], usage: { input_tokens: 2 } }'), n: 1 }
    const reply = await agent.run(requestFor(echo, { id: 'é', repeat: 2, model: 'm-1' }))
    expect(reply).toEqual({
      output: expect.any(String),
      toolCalls: [{ name: 'a', args: {} }],
      usage: { inputTokens: 2 },
      latencyMs: expect.any(Number),
      attempts: 1,
    })
    expect(JSON.parse(reply.output)).toEqual({
      id: 'é',
      trial: 'é#2',
      input: echo,
      model: 'm-1',
      prompts: { 'a.md': 'Be brief' },
    })
  })

  test('is kept for later trials, and there are no more than trials in flight', async () => {
    const agent = agentOf({}, { concurrency: 2 })
    const pid = requestFor(js('return { output: process.pid }'))
    const first = await agent.run(pid)
    expect(await agent.run(pid)).toMatchObject({ output: first.output })
    const replies = await Promise.all(Array.from({ length: 20 }, () => agent.run(pid)))
    expect(new Set(replies.map(({ output }) => output)).size).toBe(2)
  })

  test.each([
    ['the trial', 'send({ trial: request.trial, output: "yes" })'],
    ['the id', 'send({ id: request.id, output: "yes" })'],
    ['neither', 'send({ output: "yes" })'],
  ])('may name %s in its reply', async (_, code) => {
    expect(await agentOf().run(requestFor(js(code)))).toMatchObject({ output: 'yes' })
  })

  test('may write anything else to stdout, which is never taken for a reply', async () => {
    const noise = `
      console.log('starting');
      console.log('[1, 2]'); console.log('"text"'); console.log('null'); console.log('{broken'); console.log('');
      send({ level: 'info', message: 'not a reply' });
      send({ trial: 'another#0', output: 'wrong' });
      send({ id: 'another', output: 'wrong' });
      send({ id: request.id, trial: 'another#0', output: 'wrong' });
      process.stdout.write('\\u0000\\n');
      return { output: 'right' }`
    expect(await agentOf().run(requestFor(js(noise)))).toMatchObject({ output: 'right' })
  })

  test('that answers twice without names is replaced, lest its second answer be taken for the next', async () => {
    const agent = agentOf({}, { concurrency: 1 })
    const twice = requestFor(js('send({ output: process.pid }); send({ output: "second" })'))
    const first = await agent.run(twice)
    await until(() => !isRunning(Number(first.output)))
    const next = await agent.run(requestFor('next'))
    expect(next).toMatchObject({ output: 'next' })
  })

  test('may report an error', async () => {
    const error = '{ type: "infrastructure", kind: "rate-limit", message: "slow down", retry_after_ms: 10 }'
    expect((await agentOf().run(requestFor(js(`return { error: ${error} }`)))).failure).toEqual({
      of: 'infrastructure',
      kind: 'rate-limit',
      message: 'slow down',
      retryable: true,
      retryAfterMs: 10,
    })
    expect((await agentOf().run(requestFor(js('return { error: "broke" }')))).failure).toMatchObject({ of: 'agent' })
  })

  test('that says it is ready starts the clock then', async () => {
    let clock = 0
    const agent = agentOf({}, { now: () => clock++ })
    // The clock is read when the request is made, at the ready line, and at the reply.
    const ready = await agent.run(requestFor(js('send({ ready: true }); return { output: "" }')))
    expect([ready.latencyMs, clock]).toEqual([1, 3])
  })

  test.each<[string, string, string]>([
    ['five megabytes', 'return { output: "é".repeat(2_500_000) }', 'é'.repeat(2_500_000)],
    ['NUL', 'return { output: "a\\u0000b" }', 'a\u0000b'],
    ['line separators', 'return { output: "a\\u2028b\\r\\nc" }', 'a\u2028b\r\nc'],
    [
      'broken UTF-8',
      `process.stdout.write(Buffer.concat([Buffer.from('{"trial":"' + request.trial + '","output":"a'), Buffer.from([0xc3, 0x28, 0xff]), Buffer.from('b"}\\n')]))`,
      'a\ufffd(\ufffdb',
    ],
    [
      'a character torn apart',
      `const bytes = Buffer.from(JSON.stringify({ trial: request.trial, output: "é€😀" }) + "\\n");
       for (const byte of bytes) await new Promise((resolve) => process.stdout.write(Buffer.from([byte]), resolve))`,
      'é€😀',
    ],
    [
      'no newline at its end',
      'process.stdout.write(JSON.stringify({ trial: request.trial, output: "last words" }), () => process.exit(0))',
      'last words',
    ],
  ])('may answer with %s', async (_, code, output) => {
    const reply = await agentOf().run(requestFor(js(code)))
    expect(reply.failure).toBeUndefined()
    expect(reply.output).toBe(output)
  })

  test('may be sent five megabytes', async () => {
    const input = { js: 'return { output: request.input.text.length }', text: 'é'.repeat(2_500_000) }
    expect(await agentOf().run(requestFor(input))).toMatchObject({ output: '2500000' })
  })

  test('that writes a line of more than 16 MiB breaks the contract, and is replaced', async () => {
    const agent = agentOf({}, { concurrency: 1 })
    const endless =
      'const piece = "x".repeat(1 << 20); for (let i = 0; i < 40; i++) process.stdout.write(piece); await new Promise(() => setInterval(() => {}, 1e6))'
    expect((await agent.run(requestFor(js(endless)))).failure).toMatchObject({
      of: 'agent',
      kind: 'protocol',
      message: expect.stringContaining('more than 16777216 bytes'),
    })
    expect(await agent.run(requestFor('next'))).toMatchObject({ output: 'next' })
  })
})

describe('a worker that ends', () => {
  test.each<[string, string, RegExp]>([
    [
      'with a code',
      'console.error("out of\\nmemory"); process.exit(3)',
      /^The agent's process exited with code 3 before it answered; stderr ends with: out of\nmemory$/,
    ],
    ['with code 0', 'process.exit(0)', /exited with code 0 before it answered; stderr is empty$/],
    ['by a signal', 'process.kill(process.pid, "SIGKILL")', /was killed by SIGKILL before/],
    [
      'after noise',
      'console.log("hello"); console.log("{}"); process.exitCode = 4; process.stdin.destroy()',
      /; 2 lines on stdout were no reply to a request: hello \| \{\};/,
    ],
    ['by an exception', 'throw new Error("boom")', /exited with code 1 .*boom/s],
  ])('%s has crashed, and is replaced', async (_, code, message) => {
    const agent = agentOf({}, { concurrency: 1 })
    expect((await agent.run(requestFor(js(code)))).failure).toEqual({
      of: 'infrastructure',
      kind: 'crash',
      message: expect.stringMatching(message),
      retryable: false,
    })
    expect(await agent.run(requestFor('next'))).toMatchObject({ output: 'next' })
  })

  test('has the end of a long stderr quoted', async () => {
    const code = 'process.stderr.write("start" + "x".repeat(1e6) + "\\nend", () => process.exit(1))'
    const { failure } = await agentOf().run(requestFor(js(code)))
    expect(failure?.message).toMatch(/x\nend$/)
    expect(failure?.message.length).toBeLessThan(2_200)
  })

  test('in good order after an answer is replaced without a failure', async () => {
    const agent = agentOf({}, { concurrency: 1 })
    const last = requestFor(
      js(
        'process.stdout.write(JSON.stringify({ trial: request.trial, output: count }) + "\\n", () => process.exit(0))',
      ),
    )
    for (let call = 0; call < 10; call++) expect(await agent.run(last)).toMatchObject({ output: '1' })
  })
})

describe('a trial that is stopped', () => {
  const hang = js(
    'send({ log: "working" }); console.error("pid", process.pid); await new Promise(() => setInterval(() => {}, 1e6))',
  )

  /** Runs a trial, and stops it once its worker has said so. */
  async function stopOnce(agent: Agent, code: string, onPid: (pids: number[]) => void = () => {}) {
    const stop = new AbortController()
    const marker = directoryWith({})
    const file = JSON.stringify(`${marker.path}/pids`)
    const fs = await import('node:fs')
    const announce = `const fs = await import('node:fs'); const pids = [process.pid]; ${code}
      fs.writeFileSync(${file} + '.new', pids.join(' ')); fs.renameSync(${file} + '.new', ${file});
      await new Promise(() => setInterval(() => {}, 1e6))`
    const running = agent.run(requestFor(js(announce), { signal: stop.signal }))
    await until(() => fs.existsSync(`${marker.path}/pids`))
    onPid(fs.readFileSync(`${marker.path}/pids`, 'utf8').split(' ').map(Number))
    stop.abort(new DOMException('No reply within 1 s', 'TimeoutError'))
    const reply = await running
    marker.remove()
    return reply
  }

  test('ends its worker and nothing else', async () => {
    const agent = agentOf({}, { concurrency: 2 })
    const other = agent.run(
      requestFor(
        js(
          'const fs = await import("node:fs"); while (!fs.existsSync("go")) await new Promise((r) => setTimeout(r, 5)); return { output: process.pid }',
        ),
      ),
    )
    let stopped: number[] = []
    const { failure } = await stopOnce(agent, '', (pids) => {
      stopped = pids
    })
    expect(failure).toEqual({ of: 'infrastructure', kind: 'timeout', message: 'No reply within 1 s', retryable: false })
    await until(() => !isRunning(stopped[0]!))
    const { writeFileSync } = await import('node:fs')
    writeFileSync(`${directory.path}/go`, '')
    const { output, failure: none } = await other
    expect(none).toBeUndefined()
    expect(isRunning(Number(output))).toBe(true)
  })

  test('has the noise of its worker quoted', async () => {
    const agent = agentOf({}, { concurrency: 1 })
    await agent.run(requestFor(js('console.log("thinking"); return { output: "" }')))
    const { failure } = await stopOnce(agent, '')
    expect(failure?.message).toBe('No reply within 1 s; 1 line on stdout was no reply to a request: thinking')
  })

  test('ends what its worker had started', async () => {
    const agent = agentOf({}, { concurrency: 1 })
    let stopped: number[] = []
    await stopOnce(agent, 'pids.push(spawn("sleep", ["1000"]).pid)', (pids) => {
      stopped = pids
    })
    expect(stopped).toHaveLength(2)
    await until(() => stopped.every((pid) => !isRunning(pid)))
    expect(await agent.run(requestFor('next'))).toMatchObject({ output: 'next' })
  })

  test('ends a worker that ignores SIGTERM, whose place is free only then', async () => {
    const given: (string | null)[] = []
    const agent = agentOf({}, { concurrency: 1, onTrial: (_, trial) => given.push(trial) })
    let stopped: number[] = []
    await stopOnce(agent, 'process.on("SIGTERM", () => {})', (pids) => {
      stopped = pids
    })
    expect(isRunning(stopped[0]!)).toBe(true)
    expect(given).toEqual(['capital#0'])
    expect(await agent.run(requestFor('next'))).toMatchObject({ output: 'next' })
    expect(isRunning(stopped[0]!)).toBe(false)
    expect(given).toEqual(['capital#0', null, 'capital#0', null])
  })

  test('may wait for a worker still', async () => {
    const agent = agentOf({}, { concurrency: 1 })
    const stop = new AbortController()
    const running = agent.run(requestFor(hang, { signal: stop.signal }))
    const waiting = agent.run(requestFor('x', { signal: stop.signal }))
    const patient = agent.run(requestFor('patient'))
    stop.abort(new Error('cancelled'))
    for (const reply of [running, waiting])
      expect((await reply).failure).toMatchObject({ kind: 'aborted', message: expect.stringMatching(/^cancelled/) })
    expect(await patient).toMatchObject({ output: 'patient' })
  })

  test('may be stopped before it starts', async () => {
    const { failure } = await agentOf().run(requestFor('x', { signal: AbortSignal.abort(new Error('cancelled')) }))
    expect(failure).toMatchObject({ kind: 'aborted', message: 'cancelled' })
  })
})

describe('closing', () => {
  const pidOf = async (agent: Agent, code = '') =>
    Number((await agent.run(requestFor(js(`${code}; return { output: process.pid }`)))).output)

  test('lets idle workers end by themselves, and may be done twice', async () => {
    const agent = agentOf()
    const pid = await pidOf(agent)
    await Promise.all([agent.close(), agent.close()])
    expect(isRunning(pid)).toBe(false)
    expect((await agent.run(requestFor('late'))).failure).toMatchObject({
      of: 'infrastructure',
      kind: 'aborted',
      message: 'The agent was closed',
    })
  })

  test('kills a worker that does not end, and what workers have started', async () => {
    const agent = agentOf({}, { concurrency: 2 })
    const child = Number((await agent.run(requestFor(js('return { output: spawn("sleep", ["1000"]).pid }')))).output)
    const stubborn = await pidOf(agent, 'process.on("SIGTERM", () => {}); setInterval(() => {}, 1e6)')
    expect([isRunning(child), isRunning(stubborn)]).toEqual([true, true])
    await agent.close()
    expect([isRunning(child), isRunning(stubborn)]).toEqual([false, false])
  })

  test('ends a trial that is running', async () => {
    const agent = agentOf()
    const running = agent.run(requestFor(js('await new Promise(() => setInterval(() => {}, 1e6))')))
    await agent.close()
    expect((await running).failure).toMatchObject({ kind: 'aborted', message: 'The agent was closed' })
  })

  test('of an agent that never ran is nothing', async () => {
    await agentOf().close()
  })
})

describe('the configuration', () => {
  test('gives the environment: of the parent, of the configuration, of the worker', async () => {
    const agent = agentOf(
      { env: { FROM_CONFIG: `<\${SOURCE}>`, BOTH: 'config' } },
      {
        concurrency: 1,
        env: { PATH: process.env.PATH, SOURCE: 'parent', GITHUB_OUTPUT: '/forged', INPUT_AGENT: 'x' },
        workerEnv: (worker) => ({ BOTH: 'worker', ANTHROPIC_BASE_URL: `http://127.0.0.1:1/${worker}` }),
      },
    )
    const { output } = await agent.run(requestFor(js('return { output: process.env }')))
    expect(JSON.parse(output)).toEqual({
      PATH: process.env.PATH,
      SOURCE: 'parent',
      FROM_CONFIG: '<parent>',
      BOTH: 'worker',
      ANTHROPIC_BASE_URL: 'http://127.0.0.1:1/0',
      AGENT_CI: '1',
    })
  })

  test('may name a directory, and give the command as text', async () => {
    const agent = agentOf({ command: `'${process.execPath}' worker.mjs`, cwd: directory.path }, { cwd: '/' })
    expect(await agent.run(requestFor('x'))).toMatchObject({ output: 'x' })
    expect(agent.description).toBe(`command ${process.execPath} worker.mjs`)
  })

  test.each<[string, Parameters<typeof configOf<'command'>>[1], string]>([
    [
      'a directory that is missing',
      { command: 'node a.mjs', cwd: 'missing' },
      'agent.cwd is "missing". There is no directory',
    ],
    ['a variable that is missing', { command: 'node a.mjs', env: { A: `\${NOT_SET}` } }, 'agent.env.A refers to'],
    ['an open quote', { command: 'node "a.mjs' }, 'agent.command is'],
  ])('is refused for %s', async (_, config, message) => {
    expect(await refusalOf(() => agentOf(config))).toContain(message)
  })

  test.each([
    ['is missing', 'no-such-program', 'could not be started: the command "no-such-program" was not found'],
    ['is no program', './worker.mjs', 'could not be started: "./worker.mjs" is not executable'],
  ])('whose command %s gives a failure that says so', async (_, command, message) => {
    for (const mode of ['worker', 'once'] as const) {
      expect((await agentOf({ command, mode }).run(requestFor('x'))).failure).toEqual({
        of: 'infrastructure',
        kind: 'refused',
        message: expect.stringContaining(message),
        retryable: false,
      })
    }
  })
})
