import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { forLog } from '@agent-ci/core/untrusted'

/** A program with its arguments, or one text for `sh -c`. */
export type Command = readonly string[] | string

export interface CommandSite {
  readonly cwd: string
  /** The whole environment of the command. */
  readonly env: Readonly<Record<string, string>>
  readonly timeoutMs: number
  /** A line of its output, ready for the log. */
  readonly tell: (line: string) => void
}

/** What a command printed on stdout may be no longer than this to be kept. */
const MAX_KEPT = 65_536
/** What a command that was asked to end has for it. */
const GRACE_MS = 2_000
/** What still holds its output open so long after it ended is ended too. */
const LEFTOVER_MS = 500

/**
 * Runs a command and returns what it printed on stdout, each line told as it comes. It leads a process group of its own, which ends whole.
 * @throws Error when it cannot be started, ends with another status than 0, takes too long or is cancelled
 */
export async function runCommand(command: Command, site: CommandSite, signal: AbortSignal): Promise<string> {
  const [program, ...args] = typeof command === 'string' ? ['sh', '-c', command] : command
  const title = forLog(typeof command === 'string' ? command : command.join(' '), 200)
  if (program === undefined) throw new Error('the command is empty')
  signal.throwIfAborted()
  const child = spawn(program, args, {
    cwd: site.cwd,
    env: site.env,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  let kept = ''
  const read = async (stream: NodeJS.ReadableStream, keep: boolean) => {
    for await (const line of createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })) {
      if (keep && kept.length < MAX_KEPT) kept += `${line}\n`
      site.tell(forLog(line, 500))
    }
  }
  // A stream that is cut off has told what it had.
  const output = Promise.allSettled([read(child.stdout, true), read(child.stderr, false)])
  let ended: 'late' | 'cancelled' | undefined
  let force: NodeJS.Timeout | undefined
  const stop = (why: 'late' | 'cancelled') => {
    ended ??= why
    endGroup(child.pid, 'SIGTERM')
    force ??= setTimeout(() => endGroup(child.pid, 'SIGKILL'), GRACE_MS)
  }
  const timer = setTimeout(() => stop('late'), site.timeoutMs)
  const onAbort = () => stop('cancelled')
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    const status = await new Promise<number | string | null>((resolve, reject) => {
      child.once('error', (error) => reject(new Error(`${title} could not be started: ${forLog(error.message, 300)}`)))
      child.once('exit', (code, by) => resolve(code ?? by))
    })
    // What it left running would hold its output open.
    let leftover: NodeJS.Timeout | undefined
    const closed = new Promise<void>((resolve) => {
      leftover = setTimeout(() => {
        endGroup(child.pid, 'SIGKILL')
        child.stdout.destroy()
        child.stderr.destroy()
        resolve()
      }, LEFTOVER_MS)
    })
    await Promise.race([output, closed])
    clearTimeout(leftover)
    if (ended === 'cancelled') throw new Error(`${title} was cancelled`)
    if (ended === 'late') throw new Error(`${title} took longer than ${Math.round(site.timeoutMs / 1_000)} s`)
    if (status !== 0) throw new Error(`${title} ended with ${typeof status === 'string' ? status : `status ${status}`}`)
    return kept
  } finally {
    clearTimeout(timer)
    clearTimeout(force)
    signal.removeEventListener('abort', onAbort)
  }
}

function endGroup(pid: number | undefined, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, signal)
  } catch {
    // It has ended.
  }
}
