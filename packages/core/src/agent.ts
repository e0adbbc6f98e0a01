import type { Example } from './example.ts'
import type { Reply } from './reply.ts'

export interface AgentRequest {
  readonly example: Example
  /** 0 … repeats-1 */
  readonly repeat: number
  readonly model?: string
  readonly signal: AbortSignal
}

/** The system under test. */
export interface Agent {
  /** For the log: `http http://127.0.0.1:8080`, `command node agent.mjs`. */
  readonly description: string
  /** One attempt. Failures are replies, not exceptions; what is thrown is a defect. */
  run(request: AgentRequest): Promise<Reply>
  /** Ends processes and connections; safe to call twice. */
  close(): Promise<void>
}
