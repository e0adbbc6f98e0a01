import { messageOf } from '@agent-ci/core/errors'
import { forLog } from '@agent-ci/core/untrusted'
import type { OtlpTarget } from './otlp-target.ts'
import { type NotifyHost, type PostRules, post } from './post.ts'

/** What a receiver takes at once without trouble. */
const BATCH = 256
/** A receiver that is slower than the run must not fill the memory. */
const MOST_WAITING = 20_000

/**
 * Sends spans in batches while a run goes on. Trouble never reaches the run: it is one warning, and then nothing more is sent.
 *
 * @param encode the body of one export
 */
export class SpanExporter<Span> {
  #waiting: Span[] = []
  #sending: Promise<void> | undefined
  #broken = false
  #dropped = 0
  readonly #target: OtlpTarget
  readonly #encode: (spans: readonly Span[]) => string
  readonly #host: NotifyHost

  constructor(target: OtlpTarget, encode: (spans: readonly Span[]) => string, host: NotifyHost) {
    this.#target = target
    this.#encode = encode
    this.#host = host
  }

  add(spans: readonly Span[]): void {
    if (this.#broken) return
    if (this.#waiting.length + spans.length > MOST_WAITING) {
      this.#dropped += spans.length
      return
    }
    this.#waiting.push(...spans)
    if (this.#waiting.length >= BATCH) this.#sending ??= this.#send()
  }

  /** Resolves when everything was sent, or nothing more can be. */
  async flush(): Promise<void> {
    while (!this.#broken && (this.#sending || this.#waiting.length > 0)) {
      this.#sending ??= this.#send()
      await this.#sending
    }
    if (this.#dropped > 0 && !this.#broken)
      this.#giveUp(`the receiver is slower than the run: ${this.#dropped} spans were left out`)
  }

  async #send(): Promise<void> {
    try {
      while (this.#waiting.length > 0 && !this.#broken) await this.#export(this.#waiting.splice(0, BATCH))
    } finally {
      this.#sending = undefined
    }
  }

  async #export(spans: readonly Span[]): Promise<void> {
    const { url, headers, timeoutMs } = this.#target
    const rules: PostRules = { mostRetries: 2, timeoutMs, longestWaitMs: 5_000 }
    try {
      const body = this.#encode(spans)
      const answer = await post(
        { url, headers: { 'content-type': 'application/json', ...headers }, body },
        this.#host,
        rules,
      )
      const said = answer.body.trim() === '' ? '' : ` (${forLog(this.#withoutSecrets(answer.body), 200)})`
      if (answer.status < 200 || answer.status >= 300)
        this.#giveUp(`the receiver answered HTTP ${answer.status}${said}`)
      else if (/"rejectedSpans"\s*:\s*"?[1-9]/.test(answer.body)) this.#giveUp(`the receiver rejected spans${said}`)
    } catch (error) {
      if (!this.#host.signal.aborted) this.#giveUp(forLog(this.#withoutSecrets(messageOf(error)), 300))
      this.#broken = true
    }
  }

  #giveUp(why: string): void {
    if (!this.#broken) this.#host.warn('OpenTelemetry', `Not all spans of this run were sent: ${why}`)
    this.#broken = true
    this.#waiting = []
  }

  #withoutSecrets(text: string): string {
    return Object.values(this.#target.headers).reduce((left, secret) => left.replaceAll(secret, '***'), text)
  }
}
