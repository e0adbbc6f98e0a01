import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

type Labels = Readonly<Record<string, string>>

const BUCKETS = [0.1, 0.5, 1, 2.5, 5, 10]

const format = (labels: Labels): string =>
  `{${Object.entries(labels)
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .join(',')}}`

interface Histogram {
  readonly labels: Labels
  readonly counts: number[]
  sum: number
  count: number
}

/** What a process has counted since it started. */
class Registry {
  private readonly values = new Map<string, number>()
  private readonly histograms = new Map<string, Map<string, Histogram>>()

  add(name: string, labels: Labels, by: number): void {
    const key = `${name}${format(labels)}`
    this.values.set(key, (this.values.get(key) ?? 0) + by)
  }

  set(name: string, labels: Labels, value: number): void {
    this.values.set(`${name}${format(labels)}`, value)
  }

  observe(name: string, labels: Labels, value: number, times: number, bounds: readonly number[]): void {
    const family = this.histograms.get(name) ?? new Map<string, Histogram>()
    this.histograms.set(name, family)
    const key = format(labels)
    const histogram = family.get(key) ?? { labels, counts: bounds.map(() => 0), sum: 0, count: 0 }
    family.set(key, histogram)
    for (const [i, bound] of bounds.entries()) if (value <= bound) histogram.counts[i]! += times
    histogram.sum += value * times
    histogram.count += times
  }

  text(bounds: readonly number[]): string {
    const lines = [...this.values].map(([key, value]) => `${key} ${value}`)
    for (const [name, family] of this.histograms) {
      for (const { labels, counts, sum, count } of family.values()) {
        for (const [i, bound] of bounds.entries()) {
          lines.push(`${name}_bucket${format({ ...labels, le: String(bound) })} ${counts[i]}`)
        }
        lines.push(`${name}_bucket${format({ ...labels, le: '+Inf' })} ${count}`)
        lines.push(`${name}_sum${format(labels)} ${sum}`, `${name}_count${format(labels)} ${count}`)
      }
    }
    return `${lines.join('\n')}\n`
  }
}

export interface AgentRequests {
  readonly ok?: number
  readonly errors?: number
  /** Of each of them. */
  readonly seconds?: number
  /** Answered as a model call too, under the GenAI names. */
  readonly model?: string
  readonly outputTokens?: number
}

/** One pod of an agent, as Prometheus sees it: an HTTP server with /metrics. */
export class MetricsServer {
  readonly address: string
  private readonly server: Server
  private readonly bounds: readonly number[]
  private registry = new Registry()

  private constructor(server: Server, bounds: readonly number[]) {
    this.server = server
    this.bounds = bounds
    this.address = `127.0.0.1:${(server.address() as AddressInfo).port}`
  }

  static async start(bounds: readonly number[] = BUCKETS): Promise<MetricsServer> {
    let pod: MetricsServer | undefined
    const server = createServer((_, response) => {
      response.setHeader('content-type', 'text/plain; version=0.0.4')
      response.end(pod?.registry.text(bounds) ?? '')
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    pod = new MetricsServer(server, bounds)
    return pod
  }

  /** Counts requests of the guide's agent, and the model calls behind them where a model is named. */
  requests({ ok = 0, errors = 0, seconds = 0.3, model, outputTokens = 100 }: AgentRequests): void {
    if (ok > 0) this.registry.add('agent_requests_total', { status: 'success' }, ok)
    if (errors > 0) this.registry.add('agent_requests_total', { status: 'error' }, errors)
    this.registry.observe('agent_request_duration_seconds', {}, seconds, ok + errors, this.bounds)
    if (model === undefined) return
    const labels = { gen_ai_request_model: model, gen_ai_response_model: model }
    const name = 'gen_ai_client_operation_duration_seconds'
    if (ok > 0) this.registry.observe(name, labels, seconds, ok, this.bounds)
    if (errors > 0) this.registry.observe(name, { ...labels, error_type: 'timeout' }, seconds, errors, this.bounds)
    for (const [type, tokens] of Object.entries({ input: 50, output: outputTokens })) {
      this.registry.observe(
        'gen_ai_client_token_usage',
        { gen_ai_request_model: model, gen_ai_token_type: type },
        tokens,
        ok,
        this.bounds,
      )
    }
  }

  /** Counts tool calls of agent runs, under the GenAI names. */
  runs({ runs, tools, failedTools = 0 }: { runs: number; tools: number; failedTools?: number }): void {
    this.registry.observe('gen_ai_invoke_agent_duration_seconds', {}, 1, runs, this.bounds)
    this.registry.observe('gen_ai_execute_tool_duration_seconds', {}, 0.1, tools - failedTools, this.bounds)
    if (failedTools > 0) {
      this.registry.observe('gen_ai_execute_tool_duration_seconds', { error_type: 'x' }, 0.1, failedTools, this.bounds)
    }
  }

  /** Any other series: a price, a counter of kube-state-metrics. */
  set(name: string, labels: Labels, value: number): void {
    this.registry.set(name, labels, value)
  }

  /** The process restarts: everything is counted from 0 again. */
  restart(): void {
    this.registry = new Registry()
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections()
    await new Promise((resolve) => this.server.close(resolve))
  }
}
