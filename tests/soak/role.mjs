import { spawn } from 'node:child_process'
import { join } from 'node:path'

/** Starts a script of this directory as a process that first prints a line, and a last one when SIGTERM ends it. */
export async function startRole(script, args, options = {}) {
  const child = spawn(process.execPath, [join(import.meta.dirname, script), ...args.map(String)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    ...options,
  })
  let output = ''
  const line = await new Promise((ready, fail) => {
    child.once('error', fail)
    child.once('exit', (status) => fail(new Error(`${script} ended with ${status} before it was ready`)))
    child.stdout.setEncoding('utf8').on('data', (text) => {
      output += text
      if (output.includes('\n')) ready(output.slice(0, output.indexOf('\n')))
    })
  })
  const ended = new Promise((gone) => child.once('close', (status) => gone(status)))
  return {
    line,
    pid: child.pid,
    ended,
    /** What it printed after its first line. */
    output: () => output.slice(output.indexOf('\n') + 1),
    async stop() {
      child.kill('SIGTERM')
      await ended
      return output.trimEnd().split('\n').at(-1)
    },
  }
}
