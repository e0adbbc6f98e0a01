import { execFile, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { expect, test } from '@jest/globals'

test('the demonstration prints commands that work, and leaves nothing behind', async () => {
  const demo = spawn(process.execPath, [join(import.meta.dirname, 'demo.ts')], { stdio: ['ignore', 'pipe', 'ignore'] })
  const ended = new Promise((resolve) => demo.once('exit', (code, signal) => resolve({ code, signal })))
  const lines: string[] = []
  for await (const line of createInterface({ input: demo.stdout })) {
    lines.push(line.trim())
    if (line.startsWith('Ctrl-C')) break
  }
  const setup = lines.filter((line) => /^(export|alias) /.test(line))
  const commands = lines.filter((line) => /^(kubectl|node) /.test(line))
  expect(commands).toHaveLength(8)
  const script = ['set -e', 'shopt -s expand_aliases', ...setup, ...commands].join('\n')
  const { stdout } = await promisify(execFile)('bash', ['-c', script], { cwd: join(import.meta.dirname, '../..') })
  expect(stdout).toContain('deployment "agent-service" successfully rolled out')
  expect(stdout).toContain('deployment.apps/agent-service rolled back')
  expect(stdout).toContain('r-')
  expect(stdout).toMatch(/promoted: r-\w+ runs, all pods available/)
  expect(stdout).toMatch(/rolled back: .*CrashLoopBackOff/)
  expect(stdout).toMatch(/rolled-back: r-\w+ runs again, all pods available/)

  const kubeconfigPath = setup[0]!.replace('export KUBECONFIG=', '')
  expect(existsSync(kubeconfigPath)).toBe(true)
  demo.kill('SIGINT')
  expect(await ended).toEqual({ code: 0, signal: null })
  expect(existsSync(kubeconfigPath)).toBe(false)
})
