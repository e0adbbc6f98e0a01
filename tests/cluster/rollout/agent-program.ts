import type { RequestListener } from 'node:http'
import type { Pod } from '../pod.ts'

/** How an image of the agent behaves. */
export interface Behaviour {
  /** Share of the requests that fail. */
  readonly errorRate: number
  /** What it says that a request took; it answers at once. */
  readonly seconds: number
  readonly model?: string
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
    let calls = 0
    return (request, response) => {
      if (request.url === '/metrics') {
        const model = behaviourOf(image).model
        response.setHeader('content-type', 'text/plain; version=0.0.4')
        response.end(metricsText(counts, buckets, sum, model === undefined ? undefined : { model, calls }))
        return
      }
      if (request.url === '/health') {
        response.end('ok')
        return
      }
      const { errorRate, seconds } = behaviourOf(image)
      const failed = random() < errorRate
      counts[failed ? 'error' : 'success']++
      calls++
      // Durations around the stated one, so that a histogram has a shape.
      const took = seconds * (0.5 + random())
      sum += took
      for (const [index, bound] of BOUNDS.entries()) if (took <= bound) buckets[index]!++
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
  calls: { readonly model: string; readonly calls: number } | undefined,
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
    ...(calls
      ? [`gen_ai_client_operation_duration_seconds_count{gen_ai_response_model="${calls.model}"} ${calls.calls}`]
      : []),
    '',
  ].join('\n')
}
