import { messageOf } from '@agent-ci/core/errors'
import { type ProxySettings, proxyFor } from '@agent-ci/core/proxy'
import { PrometheusDriver } from 'prometheus-query'
import * as z from 'zod'
import { type Answer, type Payload, parseAnswer, remarksOf, type Sample, type Series, type Shape } from './answer.ts'
import type { Endpoint } from './endpoint.ts'
import { PrometheusError } from './failure.ts'
import { readPayload, type WireAnswer } from './wire.ts'

type RequestInterceptor = NonNullable<ConstructorParameters<typeof PrometheusDriver>[0]['requestInterceptor']>
type RequestConfig = Parameters<RequestInterceptor['onFulfilled']>[0]

const DEFAULT_TIMEOUT_MS = 30_000
/** An answer for 10,000 series of 60 samples stays below it. */
const MAX_BYTES = 64 * 1024 * 1024
/** Servers and proxies take request lines up to 8 KiB; percent-encoding makes a query up to three times longer. */
const MAX_QUERY_IN_URL = 2_000

export interface PrometheusOptions extends Endpoint {
  readonly proxies: ProxySettings
  /** Of one question, its body included; 30 s. */
  readonly timeoutMs?: number
  /** What to do with an answer that warns (Thanos with a store down): refused, unless `accept`. */
  readonly partial?: 'refuse' | 'accept'
}

export interface Question {
  /** The moment that is asked about, on the server's clock; its present where there is none. */
  readonly atMs?: number
  readonly signal: AbortSignal
}

/** One number or none, and what the server remarked. */
export interface SingleValue extends Pick<Answer, 'infos' | 'warnings'> {
  /** `undefined`: no series, which is no data. */
  readonly sample: Sample | undefined
}

/**
 * Asks a Prometheus, or what speaks its API. Every failure is a {@link PrometheusError}, or the signal's reason. It never retries: when to
 * ask again is a rule of the analysis.
 */
export class PrometheusClient {
  private readonly endpoint: string
  private readonly secrets: readonly string[]
  private readonly options: PrometheusOptions
  private readonly proxy: RequestConfig['proxy']

  constructor(options: PrometheusOptions) {
    this.options = options
    this.endpoint = options.url.href.replace(/\/+$/, '')
    this.secrets = Object.values(options.headers)
      .flatMap((value) => [value, value.replace(/^(?:Bearer|Basic)\s+/i, '')])
      .filter((value) => value.length >= 4)
    const proxy = proxyFor(options.url, options.proxies)
    // `false`: axios would read the environment by itself.
    this.proxy = proxy
      ? {
          protocol: proxy.protocol,
          host: proxy.hostname,
          port: Number(proxy.port || (proxy.protocol === 'https:' ? 443 : 80)),
          ...(proxy.username !== '' && {
            auth: { username: decodeURIComponent(proxy.username), password: decodeURIComponent(proxy.password) },
          }),
        }
      : false
  }

  /** Every series that a query answers now. */
  async query(promql: string, question: Question): Promise<Answer> {
    return await this.ask(promql, 'instant', question)
  }

  /** Every raw sample of a range selector such as `requests_total{track="canary"}[60s]`. */
  async samples(selector: string, question: Question): Promise<Answer> {
    return await this.ask(selector, 'range', question)
  }

  /** The one number that a query answers; more than one series is refused, since which of them is meant is not ours to guess. */
  async value(promql: string, question: Question): Promise<SingleValue> {
    const { series, infos, warnings } = await this.query(promql, question)
    if (series.length > 1) {
      throw new PrometheusError(
        'query',
        `The query answers ${series.length} series (${describeSeries(series)}); expected one: wrap it in sum(), max() or the like`,
      )
    }
    const only = series[0]
    if (only?.native) {
      throw new PrometheusError(
        'query',
        'The query answers a native histogram; expected a number: wrap it in histogram_quantile() or histogram_count()',
      )
    }
    return { sample: only?.samples[0], infos, warnings }
  }

  /** The values of a label among the series of the last hour that match. */
  async labelValues(label: string, match: string, question: Question): Promise<readonly string[]> {
    const end = question.atMs ?? (await this.serverTimeMs(question.signal))
    const payload = await this.send(question.signal, false, undefined, (driver) =>
      driver.labelValues(label, match, end - 3_600_000, end),
    )
    const values = z.array(z.string()).safeParse(payload.data)
    if (!values.success) throw new PrometheusError('http', `${this.endpoint} answered something else than label values`)
    return values.data
  }

  /** The server's clock: a runner's may be minutes off, and samples carry the server's. */
  async serverTimeMs(signal: AbortSignal): Promise<number> {
    const { sample } = await this.value('time()', { signal })
    if (sample === undefined || !Number.isFinite(sample.value)) {
      throw new PrometheusError('query', `${this.endpoint} does not say what time it is`)
    }
    return sample.value * 1_000
  }

