// A small customer-support agent: a prompt, five tools, and a loop around the Messages API. agent-ci runs it as a worker that reads
// one question a line from stdin and writes one answer a line to stdout.
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { serveModel } from './model/server.mjs'
import { runTool, today, toolDefinitions } from './tools.mjs'

const { env } = process
const MAX_TURNS = 6
const DEFAULT_MODEL = 'claude-haiku-4-5'

class ModelApiError extends Error {}

/** The directory that has `.git`, where paths in a repository start; without one, the agent's own. */
function repositoryRoot(from = import.meta.dirname) {
  if (existsSync(join(from, '.git'))) return from
  return dirname(from) === from ? import.meta.dirname : repositoryRoot(dirname(from))
}

/** agent-ci lays the prompts of each side of a comparison out in a directory, at their paths in the repository. */
function promptFile() {
  const own = resolve(import.meta.dirname, env.AGENT_PROMPT ?? 'prompts/support.md')
  const given = env.AGENT_CI_PROMPTS_DIR && join(env.AGENT_CI_PROMPTS_DIR, relative(repositoryRoot(), own))
  return given && existsSync(given) ? given : own
}

const system = `${readFileSync(promptFile(), 'utf8').trim()}\n\nToday is ${today}.`

async function findModelApi() {
  if (env.ANTHROPIC_BASE_URL) return env.ANTHROPIC_BASE_URL.replace(/\/$/, '')
  if (env.ANTHROPIC_API_KEY) return 'https://api.anthropic.com'
  console.error('No ANTHROPIC_API_KEY and no ANTHROPIC_BASE_URL: a scripted model answers.')
  const server = await serveModel()
  // The server must not keep this process alive when stdin has ended.
  server.unref().on('connection', (socket) => socket.unref())
  return `http://127.0.0.1:${server.address().port}`
}

const modelApi = await findModelApi()

async function callModel(request) {
  const headers = { 'content-type': 'application/json', 'anthropic-version': '2023-06-01' }
  if (env.ANTHROPIC_API_KEY) headers['x-api-key'] = env.ANTHROPIC_API_KEY
  let response
  try {
    response = await fetch(`${modelApi}/v1/messages`, { method: 'POST', headers, body: JSON.stringify(request) })
    if (response.ok) return await response.json()
  } catch (error) {
    throw new ModelApiError(`The model API cannot be reached: ${error.cause?.message ?? error.message}`)
  }
  throw new ModelApiError(`The model API answered ${response.status}: ${await response.text()}`)
}

/** Asks the model, runs the tools it calls, and asks again, until it answers. */
async function answer(input, model = DEFAULT_MODEL) {
  const messages = Array.isArray(input) ? [...input] : [{ role: 'user', content: input }]
  const tool_calls = []
  const usage = { input_tokens: 0, output_tokens: 0, model }

  for (let turn = 0; turn < MAX_TURNS; turn++) {
    const reply = await callModel({ model, max_tokens: 1024, system, tools: toolDefinitions, messages })
    usage.input_tokens += reply.usage.input_tokens
    usage.output_tokens += reply.usage.output_tokens
    usage.model = reply.model

    const calls = reply.content.filter((block) => block.type === 'tool_use')
    if (calls.length === 0) {
      const output = reply.content.flatMap((block) => (block.type === 'text' ? block.text : [])).join('\n')
      return { output, tool_calls, usage }
    }
    tool_calls.push(...calls.map(({ name, input }) => ({ name, args: input })))
    messages.push({ role: 'assistant', content: reply.content }, { role: 'user', content: calls.map(toolResult) })
  }
  throw new Error(`No answer after ${MAX_TURNS} turns`)
}

function toolResult({ id, name, input }) {
  const result = runTool(name, input)
  return { type: 'tool_result', tool_use_id: id, content: JSON.stringify(result), is_error: 'error' in result }
}

async function serve({ id, trial, input, model }) {
  try {
    return { id, trial, ...(await answer(input, model)) }
  } catch (error) {
    // The infrastructure's failure is no measurement; the agent's own is a wrong answer.
    const type = error instanceof ModelApiError ? 'infrastructure' : 'agent'
    return { id, trial, error: { type, message: error.message } }
  }
}

const send = (value) => process.stdout.write(`${JSON.stringify(value)}\n`)

// How long the process took to start is not part of the first answer's latency.
send({ ready: true })
for await (const line of createInterface({ input: process.stdin })) {
  send(await serve(JSON.parse(line)))
}
