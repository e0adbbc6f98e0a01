import { type ChildProcess, spawn } from 'node:child_process'

/** How a process came to its end. */
export type Ending =
  | { readonly code: number | null; readonly signal: NodeJS.Signals | null }
  /** It never started. */
  | { readonly error: NodeJS.ErrnoException }

/** Between SIGTERM and SIGKILL, and how long a worker may take to end after its stdin was closed. */
export const GRACE_MS = 2_000
/** Pipes that are still open this long after the process ended are held by something that left its group. */
const PIPES_MS = 500
const STDERR_BYTES = 8 * 1024

/** Windows has no process groups; there only the process itself is killed. */
const HAS_GROUPS = process.platform !== 'win32'

const running = new Set<ChildProcess>()

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (HAS_GROUPS) process.kill(-child.pid!, signal)
    else child.kill(signal)
  } catch {
    // The group is gone already.
  }
}

const killAll = () => {
  for (const child of running) signalGroup(child, 'SIGKILL')
}

/** A child process that leads a group of its own, so that whatever it starts can be ended with it. */
export class ProcessGroup {
  /** Once the process is gone, its group with it, and all it wrote has been read. */
  readonly ended: Promise<Ending>
  readonly #child: ChildProcess | undefined
  readonly #stderr: Buffer[] = []
  #stderrBytes = 0
  #ending = false

  constructor(
    argv: readonly string[],
    options: {
      readonly cwd: string
      readonly env: Readonly<Record<string, string>>
      readonly onStdout: (chunk: Buffer) => void
    },
  ) {
    let end: (ending: Ending) => void = () => {}
    this.ended = new Promise((resolve) => {
      end = resolve
    })
    try {
      this.#child = spawn(argv[0]!, argv.slice(1), { cwd: options.cwd, env: options.env, detached: HAS_GROUPS })
    } catch (error) {
      end({ error: error as NodeJS.ErrnoException })
      return
    }
    const child = this.#child
    // EPIPE: it ended before it read its input, which `exit` tells. There are no streams at all where there were no more files.
    child.stdin?.on('error', () => {})
    child.on('error', (error) => {
      if (child.pid === undefined) end({ error })
    })
    if (child.pid === undefined) return
    child.stdout!.on('data', options.onStdout)
    child.stderr!.on('data', (chunk: Buffer) => this.#keepStderr(chunk))
    if (running.size === 0) process.on('exit', killAll)
    running.add(child)
    child.on('exit', () => {
      signalGroup(child, 'SIGKILL')
      running.delete(child)
      if (running.size === 0) process.off('exit', killAll)
      const timer = setTimeout(() => {
        child.stdout!.destroy()
        child.stderr!.destroy()
      }, PIPES_MS)
      child.on('close', (code, signal) => {
        clearTimeout(timer)
        end({ code, signal })
      })
    })
  }

  write(text: string): void {
    this.#child?.stdin?.write(text)
  }

  endInput(text = ''): void {
    this.#child?.stdin?.end(text)
  }

  /** Asks the whole group to end, and kills it when it has not after a grace time. */
  end(): void {
    if (this.#ending) return
    this.#ending = true
    this.#signal('SIGTERM')
    const timer = setTimeout(() => this.kill(), GRACE_MS)
    void this.ended.then(() => clearTimeout(timer))
  }

  /** Kills the whole group. */
  kill(): void {
    this.#signal('SIGKILL')
  }

  /** The end of what it wrote to stderr. */
  stderrTail(): string {
    return Buffer.concat(this.#stderr).subarray(-STDERR_BYTES).toString('utf8').trim()
  }

  #signal(signal: NodeJS.Signals): void {
    // The number of a process that is gone may be another's by now.
    if (this.#child && running.has(this.#child)) signalGroup(this.#child, signal)
  }

  #keepStderr(chunk: Buffer): void {
    this.#stderr.push(chunk)
    this.#stderrBytes += chunk.length
    while (this.#stderrBytes - this.#stderr[0]!.length >= STDERR_BYTES)
      this.#stderrBytes -= this.#stderr.shift()!.length
  }
}

/** `exited with code 3`, `was killed by SIGKILL`, `could not be started: …` */
export function describeEnding(ending: Ending, program: string): string {
  if (!('error' in ending)) return ending.signal ? `was killed by ${ending.signal}` : `exited with code ${ending.code}`
  return `could not be started: ${startProblem(ending.error, program)}`
}

function startProblem({ code, message }: NodeJS.ErrnoException, program: string): string {
  if (code === 'ENOENT') return `the command "${program}" was not found; check its name and the PATH`
  if (code === 'EACCES') return `"${program}" is not executable; run chmod +x, or name its interpreter`
  return message
}

/** The last words on stderr as the end of a message. */
export const quoteStderr = (tail: string): string =>
  tail === '' ? '; stderr is empty' : `; stderr ends with: ${tail.slice(-2_000)}`
