import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, test } from '@jest/globals'
import { until } from './until.ts'

/** A process that starts a control plane of its own and waits; returns it and the control plane's directory. */
async function processWithControlPlane(): Promise<{ owner: ChildProcess; directory: string }> {
  const owner = spawn(process.execPath, [join(import.meta.dirname, 'control-plane-owner.ts')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const lines = createInterface({ input: owner.stdout! })
  const kubeconfigPath = await new Promise<string>((resolve) => lines.once('line', resolve))
  return { owner, directory: dirname(kubeconfigPath) }
}

/** The command lines of all processes that this directory is named in. */
function processesOf(directory: string): readonly string[] {
  const commands = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return commands.flatMap((id) => {
    try {
      const command = readFileSync(`/proc/${id}/cmdline`, 'utf8').replaceAll('\0', ' ')
      return command.includes(directory) ? [command] : []
    } catch {
      // It has ended meanwhile.
      return []
    }
  })
}

test.each<[string, (owner: ChildProcess) => unknown]>([
  ['is asked to stop', (owner) => owner.stdin!.end()],
  ['is killed', (owner) => owner.kill('SIGKILL')],
])('nothing is left of a control plane when the process that started it %s', async (_, end) => {
  const { owner, directory } = await processWithControlPlane()
  expect(processesOf(directory).length).toBeGreaterThanOrEqual(5)
  end(owner)
  await until(() => processesOf(directory).length === 0, { what: 'its processes to end' })
  await until(() => !existsSync(directory), { what: 'its directory to go' })
})
