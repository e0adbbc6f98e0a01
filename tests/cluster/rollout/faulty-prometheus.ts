import type { IncomingMessage, ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { StubPrometheus } from '../../integration/delivery/stub-prometheus.ts'

type Sample = [number, string]
interface Series {
  readonly metric: Readonly<Record<string, string>>
  value?: Sample
  values?: Sample[] | undefined
}
interface Body {
  readonly status: string
  readonly data: { readonly resultType?: string; readonly result?: Series[] }
  warnings?: string[]
}

const withValue =
  (value: string) =>
  (body: Body): Body => {
    // The time of day is a pair, not a list of series.
    if (body.data.resultType === 'scalar') return body
    for (const series of body.data.result ?? []) {
      if (series.value) series.value = [series.value[0], value]
      series.values = series.values?.map(([at]) => [at, value])
    }
    return body
  }

/** How the answers of a Prometheus may be wrong: what takes the place of one, or what is made of it. */
const PROMETHEUS_FAULTS = {
  nan: withValue('NaN'),
  infinite: withValue('+Inf'),
  warnings: (body: Body): Body => ({ ...body, warnings: ['store 10.0.0.1 is down'] }),
  html: '<!DOCTYPE html><title>Sign in</title>',
  unavailable: 503,
  hang: 'hang',
} as const

export type PrometheusFault = keyof typeof PROMETHEUS_FAULTS

/** Stands before a real Prometheus, and spoils its answers while it has a fault. */
export class FaultyPrometheus {
  fault: PrometheusFault | undefined
  readonly #stub: StubPrometheus

  private constructor(stub: StubPrometheus) {
    this.#stub = stub
  }

  static async start(behind: string): Promise<FaultyPrometheus> {
    let faulty: FaultyPrometheus | undefined
    const stub = await StubPrometheus.start((request, response) => void faulty?.answer(behind, request, response))
    faulty = new FaultyPrometheus(stub)
    return faulty
  }

  get url(): string {
    return this.#stub.url
  }

  stop(): Promise<void> {
    return this.#stub.stop()
  }

  private async answer(behind: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const fault = this.fault && PROMETHEUS_FAULTS[this.fault]
    if (fault === 'hang') return
    if (fault === 503) return void response.writeHead(503).end('down')
    const isHtml = typeof fault === 'string'
    response.writeHead(200, { 'content-type': isHtml ? 'text/html' : 'application/json' })
    if (isHtml) return void response.end(fault)
    const body = request.method === 'POST' ? await text(request) : undefined
    const headers = { 'content-type': request.headers['content-type'] ?? 'text/plain' }
    const answer = await fetch(`${behind}${request.url}`, {
      method: request.method ?? 'GET',
      ...(body !== undefined && { body, headers }),
    })
    const found = (await answer.json()) as Body
    response.end(JSON.stringify(fault ? fault(found) : found))
  }
}
