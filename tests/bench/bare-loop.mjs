// The floor: the same calls with node:http and a keep-alive agent, and nothing else. node bare-loop.mjs <url> <n> <concurrency>
import { Agent, request } from 'node:http'

const [url, n, concurrency] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])]
const agent = new Agent({ keepAlive: true, maxSockets: concurrency })
let next = 0
let right = 0
const call = (i) =>
  new Promise((done, fail) => {
    const body = JSON.stringify({ id: `e${i}`, input: `question ${i}` })
    const sent = request(
      url,
      {
        agent,
        method: 'POST',
        headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
      },
      (response) => {
        let text = ''
        response.setEncoding('utf8').on('data', (chunk) => {
          text += chunk
        })
        response.on('end', () => {
          if (JSON.parse(text).output === `answer ${i}`) right++
          done()
        })
      },
    )
    sent.on('error', fail)
    sent.end(body)
  })
await Promise.all(
  Array.from({ length: concurrency }, async () => {
    while (next < n) await call(next++)
  }),
)
agent.destroy()
if (right !== n) throw new Error(`${right} of ${n}`)
