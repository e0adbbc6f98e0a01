import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import * as z from 'zod'

/** docs.slack.dev/reference/block-kit: the blocks that we use, with their limits. */
const plainText = (max: number) =>
  z.strictObject({ type: z.literal('plain_text'), text: z.string().min(1).max(max), emoji: z.boolean().optional() })
const mrkdwn = (max: number) =>
  z.strictObject({ type: z.literal('mrkdwn'), text: z.string().min(1).max(max), verbatim: z.boolean().optional() })

const block = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('header'), text: plainText(150) }),
  z
    .strictObject({
      type: z.literal('section'),
      text: mrkdwn(3_000).optional(),
      fields: z.array(mrkdwn(2_000)).min(1).max(10).optional(),
    })
    .refine(({ text, fields }) => text !== undefined || fields !== undefined),
  z.strictObject({ type: z.literal('context'), elements: z.array(mrkdwn(3_000)).min(1).max(10) }),
])

export const slackPayload = z
  .strictObject({ text: z.string().max(4_000), blocks: z.array(block).min(1).max(50) })
  .refine(({ blocks }) => JSON.stringify(blocks).length < 16_000, 'msg_blocks_too_long')

/** developer.pagerduty.com/docs/send-alert-event. */
export const pagerDutyPayload = z.strictObject({
  routing_key: z.string().length(32),
  event_action: z.enum(['trigger', 'acknowledge', 'resolve']),
  dedup_key: z.string().max(255).optional(),
  client: z.string().optional(),
  client_url: z.url().optional(),
  payload: z.strictObject({
    summary: z.string().min(1).max(1_024),
    source: z.string().min(1),
    severity: z.enum(['critical', 'error', 'warning', 'info']),
    timestamp: z.iso.datetime().optional(),
    component: z.string().optional(),
    group: z.string().optional(),
    class: z.string().optional(),
    custom_details: z.record(z.string(), z.unknown()).optional(),
  }),
  links: z.array(z.strictObject({ href: z.url(), text: z.string().optional() })).optional(),
  images: z.array(z.strictObject({ src: z.url() })).optional(),
})

export interface Received {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** What a service does instead of answering as it should; it is asked once a request, until there is none left. */
export type Fault = (request: IncomingMessage, response: ServerResponse) => void

/** A service on loopback: what it was sent, and how it answers. */
export class Service {
  readonly received: Received[] = []
  readonly faults: Fault[] = []
  private readonly server: Server
  private readonly answer: (received: Received, response: ServerResponse) => void

  private constructor(answer: (received: Received, response: ServerResponse) => void) {
    this.answer = answer
    this.server = createServer((request, response) => this.receive(request, response))
  }

  static async start(answer: (received: Received, response: ServerResponse) => void): Promise<Service> {
    const service = new Service(answer)
    await new Promise<void>((resolve) => service.server.listen(0, '127.0.0.1', resolve))
    return service
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections()
    await new Promise((resolve) => this.server.close(resolve))
  }

  private receive(request: IncomingMessage, response: ServerResponse): void {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const received = {
        path: request.url ?? '',
        headers: request.headers,
        body: Buffer.concat(chunks).toString(),
      }
      this.received.push(received)
      const fault = this.faults.shift()
      if (fault) fault(request, response)
      else this.answer(received, response)
    })
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** An incoming webhook: `ok`, or what is wrong with the payload. */
export const startSlack = (): Promise<Service> =>
  Service.start(({ body, headers }, response) => {
    const parsed = slackPayload.safeParse(parseJson(body))
    const json = headers['content-type']?.startsWith('application/json') === true
    if (parsed.success && json) response.end('ok')
    else response.writeHead(400).end(`invalid_blocks ${parsed.error?.message ?? ''}`)
  })

/** The Events API v2. */
export const startPagerDuty = (): Promise<Service> =>
  Service.start(({ body }, response) => {
    const parsed = pagerDutyPayload.safeParse(parseJson(body))
    const answer = parsed.success
      ? { status: 'success', message: 'Event processed', dedup_key: parsed.data.dedup_key }
      : { status: 'invalid event', message: 'Event object is invalid', errors: [parsed.error.message] }
    response.writeHead(parsed.success ? 202 : 400, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
  })

export const startWebhook = (): Promise<Service> => Service.start((_, response) => void response.writeHead(204).end())

export const answering =
  (status: number, headers: Record<string, string> = {}, body = ''): Fault =>
  (_, response) =>
    void response.writeHead(status, headers).end(body)

export const reset: Fault = (request) => void request.socket.resetAndDestroy()

export const hang: Fault = () => undefined
