import type { AgentRequest } from '@agent-ci/core/agent'
import type { Reply } from '@agent-ci/core/reply'
import { childEnvironment } from '../child-environment.ts'
import { closed, stopped } from './answer.ts'
import { type AgentDeps, trialKey } from './deps.ts'
import { Slots } from './slots.ts'
import { type WorkerAnswer, WorkerProcess, type WorkerRequest } from './worker-process.ts'

export interface Command {
  readonly argv: readonly string[]
  readonly cwd: string
  /** Of the configuration, references replaced. */
  readonly env: Readonly<Record<string, string>>
}

/** Worker processes, started when they are needed, at most `concurrency` at a time; one that ended is replaced for the next trial. */
export class WorkerPool {
  readonly #command: Command
  readonly #deps: AgentDeps
  readonly #slots: Slots
  readonly #workers: (WorkerProcess | undefined)[] = []
  #closed: Promise<void> | undefined

  constructor(command: Command, deps: AgentDeps) {
    this.#command = command
    this.#deps = deps
    this.#slots = new Slots(deps.concurrency)
  }

  async run(request: AgentRequest): Promise<Reply> {
    const slot = await this.#slots.take(request.signal)
    if (slot === undefined) return { ...stopped(request.signal), latencyMs: 0, attempts: 1 }
    if (this.#closed) {
      this.#slots.giveBack(slot)
      return { ...closed(), latencyMs: 0, attempts: 1 }
    }
    const trial = trialKey(request)
    this.#deps.onTrial?.(slot, trial)
    const line: WorkerRequest = {
      id: request.example.id,
      trial,
      input: request.example.input,
      ...(request.model !== undefined && { model: request.model }),
      ...(this.#deps.prompts && { prompts: this.#deps.prompts }),
      ...(this.#deps.traceparent && { traceparent: this.#deps.traceparent(request) }),
    }
    // Only a process that has answered before hangs up, so a new one gives an answer.
    let answer: WorkerAnswer | 'hung-up' = 'hung-up'
    while (answer === 'hung-up') answer = await this.#worker(slot).ask(line, request.signal)
    this.#release(slot)
    return { ...answer, attempts: 1 }
  }

  /** Ends all processes; resolves once they are gone. */
  close(): Promise<void> {
    this.#closed ??= Promise.all(this.#workers.map((worker) => worker?.close())).then(() => {})
    return this.#closed
  }

  #worker(slot: number): WorkerProcess {
    const present = this.#workers[slot]
    if (present?.alive) return present
    const { argv, cwd, env } = this.#command
    const worker = new WorkerProcess({
      argv,
      cwd,
      env: childEnvironment(this.#deps.env, { ...env, ...this.#deps.workerEnv?.(slot) }),
      now: this.#deps.now,
    })
    this.#workers[slot] = worker
    return worker
  }

  /** A slot whose process is being killed stays taken until it is gone: its late model calls belong to the trial that was stopped. */
  #release(slot: number): void {
    const free = () => {
      this.#deps.onTrial?.(slot, null)
      this.#slots.giveBack(slot)
    }
    const worker = this.#workers[slot]!
    if (worker.alive) free()
    else void worker.ended.then(free)
  }
}