  private async ask(promql: string, shape: Shape, { atMs, signal }: Question): Promise<Answer> {
    const timeout = `${this.timeoutMs}ms`
    const payload = await this.send(signal, promql.length > MAX_QUERY_IN_URL, atMs, (driver) =>
      driver.instantQuery(promql, atMs, timeout),
    )
    return parseAnswer(payload, shape)
  }

  private get timeoutMs(): number {
    return this.options.timeoutMs ?? DEFAULT_TIMEOUT_MS
  }

  private async send(
    signal: AbortSignal,
    preferPost: boolean,
    atMs: number | undefined,
    call: (driver: PrometheusDriver) => Promise<unknown>,
  ): Promise<Payload> {
    signal.throwIfAborted()
    // AbortSignal.any would keep a follower of the rollout's signal for each of the questions of hours.
    const question = new AbortController()
    const stop = () => question.abort(signal.reason)
    signal.addEventListener('abort', stop, { once: true })
    let timedOut = false
    const deadline = setTimeout(() => {
      timedOut = true
      question.abort()
    }, this.timeoutMs)
    let payload: Payload | undefined
    const driver = new PrometheusDriver({
      endpoint: this.endpoint,
      headers: { accept: 'application/json', ...this.options.headers },
      preferPost,
      timeout: this.timeoutMs,
      requestInterceptor: {
        onFulfilled: (config) => this.prepare(config, question.signal, atMs),
      },
      responseInterceptor: {
        onFulfilled: (response) => {
          payload = readPayload(response as WireAnswer, this.endpoint)
          // The library loses +Inf, and stumbles over native histograms: it is handed an answer without samples.
          return { ...response, data: { status: 'success', data: { resultType: 'vector', result: [] } } }
        },
      },
    })
    try {
      await call(driver)
    } catch (thrown) {
      if (signal.aborted) throw signal.reason
      throw this.explained(thrown, timedOut)
    } finally {
      clearTimeout(deadline)
      signal.removeEventListener('abort', stop)
    }
    if (payload === undefined) throw new PrometheusError('http', `${this.endpoint} gave no answer`)
    const { warnings } = remarksOf(payload)
    if (warnings.length > 0 && this.options.partial !== 'accept') {
      throw new PrometheusError('partial', this.redacted(`The answer may not be whole: ${warnings.join('; ')}`))
    }
    return payload
  }

  private prepare(config: RequestConfig, signal: AbortSignal, atMs: number | undefined): RequestConfig {
    const parameters: unknown = config.method?.toLowerCase() === 'post' ? config.data : config.params
    // The library fills in this machine's clock.
    if (atMs === undefined && parameters instanceof URLSearchParams) parameters.delete('time')
    if (config.method?.toLowerCase() === 'get') config.data = undefined
    config.signal = signal
    config.proxy = this.proxy ?? false
    config.responseType = 'text'
    config.transformResponse = [(body: unknown) => body]
    config.validateStatus = () => true
    // A redirect leads to a login page, and headers must not follow it to another host.
    config.maxRedirects = 0
    config.maxContentLength = MAX_BYTES
    return config
  }

  /** The library throws plain objects that hold what was thrown first as `original`. */
  private explained(thrown: unknown, timedOut: boolean): PrometheusError {
    const { original, error, code } = (typeof thrown === 'object' && thrown !== null ? thrown : {}) as {
      original?: unknown
      error?: unknown
      code?: unknown
    }
    const first = original ?? thrown
    if (first instanceof PrometheusError)
      return new PrometheusError(first.kind, this.redacted(first.message), first.status)
    if (timedOut || code === 'ECONNABORTED' || code === 'ETIMEDOUT') {
      return new PrometheusError('timeout', `${this.endpoint} did not answer within ${this.timeoutMs / 1_000} s`)
    }
    const reason = this.redacted(typeof error === 'string' && error !== '' ? error : messageOf(first))
    if (/maxContentLength/.test(reason)) {
      return new PrometheusError('query', `The answer is larger than ${MAX_BYTES / 1024 / 1024} MiB: narrow the query`)
    }
    const detail = typeof code === 'string' && !reason.includes(code) ? `${reason} (${code})` : reason
    return new PrometheusError('unreachable', `${this.endpoint} cannot be reached: ${detail}`)
  }

  private redacted(text: string): string {
    return this.secrets.reduce((rest, secret) => rest.replaceAll(secret, '***'), text)
  }
}

/** The labels of up to three series, for a message. */
export function describeSeries(series: readonly Series[]): string {
  const shown = series.slice(0, 3).map(
    ({ labels }) =>
      `{${Object.entries(labels)
        .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
        .join(', ')}}`,
  )
  return series.length > 3 ? `${shown.join(', ')} and ${series.length - 3} more` : shown.join(', ')
}
