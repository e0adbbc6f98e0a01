import type { Json } from '@agent-ci/core/json'
import { readAnswer } from '@agent-ci/evaluation/agents/answer'
import { expect, test } from '@jest/globals'
import { jsonNear } from '../../../foreign.ts'
import fc, { PATIENCE_MS, RUNS } from '../../../properties.ts'

const REPLY: Json = {
  output: { answer: 'yes' },
  tool_calls: [{ name: 'find', args: { id: 1, deep: [null, { a: 'b' }] } }],
  usage: { input_tokens: 5, output_tokens: 7, cost_usd: 0.001, model: 'm' },
}
const FAILURE: Json = {
  error: { type: 'infrastructure', kind: 'rate-limit', message: 'slow', retryable: true, retry_after_ms: 5 },
}

test.each([
  ['a reply', REPLY],
  ['an error', FAILURE],
])(
  '%s in which anything was changed is an answer, or a failure that says why',
  (_, good) => {
    fc.assert(
      fc.property(jsonNear(good), (reply) => {
        const { output, toolCalls, usage, failure } = readAnswer(reply, JSON.stringify(reply))
        expect(typeof output).toBe('string')
        for (const { name, args } of toolCalls ?? []) {
          expect(typeof name).toBe('string')
          expect(args !== null && typeof args === 'object' && !Array.isArray(args)).toBe(true)
        }
        for (const amount of [usage.inputTokens, usage.outputTokens, usage.costUsd]) {
          if (amount !== undefined) expect(Number.isFinite(amount) && amount >= 0).toBe(true)
        }
        if (failure?.retryAfterMs !== undefined) expect(failure.retryAfterMs).toBeGreaterThanOrEqual(0)
        if (failure) expect(['agent', 'infrastructure']).toContain(failure.of)
      }),
      { numRuns: RUNS },
    )
  },
  PATIENCE_MS,
)
