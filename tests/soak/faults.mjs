import { seededRandom } from '../../packages/core/src/random.ts'

/** What goes wrong on the wire, each as often as the others. */
export const FAULTS = ['reset', 'unavailable', 'cut', 'stall']

/** Draws what happens to the n-th request of a name: one of the faults, or undefined, and a number in [0, 1) for what else there is to draw. */
export function drawFault({ seed, share }, name, n) {
  const random = seededRandom(`${seed}/${name}/${n}`)
  const fault = random() < share ? FAULTS[Math.floor(random() * FAULTS.length)] : undefined
  return { fault, draw: random() }
}

/** Answers a request as the fault says; `body` is the JSON that it would have had. */
export function answerBadly(fault, response, body) {
  switch (fault) {
    case 'reset':
      response.socket.resetAndDestroy()
      break
    case 'unavailable':
      response.writeHead(503, { 'content-type': 'text/plain' }).end('overloaded')
      break
    case 'cut':
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) })
      response.write(body.slice(0, body.length / 2), () => response.destroy())
      break
    case 'stall':
      break
  }
}
