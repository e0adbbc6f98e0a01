// POST /v1/messages on loopback, not streaming.
import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import { problemWith, replyTo } from './message.mjs'

const refusal = (status, type, message, request_id) => [status, { type: 'error', error: { type, message }, request_id }]

async function respond({ method, url }, body, digest, requestId) {
  if (method !== 'POST' || url.split('?')[0] !== '/v1/messages') {
    return refusal(404, 'not_found_error', 'Not found', requestId)
  }
  const request = parseObject(body)
  const problem = request ? problemWith(request) : 'The request body is not a JSON object'
  if (problem) return refusal(400, 'invalid_request_error', problem, requestId)
  // From 2 to 12 ms, the same for the same request.
  await wait(2 + (Number.parseInt(digest.slice(0, 8), 16) % 11))
  return [200, replyTo(request, digest)]
}

function parseObject(body) {
  try {
    const value = JSON.parse(body)
    return typeof value === 'object' && !Array.isArray(value) ? value : null
  } catch {
    return null
  }
}

async function handle(request, response) {
  let body = ''
  for await (const chunk of request.setEncoding('utf8')) body += chunk
  const digest = createHash('sha256').update(body).digest('hex')
  const requestId = `req_${digest.slice(0, 24)}`
  const [status, value] = await respond(request, body, digest, requestId)
  response.writeHead(status, { 'content-type': 'application/json', 'request-id': requestId })
  response.end(JSON.stringify(value))
}

/** Resolves to the server once it listens on loopback; port 0 is any free one. */
export function serveModel(port = 0) {
  const server = createServer((request, response) => {
    handle(request, response).catch((error) => response.destroy(error))
  })
  return new Promise((resolve) => server.listen(port, '127.0.0.1', () => resolve(server)))
}
