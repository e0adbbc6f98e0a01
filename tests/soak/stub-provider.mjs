// The Messages API with faults, streamed and not: node stub-provider.mjs <seed> <share of faults>. Prints its port; when it ends, what it did and
// what that cost at the list price of the model, in USD.
import { createServer } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import { messageEvents, messages } from '../integration/gateway/provider/anthropic.ts'
import { answerBadly, drawFault } from './faults.mjs'

const [seed, faults] = process.argv.slice(2)
const asked = new Map()
let number = 0
const done = {
  answered: 0,
  reset: 0,
  unavailable: 0,
  'cut body': 0,
  'cut stream': 0,
  stall: 0,
  answeredUsd: 0,
  lostUsd: 0,
}

/** Of claude-haiku-4-5: USD per million tokens. */
const PRICE = { input: 1, output: 5, cacheRead: 0.1, cacheWrite: 1.25, dearestInput: 2 }
const priceOf = ({ input_tokens, output_tokens, cache_read_input_tokens, cache_creation_input_tokens }) =>
  (input_tokens * PRICE.input +
    output_tokens * PRICE.output +
    cache_read_input_tokens * PRICE.cacheRead +
    cache_creation_input_tokens * PRICE.cacheWrite) /
  1e6
/** What is set aside for a call, and spent where nobody knows what it did cost: at most a token for two bytes, all of the output. */
const mostOf = (bytes, { max_tokens }) => (Math.ceil(bytes / 2) * PRICE.dearestInput + max_tokens * PRICE.output) / 1e6

const wire = ([name, data]) => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`

async function answer(text, response) {
  const body = JSON.parse(text)
  const name = body.messages.at(-1).content
  const n = (asked.get(name) ?? 0) + 1
  asked.set(name, n)
  const message = messages(body, { number: ++number })
  if (message.type === 'error') throw new Error(message.error.message)
  const { fault } = drawFault({ seed, share: Number(faults) }, name, n)
  const kind = fault === 'cut' ? (body.stream ? 'cut stream' : 'cut body') : (fault ?? 'answered')
  done[kind]++
  if (kind === 'answered') done.answeredUsd += priceOf(message.usage)
  if (kind === 'stall' || kind === 'cut stream') done.lostUsd += mostOf(Buffer.byteLength(text), body)
  if (fault && kind !== 'cut stream') return answerBadly(fault, response, JSON.stringify(message))
  if (!body.stream) return response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(message))
  const events = messageEvents(message)
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' })
  const half = Math.ceil(events.length / 2)
  response.write(events.slice(0, half).map(wire).join(''))
  // Time for the first half to arrive: a connection that breaks earlier is a call that can be made again.
  await wait(100)
  if (fault) response.destroy()
  else response.end(events.slice(half).map(wire).join(''))
}

const server = createServer((request, response) => {
  let text = ''
  request.setEncoding('utf8').on('data', (chunk) => {
    text += chunk
  })
  request.on('end', () => void answer(text, response))
})
server.keepAliveTimeout = 600_000
server.listen(0, '127.0.0.1', () => console.log(server.address().port))
process.once('SIGTERM', () => {
  server.getConnections((_, open) => {
    server.closeAllConnections()
    server.close(() => console.log(JSON.stringify({ ...done, open })))
  })
})
