import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Json } from '@agent-ci/core/json'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { example, reply, scorerOf, signal } from './fixtures.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'command-scorer-'))
})
afterAll(() => rm(folder, { recursive: true }))

/** A scorer that is a Node program in a file; its stdin is in `stdin`. */
async function program(code: string, settings: object = {}, env: Record<string, string> = {}) {
  const path = join(folder, `${Math.random().toString(36).slice(2)}.mjs`)
  await writeFile(path, `import { readFileSync } from 'node:fs'\nconst stdin = readFileSync(0, 'utf8')\n${code}`)
  const command = [process.execPath, path]
  return scorerOf({ type: 'command', command, ...settings }, { cwd: folder, env: { PATH: process.env.PATH, ...env } })
}

const write = (value: Json) => `console.log(${JSON.stringify(JSON.stringify(value))})`
const scoreOf = async (code: string, settings: object = {}) =>
  (await program(code, settings)).score(example(), reply('Paris'), signal)

describe('command', () => {
  test.each<[string, Json, object]>([
    ['value and passed', { value: 0.2, passed: true, reason: 'good' }, { value: 0.2, passed: true, reason: 'good' }],
    ['a value of one half passes', { value: 0.5 }, { value: 0.5, passed: true }],
    ['a lower value does not', { value: 0.49 }, { value: 0.49, passed: false }],
    ['passed alone', { passed: true }, { value: 1, passed: true }],
    ['not passed alone', { passed: false }, { value: 0, passed: false }],
    ['other keys are ignored', { passed: true, details: [1] }, { value: 1, passed: true }],
  ])('%s', async (_, answer, score) => {
    expect(await scoreOf(write(answer))).toMatchObject({ scorer: 'command', ...score })
  })

  test('gets the whole case on stdin', async () => {
    const scorer = await program(`console.log(JSON.stringify({ passed: true, reason: stdin }))`)
    const given = example({
      expected: { a: 1 },
      expectedTools: [{ name: 'search', args: { q: 'x' } }],
      metadata: { team: 'billing' },
    })
    const toolCalls = [{ name: 'search', args: { q: 'y' } }]
    const { reason } = await scorer.score(given, reply('Paris', { toolCalls }), signal)
    expect(JSON.parse(reason)).toEqual({
      id: 'capital',
      input: 'What is the capital of France?',
      expected: { a: 1 },
      expected_tools: [{ name: 'search', args: { q: 'x' } }],
      output: 'Paris',
      tool_calls: [{ name: 'search', args: { q: 'y' } }],
      metadata: { team: 'billing' },
    })
  })

  test.each([
    [
      'a non-zero exit',
      `console.error('no such table'); process.exit(3)`,
      /exited with code 3; stderr ends with: no such table/,
    ],
    ['a signal', `process.kill(process.pid, 'SIGTERM')`, /killed by SIGTERM/],
    ['no output', '', /wrote "", expected \{"value"/],
    ['no JSON', `console.log('passed')`, /wrote "passed"/],
    ['neither value nor passed', write({ reason: 'x' }), /at least one of the first two/],
    ['a value above 1', write({ value: 1.1 }), /wrote/],
    ['a passed that is no boolean', write({ passed: 'yes' }), /wrote/],
    ['two lines of JSON', `${write({ passed: true })}\n${write({ passed: true })}`, /wrote/],
    ['too much output', `process.stdout.write('x'.repeat(2 ** 21))`, /more than 1048576 bytes/],
  ])('%s leaves the reply unscored', async (_, code, reason) => {
    const score = await scoreOf(code)
    expect(score).toMatchObject({ value: null, passed: null })
    expect(score.reason).toMatch(reason)
  })

  test('a program that is not there leaves the reply unscored', async () => {
    const scorer = await scorerOf({ type: 'command', command: ['no-such-program-of-ours'] })
    expect((await scorer.score(example(), reply(''), signal)).reason).toMatch(/could not be started/)
  })

  test('a program that does not read its stdin still answers', async () => {
    const path = join(folder, 'deaf.mjs')
    await writeFile(path, `process.stdin.destroy(); ${write({ passed: true })}`)
    const scorer = await scorerOf({ type: 'command', command: [process.execPath, path] })
    const long = reply('x'.repeat(5_000_000))
    expect((await scorer.score(example(), long, signal)).passed).toBe(true)
  })

  test('no shell reads the words', async () => {
    const path = join(folder, 'words.mjs')
    await writeFile(path, `console.log(JSON.stringify({ passed: true, reason: process.argv[2] }))`)
    const scorer = await scorerOf({ type: 'command', command: [process.execPath, path, '$(id); `id` && x'] })
    expect((await scorer.score(example(), reply(''), signal)).reason).toBe('$(id); `id` && x')
  })

  test('secrets and what is the step’s own stay out of its environment, unless named', async () => {
    const env = {
      MY_API_KEY: 'a',
      DB_PASSWORD: 'b',
      SLACK_TOKEN: 'c',
      CLIENT_SECRET: 'd',
      GITHUB_OUTPUT: '/tmp/e',
      CITY: 'f',
    }
    const names = Object.keys(env)
    const code = `console.log(JSON.stringify({ passed: true, reason: ${JSON.stringify(names)}.filter((name) => name in process.env).join() }))`
    const reasonFor = async (settings: object) =>
      (await (await program(code, settings, env)).score(example(), reply(''), signal)).reason
    expect(await reasonFor({})).toBe('CITY')
    expect(await reasonFor({ env: ['DB_PASSWORD', 'NOT_SET'] })).toBe('DB_PASSWORD,CITY')
  })

  const isAlive = (pid: number): boolean => {
    try {
      process.kill(pid, 0)
      return true
    } catch {
      return false
    }
  }
  /** Starts a process of its own, writes both process ids to a file and goes on for ever. */
  const forever = (file: string) => `
    import { spawn } from 'node:child_process'
    import { writeFileSync, renameSync } from 'node:fs'
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
    writeFileSync('${file}.part', process.pid + ' ' + child.pid)
    renameSync('${file}.part', '${file}')
    setInterval(() => {}, 1000)`
  async function pidsIn(file: string): Promise<number[]> {
    for (;;) {
      const text = await readFile(file, 'utf8').catch(() => '')
      if (text !== '') return text.split(' ').map(Number)
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  async function gone(pids: readonly number[]): Promise<void> {
    while (pids.some(isAlive)) await new Promise((resolve) => setImmediate(resolve))
  }

  test('a timeout ends it with all that it started, and leaves the reply unscored', async () => {
    const file = join(folder, 'timeout.pids')
    const scorer = await program(forever(file), { timeout_ms: 1_000 })
    const score = await scorer.score(example(), reply(''), signal)
    expect(score).toMatchObject({ value: null })
    expect(score.reason).toMatch(/took more than 1000 ms/)
    await gone(await pidsIn(file))
  })

  test('an abort ends it with all that it started', async () => {
    const file = join(folder, 'abort.pids')
    const scorer = await program(forever(file))
    const stop = new AbortController()
    const scored = scorer.score(example(), reply(''), stop.signal)
    const pids = await pidsIn(file)
    stop.abort()
    expect(await scored).toMatchObject({ value: null, reason: 'The run was stopped before the answer was scored.' })
    await gone(pids)
  })
})
