import { mkdirSync, writeFileSync } from 'node:fs'
import type { Agent } from '@agent-ci/core/agent'
import type { AgentDeps } from '@agent-ci/evaluation/agents/deps'
import { pythonAgent } from '@agent-ci/evaluation/agents/python'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { configOf, depsWith, directoryWith, isRunning, requestFor, until } from './fixtures.ts'

/** As the guide's evaluation uses it: `run_async` with the input, `last_tool_calls` with names. */
const PRODUCTION_AGENT = `
import asyncio

class ProductionAgent:
    def __init__(self):
        self.last_tool_calls = []
        self.runs = 0
        self.lock = None

    async def run_async(self, text):
        # A lock belongs to the loop in which it first waits, as the connections of HTTP clients do.
        self.lock = self.lock or asyncio.Lock()
        async with self.lock:
            await asyncio.sleep(0)
        self.runs += 1
        print("thinking about", text)
        self.last_tool_calls = ["search", "calculator"] if "tools" in text else []
        return f"{text} ({self.runs})"
`

const TARGETS = `
import json, os, subprocess, sys, time
from types import SimpleNamespace

def echo(input):
    return input if isinstance(input, str) else json.dumps(input, sort_keys=True)

async def echo_async(input):
    return echo(input)

def no_input():
    return "x"

def value(input):
    return input["value"]

def reply(input):
    return {"output": "x", "tool_calls": [{"name": "a", "args": {"b": 1}}], "usage": {"input_tokens": 3}}

def with_model(input, model="none", prompts=None):
    return json.dumps([model, prompts])

def python(input):
    return eval(input)

def noisy(input):
    print('{"output": "forged"}')
    sys.stdout.write("no newline")
    os.write(1, b'{"output": "forged"}\\n')
    subprocess.run(["echo", '{"output": "forged by a child"}'], check=True)
    return "real, stdin was %r" % sys.stdin.read()

def encoded(input):
    return "\\udcff \\u2028 \\x00 é€😀"

def crash(input):
    os._exit(7)

def leave(input):
    sys.exit("enough")

def hang(input):
    open(input, "w").write(str(os.getpid()))
    time.sleep(1000)

class Sync:
    last_tool_calls = [{"name": "a", "args": {"b": 1}}, SimpleNamespace(name="c", input={"d": 2})]
    def run(self, input):
        return "sync " + input

class Calls:
    def __call__(self, input):
        return "called " + input

class Nested:
    inner = Sync()

calls = Calls()
constant = 5

class NeedsArguments:
    def __init__(self, key):
        pass

# Client libraries' exceptions, by their names and attributes.
class APIStatusError(Exception):
    def __init__(self, message, status_code, headers=None):
        super().__init__(message)
        self.status_code = status_code
        self.response = SimpleNamespace(status_code=status_code, headers=headers or {})

class RateLimitError(APIStatusError): pass
class AuthenticationError(APIStatusError): pass
class BadRequestError(APIStatusError): pass
class APIConnectionError(Exception): pass
class APITimeoutError(APIConnectionError): pass
class OverloadedError(Exception): pass
class TransportError(Exception): pass
class ReadTimeout(TransportError): pass

class HTTPStatusError(Exception):
    def __init__(self, message, status):
        super().__init__(message)
        self.response = SimpleNamespace(status_code=status, headers={})

class ClientError(Exception):
    response = {"ResponseMetadata": {"HTTPStatusCode": 503}}

class Unprintable(Exception):
    def __str__(self):
        raise RuntimeError("no")

def fail(input):
    raise eval(input)
`

let directory: ReturnType<typeof directoryWith>
beforeAll(() => {
  directory = directoryWith({
    'agent.py': PRODUCTION_AGENT,
    'targets.py': TARGETS,
    'broken.py': 'x = 1\nimport no_such_module\n',
    'wrong.py': 'def f(:\n',
    'leaves.py': 'raise SystemExit("no key")\n',
  })
  mkdirSync(`${directory.path}/src/package`, { recursive: true })
  writeFileSync(`${directory.path}/src/package/module.py`, 'def run(input):\n    return "from src"\n')
})

const agents: Agent[] = []
afterAll(async () => {
  await Promise.all(agents.map((agent) => agent.close()))
  directory.remove()
})

/** The interpreter under test. */
const python = process.env.AGENT_CI_TEST_PYTHON ?? 'python3'

function agentOf(target: string, deps: Partial<AgentDeps> = {}): Agent {
  const agent = pythonAgent(
    configOf('python', { target, python }),
    depsWith({ cwd: directory.path, concurrency: 1, ...deps }),
  )
  agents.push(agent)
  return agent
}

const shared = new Map<string, Agent>()

