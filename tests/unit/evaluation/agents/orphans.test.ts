import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, test } from '@jest/globals'
import { isRunning, until } from './fixtures.ts'

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url))

/** A program with an agent whose worker ignores SIGTERM and its stdin, and has started another process. */
const PROGRAM = `
import { commandAgent } from '@agent-ci/evaluation/agents/command'
const worker = \`
  process.on('SIGTERM', () => {})
  const child = require('node:child_process').spawn('sleep', ['1000'])
  process.stdin.once('data', () => console.log(JSON.stringify({ output: [process.pid, child.pid] })))
  setInterval(() => {}, 1e6)\`
const agent = commandAgent(
  { type: 'command', command: [process.execPath, '-e', worker], mode: 'worker', env: {} },
  { cwd: '/', env: process.env, concurrency: 1, now: () => performance.now() },
)
const example = { id: 'a', input: '', tags: [], critical: false, source: { file: 'a', line: 1 } }
const { output } = await agent.run({ example, repeat: 0, signal: new AbortController().signal })
process.stdout.write(output + '\\n', () => { ENDING })
`

test.each([
  ['exits', 'process.exit(0)'],
  ['has an uncaught exception', 'throw new Error("boom")'],
])('no worker outlives a program that %s', async (_, ending) => {
  const args = ['-C', 'agent-ci-src', '--input-type=module', '--eval', PROGRAM.replace('ENDING', ending)]
  const program = spawn(process.execPath, args, { cwd: ROOT, env: { ...process.env, NODE_OPTIONS: '' } })
  let stdout = ''
  program.stdout.on('data', (chunk) => {
    stdout += String(chunk)
  })
  await once(program, 'close')
  const pids = JSON.parse(stdout) as number[]
  expect(pids).toHaveLength(2)
  await until(() => !pids.some(isRunning))
})
