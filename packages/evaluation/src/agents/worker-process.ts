import { isJsonObject, type Json, type JsonObject } from '@agent-ci/core/json'
import { onAbort } from './abort.ts'
import { type Answer, agentFailed, closed, excerpt, readAnswer, stopped } from './answer.ts'
import { endedWithoutAnswer } from './endings.ts'
import { LineSplitter } from './lines.ts'
import { GRACE_MS, ProcessGroup } from './process-group.ts'

/** One line to a worker. */
export interface WorkerRequest {
  readonly id: string
  /** Unique for each trial, where `id` is the same for every repeat. */
  readonly trial: string
  readonly input: Json
  readonly model?: string
  readonly prompts?: Readonly<Record<string, string>>
  /** W3C Trace Context of the trial. */
  readonly traceparent?: string
}

export type WorkerAnswer = Answer & { readonly latencyMs: number }

interface WorkerOptions {
  readonly argv: readonly string[]
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  /** Monotonic milliseconds. */
  readonly now: () => number
}

interface Pending {
  readonly request: WorkerRequest
  startedAt: number
  readonly settle: (answer: Answer | 'hung-up') => void
}

const MOST_LINE_BYTES = 16 * 1024 * 1024
const KEPT_NOISE = 3

/** A long-lived process that answers one request at a time, one JSON object a line in and out. */
export class WorkerProcess {
  readonly #group: ProcessGroup
  readonly #now: () => number
  #pending: Pending | undefined
  #answered = 0
  #alive = true
  #noise = 0
  readonly #firstNoise: string[] = []

  constructor(options: WorkerOptions) {
    this.#now = options.now
    const lines = new LineSplitter(
      MOST_LINE_BYTES,
      (line) => this.#onLine(line),
      () => this.#giveUp(agentFailed('protocol', `The agent wrote a line of more than ${MOST_LINE_BYTES} bytes`)),
    )
    this.#group = new ProcessGroup(options.argv, { ...options, onStdout: (chunk) => lines.push(chunk) })
    void this.#group.ended.then((ending) => {
      lines.flush()
      this.#alive = false
      this.#pending?.settle(
        this.#answered > 0 && 'code' in ending && ending.code === 0
          ? 'hung-up'
          : endedWithoutAnswer(ending, options.argv[0]!, this.#group.stderrTail(), this.#noiseNote()),
      )
    })
  }

  /** Whether it can be asked. */
  get alive(): boolean {
    return this.#alive
  }

  get ended(): Promise<unknown> {
    return this.#group.ended
  }

  /**
   * Asks for one trial. A stopped trial ends the process, which is busy with it. `hung-up`: the process ended in good order (code 0)
   * after it had answered an earlier request and before it answered this one; another worker is to be asked.
   */
  ask(request: WorkerRequest, signal: AbortSignal): Promise<WorkerAnswer | 'hung-up'> {
    return new Promise((resolve) => {
      const abort = () => this.#giveUp(stopped(signal, this.#noiseNote()))
      const leave = onAbort(signal, abort)
      this.#pending = {
        request,
        startedAt: this.#now(),
        settle: (answer) => {
          leave()
          const latencyMs = this.#now() - this.#pending!.startedAt
          this.#pending = undefined
          resolve(answer === 'hung-up' ? answer : { ...answer, latencyMs })
        },
      }
      if (signal.aborted) return abort()
      this.#group.write(`${JSON.stringify(request)}\n`)
    })
  }

  /** Lets an idle process end by itself, ends a busy one; resolves once it is gone. */
  async close(): Promise<void> {
    const busy = this.#pending !== undefined
    this.#alive = false
    this.#pending?.settle(closed())
    this.#group.endInput()
    if (busy) this.#group.end()
    const timer = setTimeout(() => this.#group.kill(), GRACE_MS)
    await this.#group.ended
    clearTimeout(timer)
  }

  #onLine(line: string): void {
    const reply = parseObject(line)
    const request = this.#pending?.request
    if (reply?.ready === true && this.#answered === 0 && this.#pending) {
      // What the process did before, such as importing the agent, is not the agent's latency.
      this.#pending.startedAt = this.#now()
    } else if (reply && request && answersTo(reply, request)) {
      this.#answered++
      this.#pending!.settle(readAnswer(reply, line))
    } else if (reply && !request && isAnonymous(reply)) {
      // A second answer to one request; the next one would be taken for the next request's.
      this.#giveUp()
    } else {
      this.#noise++
      if (this.#firstNoise.length < KEPT_NOISE) this.#firstNoise.push(excerpt(line))
    }
  }

  /** Ends the process because it can not be asked again. */
  #giveUp(answer?: Answer): void {
    this.#alive = false
    if (answer) this.#pending?.settle(answer)
    this.#group.end()
  }

  #noiseNote(): string {
    if (this.#noise === 0) return ''
    const lines = this.#noise === 1 ? '1 line on stdout was' : `${this.#noise} lines on stdout were`
    return `; ${lines} no reply to a request: ${this.#firstNoise.join(' | ')}`
  }
}

function parseObject(line: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return isJsonObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

const isAnonymous = (reply: JsonObject): boolean =>
  reply.trial === undefined && reply.id === undefined && ('output' in reply || 'error' in reply)

/** A reply names its trial or its example; one without either is the answer to what was asked, for there is only one request at a time. */
function answersTo(reply: JsonObject, request: WorkerRequest): boolean {
  if (reply.trial !== undefined) return reply.trial === request.trial
  return reply.id === undefined ? isAnonymous(reply) : reply.id === request.id
}
