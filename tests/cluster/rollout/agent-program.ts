import type { RequestListener } from 'node:http'
import type { Pod } from '../pod.ts'

/** How an image of the agent behaves. */
export interface Behaviour {
  /** Share of the requests that fail. */
  readonly errorRate: number
  /** What it says that a request took; it answers at once. */
  readonly seconds: number
  /** Answers as a model call too, under the names of OpenTelemetry. */
  readonly model?: string
  /** Output tokens of a call; 100. */
  readonly tokens?: number
}

const BOUNDS = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]

/** One pod of the agent: answers, fails as often as its image does, and counts as the guide's service does. */
export function agentProgram(
  behaviourOf: (image: string) => Behaviour,
  random: () => number = Math.random,
): (pod: Pod) => RequestListener {
  return (pod) => {
    const [container] = (pod.spec as { readonly containers: readonly { readonly image: string }[] }).containers
    const image = container?.image ?? ''
    const counts = { success: 0, error: 0 }
    const buckets = BOUNDS.map(() => 0)
    let sum = 0
    const calls = new ModelCalls()
    return (request, response) => {
      if (request.url === '/metrics') {
        response.setHeader('content-type', 'text/plain; version=0.0.4')
        response.end(metricsText(counts, buckets, sum, calls.lines()))
        return
      }
      if (request.url === '/health') {
        response.end('ok')
        return
      }
      const { errorRate, seconds, model, tokens = 100 } = behaviourOf(image)
      const failed = random() < errorRate
      counts[failed ? 'error' : 'success']++
      // Durations around the stated one, so that a histogram has a shape.
      const took = seconds * (0.5 + random())
      sum += took
      for (const [index, bound] of BOUNDS.entries()) if (took <= bound) buckets[index]!++
      if (model !== undefined) calls.add({ model, failed, seconds: took, tokens })
      response.statusCode = failed ? 500 : 200
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify({ output: failed ? 'no' : 'yes' }))
    }
  }
}

function metricsText(
  { success, error }: { success: number; error: number },
  buckets: readonly number[],
  sum: number,
  calls: readonly string[],
): string {
  const all = success + error
  const name = 'agent_request_duration_seconds'
  return [
    `agent_requests_total{status="success"} ${success}`,
    // A pod that never failed has no series of its failures.
    ...(error > 0 ? [`agent_requests_total{status="error"} ${error}`] : []),
    ...BOUNDS.map((bound, index) => `${name}_bucket{le="${bound}"} ${buckets[index]}`),
    `${name}_bucket{le="+Inf"} ${all}`,
    `${name}_sum ${sum}`,
    `${name}_count ${all}`,
    ...calls,
    '',
  ].join('\n')
}

interface ModelCall {
  readonly model: string
  readonly failed: boolean
  readonly seconds: number
  readonly tokens: number
}

const INPUT_TOKENS = 50

/** Model calls as an OpenTelemetry exporter counts them. */
class ModelCalls {
  private readonly histograms = new Map<string, { buckets: number[]; sum: number; count: number }>()
  private readonly used = new Map<string, { sum: number; count: number }>()

  add({ model, failed, seconds, tokens }: ModelCall): void {
    const labels = `gen_ai_request_model="${model}",gen_ai_response_model="${model}"${failed ? ',error_type="timeout"' : ''}`
    const known = this.histograms.get(labels) ?? { buckets: BOUNDS.map(() => 0), sum: 0, count: 0 }
    this.histograms.set(labels, known)
    for (const [index, bound] of BOUNDS.entries()) if (seconds <= bound) known.buckets[index]!++
    known.sum += seconds
    known.count++
    if (failed) return
    for (const [type, count] of [
      ['input', INPUT_TOKENS],
      ['output', tokens],
    ] as const) {
      const key = `gen_ai_request_model="${model}",gen_ai_token_type="${type}"`
      const before = this.used.get(key) ?? { sum: 0, count: 0 }
      this.used.set(key, { sum: before.sum + count, count: before.count + 1 })
    }
  }

  lines(): string[] {
    const duration = 'gen_ai_client_operation_duration_seconds'
    const usage = 'gen_ai_client_token_usage'
    return [
      ...[...this.histograms].flatMap(([labels, { buckets, sum, count }]) => [
        ...BOUNDS.map((bound, index) => `${duration}_bucket{${labels},le="${bound}"} ${buckets[index]}`),
        `${duration}_bucket{${labels},le="+Inf"} ${count}`,
        `${duration}_sum{${labels}} ${sum}`,
        `${duration}_count{${labels}} ${count}`,
      ]),
      ...[...this.used].flatMap(([labels, { sum, count }]) => [
        `${usage}_sum{${labels}} ${sum}`,
        `${usage}_count{${labels}} ${count}`,
      ]),
    ]
  }
}
