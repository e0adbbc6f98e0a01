/** Why Prometheus gave no usable answer. `partial`: it answered, and warned that the answer is not whole. */
export const FAILURE_KINDS = ['unreachable', 'timeout', 'http', 'query', 'html', 'partial'] as const
export type FailureKind = (typeof FAILURE_KINDS)[number]

/** An answer that cannot be used, in a sentence that holds no header and no password. */
export class PrometheusError extends Error {
  readonly kind: FailureKind
  /** Of the HTTP answer, where there was one. */
  readonly status: number | undefined

  constructor(kind: FailureKind, message: string, status?: number) {
    super(message)
    this.name = 'PrometheusError'
    this.kind = kind
    this.status = status
  }
}
