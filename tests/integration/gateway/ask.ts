import { Agent, type IncomingHttpHeaders, request } from 'node:http'

export interface HttpAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
  /** Whether the answer came to its end. */
  readonly complete: boolean
}

const agent = new Agent({ keepAlive: false })

/** One HTTP request; resolves with what came, even when the connection broke in the middle. */
export async function ask(
  url: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
  method = 'POST',
): Promise<HttpAnswer> {
  return await new Promise((resolve, reject) => {
    const outgoing = request(url, {
      method,
      agent,
      headers: {
        'content-type': 'application/json',
        'x-api-key': 'agent-key',
        'anthropic-version': '2023-06-01',
        ...headers,
      },
    })
    outgoing.once('error', reject)
    outgoing.once('response', (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk) => chunks.push(chunk))
      response.on('error', () => {})
      response.once('close', () => {
        const { statusCode: status = 0, headers: got, complete } = response
        resolve({ status, headers: got, body: Buffer.concat(chunks).toString(), complete })
      })
    })
    outgoing.end(typeof body === 'string' || body === undefined ? body : JSON.stringify(body))
  })
}

/** A message to the Messages API; the same text makes the same request. */
export const message = (text: string, more: object = {}) => ({
  model: 'claude-opus-5-5',
  max_tokens: 100,
  messages: [{ role: 'user', content: text }],
  ...more,
})

/** The text of a message. */
export const textOf = ({ body }: HttpAnswer): string => JSON.parse(body).content[0].text

/** Resolves as soon as something holds. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve))
}