/** Runs a trial on an agent that the tests share. */
function run(target: string, input: Parameters<typeof requestFor>[0] = 'x') {
  const agent = shared.get(target) ?? agentOf(target)
  shared.set(target, agent)
  return agent.run(requestFor(input))
}

test("the guide's ProductionAgent works unchanged", async () => {
  const agent = agentOf('agent:ProductionAgent')
  expect(agent.description).toBe('python agent:ProductionAgent')
  expect(await agent.run(requestFor('use tools'))).toEqual({
    output: 'use tools (1)',
    toolCalls: [
      { name: 'search', args: {} },
      { name: 'calculator', args: {} },
    ],
    usage: {},
    latencyMs: expect.any(Number),
    attempts: 1,
  })
  expect(await agent.run(requestFor('none'))).toMatchObject({ output: 'none (2)', toolCalls: [] })
})

describe('the target may be', () => {
  test.each([
    ['a function', 'targets:echo', 'x', null],
    ['an async function', 'targets:echo_async', 'x', null],
    ['a class with run', 'targets:Sync', 'sync x', ['a', 'c']],
    ['a class that is called', 'targets:Calls', 'called x', null],
    ['an object', 'targets:calls', 'called x', null],
    ['an attribute of a class', 'targets:Nested.inner', 'sync x', ['a', 'c']],
    ['in src', 'package.module:run', 'from src', null],
  ])('%s', async (_, target, output, tools) => {
    const reply = await run(target)
    expect(reply.failure).toBeUndefined()
    expect([reply.output, reply.toolCalls?.map(({ name }) => name) ?? null]).toEqual([output, tools])
  })

  test('one that reports its tool calls as objects', async () => {
    expect((await run('targets:Sync')).toolCalls).toEqual([
      { name: 'a', args: { b: 1 } },
      { name: 'c', args: { d: 2 } },
    ])
  })

  test('one that wants the model and the prompts', async () => {
    const agent = agentOf('targets:with_model', { prompts: { 'a.md': 'Be brief' } })
    expect((await agent.run(requestFor('x', { model: 'm-1' }))).output).toBe('["m-1", {"a.md": "Be brief"}]')
    expect((await agent.run(requestFor('x'))).output).toBe('["none", {"a.md": "Be brief"}]')
  })
})

describe('what it returns', () => {
  test('may be a reply', async () => {
    expect(await run('targets:reply')).toMatchObject({
      output: 'x',
      toolCalls: [{ name: 'a', args: { b: 1 } }],
      usage: { inputTokens: 3 },
    })
  })

  test.each([
    ['an object', { value: { city: 'Paris' } }, '{"city":"Paris"}'],
    ['a number', { value: 4 }, '4'],
  ])('may be %s', async (_, input, output) => {
    expect((await run('targets:value', input)).output).toBe(output)
  })

  test('may hold any character', async () => {
    expect((await run('targets:encoded')).output).toBe('\udcff \u2028 \u0000 é€😀')
  })

  test.each([
    ['None', 'None', { kind: 'protocol', message: expect.stringContaining('it has no output') }],
    [
      'NaN',
      'float("nan")',
      { kind: 'exception', message: expect.stringContaining('is no JSON (the output is a float)') },
    ],
    [
      'an object of Python',
      'object()',
      { kind: 'exception', message: expect.stringContaining('the output is a object') },
    ],
    [
      'a generator',
      '(i for i in [1])',
      { kind: 'exception', message: expect.stringContaining('the output is a generator') },
    ],
    [
      'a list that holds itself',
      '[a := [1], a.append(a)][0]',
      { kind: 'exception', message: expect.stringContaining('Circular') },
    ],
  ])('is a breach when it is %s', async (_, code, failure) => {
    expect((await run('targets:python', code)).failure).toMatchObject({ of: 'agent', retryable: false, ...failure })
  })
})

test('prints and children of the agent never reach the protocol', async () => {
  const agent = agentOf('targets:noisy')
  for (let call = 0; call < 3; call++)
    expect(await agent.run(requestFor('x'))).toMatchObject({ output: "real, stdin was ''" })
})

