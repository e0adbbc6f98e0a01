// The scripted model: it stands in for a provider where there is none. It speaks the Anthropic Messages API, follows the system prompt
// that it is given, makes mistakes, and is always the same. `node model.mjs [port]` serves it for any agent.
import { serveModel } from './model/server.mjs'

const server = await serveModel(Number(process.argv[2] ?? 0))
console.log(`ANTHROPIC_BASE_URL=http://127.0.0.1:${server.address().port}`)
