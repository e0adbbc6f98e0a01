// One of the processes that use the gateway: node gateway-client.mjs <base url> <client> <phase> <requests> <a second> <first recorded>. Asks at an
// even pace, every other request streamed, and prints what became of them.
import { Agent, request } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import { PATIENCE_MS } from './patience.mjs'

const [url, client, phase, requests, perSecond, firstRecorded] = process.argv.slice(2)
const agent = new Agent({ keepAlive: true })
const TOOL = { name: 'search', input_schema: { type: 'object' } }
const counts = { sent: 0, live: 0, replayed: 0, broken: 0, gaveUp: 0, failed: 0, refused: {} }

/** Which question the i-th request of a phase asks: one that was recorded in the first phase, or a new one. */
function question(i) {
  const recorded = (at) => `${client}: recorded ${at}`
  switch (phase) {
    case 'record':
      return recorded(i)
    case 'auto':
      return i % 2 === 0 ? recorded(i / 2) : `${client}: new ${i}`
    case 'replay':
      return i % 20 === 0 ? `${client}: unknown ${i}` : recorded(Number(firstRecorded) + i)
  }
}

/** Asks once; on a connection of its own where the one that was used again turned out to be closed: the gateway has not seen that request. */
function ask(i, connections = agent) {
  const body = JSON.stringify({
    model: 'claude-haiku-4-5',
    max_tokens: 100,
    messages: [{ role: 'user', content: question(i) }],
    ...(question(i).length % 3 === 0 && { tools: [TOOL] }),
    // By the question, so that a recorded one is asked again as it was asked.
    ...(question(i).length % 2 === 0 && { stream: true }),
  })
  return new Promise((done) => {
    const sent = request(`${url}/v1/messages`, {
      agent: connections,
      method: 'POST',
      signal: AbortSignal.timeout(PATIENCE_MS),
      headers: {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        'anthropic-version': '2023-06-01',
        'x-api-key': 'placeholder',
      },
    })
    let answering = false
    const lost = (error) => {
      if (sent.reusedSocket && !answering && error.code === 'ECONNRESET') return done(ask(i, false))
      done(error.name === 'AbortError' ? 'gaveUp' : 'broken')
    }
    sent.on('error', lost)
    sent.on('response', (response) => {
      answering = true
      let text = ''
      response.setEncoding('utf8').on('data', (chunk) => {
        text += chunk
      })
      response.on('error', lost)
      response.on('end', () => {
        const refused = response.headers['x-agent-ci-refused']
        if (refused) return done({ refused })
        if (response.statusCode !== 200) return done('failed')
        const whole = text.includes('"type":"message_stop"') || /"stop_reason":"(end_turn|tool_use)"/.test(text)
        if (!whole) return done('broken')
        done(response.headers['x-agent-ci-replayed'] ? 'replayed' : 'live')
      })
    })
    sent.end(body)
  })
}

console.log('ready')
const startedAt = performance.now()
const asking = []
for (let i = 0; i < Number(requests); i++) {
  await wait(Math.max(0, startedAt + (i * 1_000) / Number(perSecond) - performance.now()))
  counts.sent++
  const asked = ask(i).then((came) => {
    if (typeof came === 'string') counts[came]++
    else counts.refused[came.refused] = (counts.refused[came.refused] ?? 0) + 1
  })
  asking.push(asked)
}
await Promise.all(asking)
agent.destroy()
console.log(JSON.stringify(counts))
