// An HTTP agent with faults: node faulty-agent.mjs <log> <seed> <share of faults> <share of wrong answers> <ms>. Prints its port. The log has a
// line for each request: the example, what was done with it, and whether its connection had served another one before.
import { createWriteStream } from 'node:fs'
import { createServer } from 'node:http'
import { answerBadly, drawFault } from './faults.mjs'

const [path, seed, faults, wrong, ms] = process.argv.slice(2)
const log = createWriteStream(path)
const asked = new Map()
const served = new WeakSet()

const server = createServer((request, response) => {
  let text = ''
  request.setEncoding('utf8').on('data', (chunk) => {
    text += chunk
  })
  request.on('end', () => {
    const { id } = JSON.parse(text)
    const n = (asked.get(id) ?? 0) + 1
    asked.set(id, n)
    const { fault, draw } = drawFault({ seed, share: Number(faults) }, id, n)
    const done = fault ?? (draw < Number(wrong) ? 'wrong' : 'right')
    log.write(`${id} ${done} ${served.has(request.socket) ? 'reused' : 'new'}\n`)
    served.add(request.socket)
    setTimeout(() => {
      const body = JSON.stringify({ output: done === 'wrong' ? 'I do not know' : `answer ${id}` })
      if (fault) answerBadly(fault, response, body)
      else response.writeHead(200, { 'content-type': 'application/json' }).end(body)
    }, Number(ms))
  })
})
server.keepAliveTimeout = 600_000
server.listen(0, '127.0.0.1', () => console.log(server.address().port))
process.once('SIGTERM', () => {
  server.getConnections((_, open) => {
    server.closeAllConnections()
    server.close(() => log.end(() => console.log(JSON.stringify({ open }))))
  })
})
