import type { PrometheusClient } from './prometheus/client.ts'
import type { Arms } from './prometheus/selector.ts'

/** One check of a metric: whom to ask, and for which moment. */
export interface Check {
  readonly client: PrometheusClient
  readonly arms: Arms
  /** On the server's clock: `client.serverTimeMs()`. */
  readonly atMs: number
  readonly signal: AbortSignal
}