describe('an exception', () => {
  const agentFault = { of: 'agent', kind: 'exception', retryable: false }
  const rateLimit = { of: 'infrastructure', kind: 'rate-limit', retryable: true }
  const unavailable = { of: 'infrastructure', kind: 'unavailable', retryable: true }
  const network = { of: 'infrastructure', kind: 'network', retryable: true }
  const timeout = { of: 'infrastructure', kind: 'timeout', retryable: true }
  const refused = { of: 'infrastructure', kind: 'refused', retryable: false }

  test.each([
    ['ValueError("bad")', agentFault],
    ['KeyError("x")', agentFault],
    ['BadRequestError("bad", 400)', agentFault],
    ['HTTPStatusError("gone", 404)', agentFault],
    ['Unprintable()', agentFault],
    ['RateLimitError("slow", 429)', rateLimit],
    ['APIStatusError("slow", 529)', rateLimit],
    ['OverloadedError("busy")', rateLimit],
    ['APIStatusError("broke", 500)', unavailable],
    ['APIStatusError("conflict", 409)', unavailable],
    ['HTTPStatusError("broke", 502)', unavailable],
    ['ClientError()', unavailable],
    ['APIConnectionError("gone")', network],
    ['ReadTimeout("httpx")', network],
    ['ConnectionResetError("reset")', network],
    ['__import__("socket").gaierror("name")', network],
    ['__import__("urllib.error").error.URLError("refused")', network],
    ['APITimeoutError("late")', timeout],
    ['TimeoutError("late")', timeout],
    ['__import__("asyncio").TimeoutError()', timeout],
    ['AuthenticationError("no key", 401)', refused],
  ])('%s', async (code, failure) => {
    expect((await run('targets:fail', code)).failure).toMatchObject(failure)
  })

  test('says its type, message and the line of the agent, and the next trial goes on', async () => {
    const { failure } = await run('targets:fail', 'ValueError("bad\\nvalue")')
    const line = TARGETS.split('\n').indexOf('    raise eval(input)') + 1
    expect(failure?.message).toBe(`ValueError: bad\nvalue (targets.py:${line} in fail)`)
    expect((await run('targets:fail', 'ValueError(2)')).failure?.message).toContain('ValueError: 2')
  })

  test('tells what a rate limit asks to wait', async () => {
    const code = 'RateLimitError("slow", 429, {"retry-after": "1.5"})'
    expect((await run('targets:fail', code)).failure).toMatchObject({ ...rateLimit, retryAfterMs: 1_500 })
  })

  test('that ends the program fails the trial only', async () => {
    const agent = agentOf('targets:leave')
    for (let call = 0; call < 2; call++) {
      expect((await agent.run(requestFor('x'))).failure).toMatchObject({
        ...agentFault,
        message: expect.stringContaining('SystemExit: enough'),
      })
    }
  })

  test('that the call itself raises has no line of the agent', async () => {
    expect((await run('targets:no_input')).failure).toMatchObject({
      ...agentFault,
      message: 'TypeError: no_input() takes 0 positional arguments but 1 was given',
    })
  })
})

test('a process that dies is a crash', async () => {
  expect((await run('targets:crash')).failure).toMatchObject({
    of: 'infrastructure',
    kind: 'crash',
    message: expect.stringContaining("The agent's process exited with code 7"),
  })
})

test('a trial that is stopped ends its process', async () => {
  const fs = await import('node:fs')
  const stop = new AbortController()
  const file = `${directory.path}/pid`
  const agent = agentOf('targets:hang')
  const running = agent.run(requestFor(file, { signal: stop.signal }))
  await until(() => fs.existsSync(file) && fs.readFileSync(file, 'utf8') !== '')
  stop.abort(new Error('cancelled'))
  expect((await running).failure).toMatchObject({ kind: 'aborted' })
  await until(() => !isRunning(Number(fs.readFileSync(file, 'utf8'))))
})

describe('a target that can not be loaded is refused, with the reason', () => {
  test.each([
    ['nowhere:run', "ModuleNotFoundError: No module named 'nowhere'"],
    ['targets:missing', "AttributeError: module 'targets' has no attribute 'missing'"],
    ['broken:run', "ModuleNotFoundError: No module named 'no_such_module' (broken.py:2 in <module>)"],
    ['wrong:f', 'SyntaxError: '],
    ['leaves:run', 'SystemExit: no key (leaves.py:1 in <module>)'],
    ['targets:NeedsArguments', 'TypeError: '],
    ['targets:constant', 'TypeError: targets:constant is neither a function nor has it run_async or run'],
  ])('%s', async (target, reason) => {
    const agent = agentOf(target)
    for (let call = 0; call < 2; call++) {
      const { failure } = await agent.run(requestFor('x'))
      expect(failure).toMatchObject({ of: 'infrastructure', kind: 'refused', retryable: false })
      expect(failure?.message).toContain(`${target} could not be loaded from `)
      expect(failure?.message).toContain(reason)
      expect(failure?.message).toContain('Check that its requirements are installed for /')
    }
  })

  test('and so is an interpreter that is missing', async () => {
    const agent = pythonAgent(configOf('python', { target: 'a:b', python: 'no-such-python' }), depsWith())
    agents.push(agent)
    expect((await agent.run(requestFor('x'))).failure).toMatchObject({
      kind: 'refused',
      message: expect.stringContaining('the command "no-such-python" was not found'),
    })
  })
})
