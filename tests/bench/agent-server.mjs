// An HTTP agent that answers right after LATENCY milliseconds. Prints its port.
import { createServer } from 'node:http'

const latency = Number(process.env.LATENCY ?? 0)
const server = createServer((request, response) => {
  let text = ''
  request.setEncoding('utf8').on('data', (chunk) => {
    text += chunk
  })
  request.on('end', () => {
    const { prompt, input = prompt } = JSON.parse(text)
    const answer = () =>
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(JSON.stringify({ output: `answer ${input.split(' ')[1]}` }))
    if (latency > 0) setTimeout(answer, latency)
    else answer()
  })
})
server.keepAliveTimeout = 60_000
server.listen(0, '127.0.0.1', () => console.log(server.address().port))
