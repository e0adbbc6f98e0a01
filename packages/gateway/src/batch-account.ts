import type { Json, JsonObject } from '@agent-ci/core/json'
import type { Reservation } from './budget.ts'
import { estimateInput, worstCost } from './estimate.ts'
import { BATCH_SHARE, costOf, priceOf } from './prices.ts'
import { messages } from './protocols/anthropic.ts'
import type { Run } from './run.ts'

/** The money of batches: the gateway hands them on as they are, so that who sends them keeps the budget. */
export interface BatchAccount {
  /** Where the gateway hands them on. */
  readonly baseUrl: string
  /** The most that a request may cost within a batch, in USD; 0 where no budget is kept. @throws {Refusal} `unpriced` */
  worstUsd(body: JsonObject): number
  remainingUsd(): number
  /** Sets money aside. @throws {Refusal} `budget` when there is not so much */
  reserve(worstUsd: number, signal: AbortSignal): Promise<Reservation>
  /** What an answer cost, in USD; undefined where nobody knows. */
  costUsd(message: Json): number | undefined
}

export function batchAccount(baseUrl: string, { budget, budgetUsd, prices }: Run): BatchAccount {
  return {
    baseUrl,
    worstUsd: (body) =>
      budgetUsd === undefined
        ? 0
        : BATCH_SHARE * worstCost(messages, body, estimateInput(JSON.stringify(body)), prices),
    remainingUsd: () => budget.remainingUsd,
    reserve: (worstUsd, signal) => budget.reserve(worstUsd, signal),
    costUsd: (message) => {
      const { model, tokens } = messages.readBody(message)
      const price = model === undefined ? undefined : priceOf(prices, model)
      return price && tokens && BATCH_SHARE * costOf(price, tokens)
    },
  }
}
