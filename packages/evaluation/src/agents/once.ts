import type { AgentRequest } from '@agent-ci/core/agent'
import type { Json } from '@agent-ci/core/json'
import type { Reply } from '@agent-ci/core/reply'
import { untrusted } from '@agent-ci/core/untrusted'
import { childEnvironment } from '../child-environment.ts'
import { onAbort } from './abort.ts'
import { type Answer, agentFailed, closed, isReply, readAnswer, stopped } from './answer.ts'
import { type AgentDeps, trialKey } from './deps.ts'
import { endedWithoutAnswer } from './endings.ts'
import { describeEnding, type Ending, ProcessGroup, quoteStderr } from './process-group.ts'
import { Slots } from './slots.ts'
import type { Command } from './worker-pool.ts'

const MOST_BYTES = 16 * 1024 * 1024

/** A process for each trial: the input on stdin, the answer on stdout. */
export class ProcessPerTrial {
  readonly #command: Command
  readonly #deps: AgentDeps
  readonly #slots: Slots
  readonly #running = new Set<ProcessGroup>()
  #closed = false

  constructor(command: Command, deps: AgentDeps) {
    this.#command = command
    this.#deps = deps
    this.#slots = new Slots(deps.concurrency)
  }

  async run(request: AgentRequest): Promise<Reply> {
    const slot = await this.#slots.take(request.signal)
    if (slot === undefined) return { ...stopped(request.signal), latencyMs: 0, attempts: 1 }
    this.#deps.onTrial?.(slot, trialKey(request))
    const startedAt = this.#deps.now()
    const answer = this.#closed ? closed() : await this.#answer(request, slot)
    const latencyMs = this.#deps.now() - startedAt
    this.#deps.onTrial?.(slot, null)
    this.#slots.giveBack(slot)
    return { ...answer, latencyMs, attempts: 1 }
  }

  /** Ends what is running; resolves once it is gone. */
  async close(): Promise<void> {
    this.#closed = true
    for (const group of this.#running) group.end()
    await Promise.all([...this.#running].map((group) => group.ended))
  }

  async #answer(request: AgentRequest, slot: number): Promise<Answer> {
    const { example, repeat, model, signal } = request
    const { argv, cwd, env } = this.#command
    const trial = {
      AGENT_CI_EXAMPLE: example.id,
      AGENT_CI_REPEAT: String(repeat),
      ...(model !== undefined && { AGENT_CI_MODEL: model }),
      ...(this.#deps.traceparent && { TRACEPARENT: this.#deps.traceparent(request) }),
    }
    const chunks: Buffer[] = []
    let bytes = 0
    const group: ProcessGroup = new ProcessGroup(argv, {
      cwd,
      env: childEnvironment(this.#deps.env, { ...env, ...this.#deps.workerEnv?.(slot), ...trial }),
      onStdout: (chunk) => {
        bytes += chunk.length
        if (bytes <= MOST_BYTES) chunks.push(chunk)
        else group.end()
      },
    })
    this.#running.add(group)
    const end = () => group.end()
    if (signal.aborted) end()
    const leave = onAbort(signal, end)
    group.endInput(typeof example.input === 'string' ? example.input : JSON.stringify(example.input))
    const ending = await group.ended
    leave()
    this.#running.delete(group)
    if (signal.aborted) return stopped(signal)
    if (this.#closed) return closed()
    if (bytes > MOST_BYTES) return agentFailed('protocol', `The agent wrote more than ${MOST_BYTES} bytes to stdout`)
    return readOutput(ending, Buffer.concat(chunks).toString('utf8'), argv[0]!, group.stderrTail())
  }
}

function readOutput(ending: Ending, stdout: string, program: string, stderrTail: string): Answer {
  if ('error' in ending || ending.signal) return endedWithoutAnswer(ending, program, stderrTail)
  if (ending.code !== 0)
    return agentFailed('exception', `The agent ${describeEnding(ending, program)}${quoteStderr(stderrTail)}`)
  try {
    const value = JSON.parse(stdout) as Json
    if (isReply(value)) return readAnswer(value, stdout)
  } catch {
    // Not JSON: the text itself is the answer.
  }
  return { output: untrusted(stdout.replace(/\r?\n$/, '')), toolCalls: null, usage: {} }
}
