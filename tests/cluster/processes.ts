import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

export interface Processes {
  start(name: string, command: string, args: readonly string[]): void
  /** Rejects as soon as one of the processes has ended by itself, with the end of its log. */
  readonly failed: Promise<never>
  /** Kills them all and removes the directory. */
  stop(): Promise<void>
}

const LOG_TAIL_LINES = 15

/** Processes that end with this one, however it ends; each logs to `<directory>/<name>.log`. */
export function superviseProcesses(directory: string): Processes {
  const supervisor = spawn(process.execPath, [join(import.meta.dirname, 'supervisor.mjs'), directory], {
    stdio: ['pipe', 'pipe', 'inherit'],
    // Its own process group: Ctrl-C in a terminal reaches this process first, which then stops in order.
    detached: true,
  })
  const ended = new Promise<void>((resolve) => supervisor.once('exit', () => resolve()))
  const failed = new Promise<never>((_, reject) => {
    createInterface({ input: supervisor.stdout }).on('line', (line) => {
      const { name, ...how } = JSON.parse(line) as { name: string; error?: string; code?: number; signal?: string }
      const log = readFileSync(join(directory, `${name}.log`), 'utf8').trimEnd()
      const tail = log.split('\n').slice(-LOG_TAIL_LINES).join('\n')
      reject(new Error(`${name} ended by itself: ${how.error ?? how.signal ?? `exit code ${how.code}`}\n${tail}`))
    })
  })
  failed.catch(() => {})
  return {
    failed,
    start(name, command, args) {
      supervisor.stdin.write(`${JSON.stringify({ name, command, args, log: join(directory, `${name}.log`) })}\n`)
    },
    async stop() {
      supervisor.stdin.end()
      await ended
    },
  }
}
