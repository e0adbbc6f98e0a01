import type { Content } from './answer.ts'
import { type Answer, asText } from './protocols/protocol.ts'
import type { Call, Run } from './run.ts'
import { OWN_SCOPE } from './scope.ts'
import { answerText, lastResults } from './turns.ts'

/** An answer as the agent gets it. */
export interface Noted {
  readonly answer: Answer
  readonly source: 'replayed' | 'live'
  readonly status: number
  readonly costUsd: number | null
  readonly latencyMs: number
  /** Whether it answers the request for good; an error that may pass is none. */
  readonly lasting: boolean
  readonly content: Content
}

/** Adds an answer to its trial and to the run. */
export function noteAnswer(call: Call, run: Run, noted: Noted): void {
  const { answer, source, status, costUsd, latencyMs, lasting, content } = noted
  const billed = call.endpoint.billed && status < 400
  if (call.turn !== undefined && status < 400)
    call.trial.attack?.turns.push({
      turn: call.turn,
      after: lastResults(call.body),
      answer: answerText(call.endpoint, content),
      toolCalls: answer.toolCalls,
    })
  for (const seen of [call.observation, run.total]) {
    if (lasting) seen.answered({ answer, source, billed, costUsd, latencyMs })
    if (status >= 400) seen.failed()
  }
  const { scope, identity } = call.trial
  run.emit({
    type: 'answered',
    scope,
    protocol: call.protocol.name,
    endpoint: call.endpoint.name,
    trial: identity,
    own: scope === OWN_SCOPE,
    requestModel: asText(call.body.model) ?? null,
    model: answer.model ?? null,
    answer,
    source,
    status,
    costUsd,
    latencyMs,
  })
}

/** An answer that broke off, or was none. */
export function noteBroken(call: Call, run: Run, reason: string): void {
  for (const seen of [call.observation, run.total]) seen.failed()
  run.emit({ type: 'incomplete', scope: call.trial.scope, reason })
}

export function noteRetry(call: Call, run: Run, reason: string, waitMs: number, attempt: number): void {
  for (const seen of [call.observation, run.total]) seen.retried()
  run.emit({ type: 'retried', scope: call.trial.scope, reason, waitMs, attempt })
}
