// A process that records without end, and says which of its calls were answered: node recorder.ts <cassettes> <upstream> <name>
import { startGateway } from '@agent-ci/gateway/server'
import { ask, message } from './ask.ts'
import { realDeps } from './gateway.ts'

const [cassettes = '', upstream = '', name = ''] = process.argv.slice(2)
const gateway = await startGateway({ mode: 'record', cassettes, upstreams: { anthropic: upstream } }, realDeps)
const worker = async (first: number) => {
  for (let n = first; ; n += 4) {
    await ask(`${gateway.baseUrls().anthropic}/v1/messages`, message(`${name} ${n}`, { stream: n % 2 === 0 }))
    process.stdout.write(`${n}\n`)
  }
}
await Promise.all([0, 1, 2, 3].map(worker))
