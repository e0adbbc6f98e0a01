import type { Agent } from '@agent-ci/core/agent'
import { trialKey } from '../agents/deps.ts'
import { toolCallsOf } from './tool-calls.ts'
import type { TrajectoryFile } from './trajectory-file.ts'

/** How often the file is looked at. */
const LOOK_MS = 50

export interface TrajectoryDeps {
  /** How long the spans of a trial are waited for after its reply. */
  readonly waitMs: number
  readonly spanIdOf: (exampleId: string, repeat: number) => string
  /** Monotonic milliseconds. */
  readonly now: () => number
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>
}

/**
 * An agent whose tool calls are read from the spans that it exports, where its reply does not say them. A trial whose spans do not come in
 * time has unknown tool calls, not none. The wait is no part of the latency.
 */
export function withTrajectories(agent: Agent, file: TrajectoryFile, deps: TrajectoryDeps): Agent {
  return {
    description: agent.description,
    close: () => agent.close(),
    run: async (request) => {
      const reply = await agent.run(request)
      if (reply.failure || reply.toolCalls !== null) return reply
      const spanId = deps.spanIdOf(request.example.id, request.repeat)
      const end = deps.now() + deps.waitMs
      for (;;) {
        const { spans, complete } = file.trajectoryOf(trialKey(request), spanId)
        if (complete) return { ...reply, toolCalls: toolCallsOf(spans) }
        if (request.signal.aborted) return reply
        if (deps.now() >= end) return spans.length > 0 ? { ...reply, toolCalls: toolCallsOf(spans) } : reply
        await deps.sleep(LOOK_MS, request.signal).catch(() => undefined)
      }
    },
  }
}
