import type { IncomingMessage, ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { StubPrometheus } from './stub-prometheus.ts'

/** What one arm does every second. */
export interface PlayedArm {
  requests: number
  errors: number
  /** What its requests last in seconds, in turns. */
  seconds: readonly number[]
}

export const BOUNDS = [0.1, 0.5, 1, 5] as const
const START = 1_700_000_000

/** A Prometheus over two arms with steady traffic, scraped every second on a clock that a test turns. */
export class PlayedPrometheus {
  readonly arms: Record<'canary' | 'stable', PlayedArm | undefined> = { canary: undefined, stable: undefined }
  /** What other instant queries answer, by their beginning. */
  readonly values = new Map<string, readonly string[]>()
  down = false
  #stub: StubPrometheus | undefined
  readonly #scrapes: { at: number; arm: 'canary' | 'stable'; total: number; bad: number; buckets: number[] }[] = []
  #now = START

  async start(): Promise<string> {
    this.#stub = await StubPrometheus.start((request, response) => void this.#answer(request, response))
    return this.#stub.url
  }

  async stop(): Promise<void> {
    await this.#stub?.stop()
  }

  get date(): Date {
    return new Date(this.#now * 1_000)
  }

  /** Lets time pass, with the traffic that the arms have now. */
  pass(seconds: number): void {
    for (let second = 0; second < seconds; second++) {
      this.#now++
      for (const arm of ['canary', 'stable'] as const) {
        const does = this.arms[arm]
        if (!does) continue
        const last = this.#scrapes.findLast((scrape) => scrape.arm === arm)
        const took = Array.from({ length: does.requests }, (_, index) => does.seconds[index % does.seconds.length]!)
        this.#scrapes.push({
          at: this.#now,
          arm,
          total: (last?.total ?? 0) + does.requests,
          bad: (last?.bad ?? 0) + does.errors,
          buckets: [...BOUNDS, Number.POSITIVE_INFINITY].map(
            (bound, index) => (last?.buckets[index] ?? 0) + took.filter((each) => each <= bound).length,
          ),
        })
      }
    }
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.down) return void response.writeHead(503).end('down')
    const url = new URL(request.url ?? '', 'http://stub')
    const form = request.method === 'POST' ? new URLSearchParams(await text(request)) : url.searchParams
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ status: 'success', data: this.#data(form.get('query') ?? '') }))
  }

  #data(query: string) {
    if (query === 'time()') return { resultType: 'scalar', result: [this.#now, String(this.#now)] }
    const played = [...this.values].find(([start]) => query.startsWith(start))?.[1]
    if (played)
      return {
        resultType: 'vector',
        result: played.map((value, index) => ({ metric: { model: `model-${index}` }, value: [this.#now, value] })),
      }
    const increase = /^sum(?: by \((\w+)\))? \(increase\(/.exec(query)
    if (increase) return { resultType: 'vector', result: this.#increases(query, increase[1]) }
    if (query.startsWith('count by (le)'))
      return { resultType: 'vector', result: LES.map((le) => ({ metric: { le }, value: [this.#now, '1'] })) }
    const window = Number(/\[(\d+)s]/.exec(query)?.[1])
    const arm = armOf(query)
    const scrapes = this.#scrapes.filter((scrape) => scrape.arm === arm && scrape.at > this.#now - window)
    const series = (metric: Record<string, string>, of: (scrape: (typeof scrapes)[number]) => number) => ({
      metric: { ...metric, track: arm },
      values: scrapes.map((scrape) => [scrape.at, String(of(scrape))]),
    })
    if (scrapes.length === 0) return { resultType: 'matrix', result: [] }
    if (query.includes('_bucket'))
      return {
        resultType: 'matrix',
        result: LES.map((le, index) => series({ le }, ({ buckets }) => buckets[index]!)),
      }
    const isBad = query.includes('status="error"')
    return { resultType: 'matrix', result: [series({}, ({ bad, total }) => (isBad ? bad : total))] }
  }

  /** What `increase` makes of all that there is of an arm; the first scrape has nothing before it. */
  #increases(query: string, by: string | undefined) {
    const scrapes = this.#scrapes.filter(({ arm }) => arm === armOf(query))
    const [first, last] = [scrapes[0], scrapes.at(-1)]
    if (!first || !last) return []
    const value = (count: number) => [this.#now, String(count)]
    if (by === 'le')
      return LES.map((le, index) => ({ metric: { le }, value: value(last.buckets[index]! - first.buckets[index]!) }))
    const bad = last.bad - first.bad
    const total = last.total - first.total
    if (by === undefined) return [{ metric: {}, value: value(query.includes('status="error"') ? bad : total) }]
    return [
      { metric: { [by]: 'error' }, value: value(bad) },
      { metric: { [by]: 'success' }, value: value(total - bad) },
    ]
  }
}

const LES = [...BOUNDS.map(String), '+Inf']
const armOf = (query: string) => (query.includes('track="canary"') ? 'canary' : 'stable')
