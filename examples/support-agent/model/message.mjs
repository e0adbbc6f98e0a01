// The shapes of the Messages API around the model's thoughts: a request goes in, a message comes out.
import { answer } from './answer.mjs'
import { rulesOf } from './rules.mjs'
import { understand } from './understand.mjs'

const MODEL = 'scripted-support-1'

const blocksOf = ({ content = '' }) => (typeof content === 'string' ? [{ type: 'text', text: content }] : content)
const textIn = (message) =>
  blocksOf(message)
    .flatMap((block) => (block.type === 'text' ? block.text : []))
    .join('\n')

function parse(text) {
  try {
    return JSON.parse(text)
  } catch {
    return { error: text }
  }
}

/** Four characters a token is the usual rule of thumb. */
const tokensIn = (value) => Math.ceil(JSON.stringify(value).length / 4)

const callsIn = (messages) => messages.flatMap(blocksOf).filter(({ type }) => type === 'tool_use')
const resultsIn = (messages) => messages.flatMap(blocksOf).filter(({ type }) => type === 'tool_result')

/** Why a request is refused, by the API or because this model cannot do it; undefined where it is not. */
export function problemWith({ model, max_tokens, messages, stream }) {
  if (typeof model !== 'string') return 'model: Field required'
  if (!Number.isInteger(max_tokens) || max_tokens < 1) return 'max_tokens: Field required'
  if (!Array.isArray(messages) || messages.length === 0) return 'messages: Field required'
  if (stream) return 'stream: The scripted model does not stream'
  const called = new Set(callsIn(messages).map(({ id }) => id))
  const stray = resultsIn(messages).find(({ tool_use_id }) => !called.has(tool_use_id))
  return stray && `messages: unexpected tool_use_id ${stray.tool_use_id} in a tool_result`
}

/** The text of the answer, or the tool calls that it still needs. */
function think({ system, messages, tools = [] }) {
  const keyOf = (name, input) => JSON.stringify([name, input])
  const ids = new Map(callsIn(messages).map(({ id, name, input }) => [id, keyOf(name, input)]))
  const results = new Map(resultsIn(messages).map((block) => [ids.get(block.tool_use_id), parse(textIn(block))]))
  const calls = new Map()
  const ask = (name, input) => {
    const key = keyOf(name, input)
    if (!results.has(key)) calls.set(key, { name, input })
    return results.get(key)
  }

  const said = messages.flatMap((message) => (message.role === 'user' ? textIn(message) || [] : []))
  const question = understand(said.at(-1) ?? '', said.slice(0, -1).join('\n'))
  const rules = rulesOf(
    textIn({ content: system }),
    tools.map(({ name }) => name),
  )
  const text = answer(question, rules, ask)
  return { text, calls: [...calls.values()] }
}

/** The message that answers a request; `digest` is hexadecimal and makes its ids. */
export function replyTo(request, digest) {
  const { text, calls } = think(request)
  const toolUse = ({ name, input }, i) => ({
    type: 'tool_use',
    id: `toolu_${digest.slice(0, 22)}${String(i).padStart(2, '0')}`,
    name,
    input,
    caller: { type: 'direct' },
  })
  const content = calls.length > 0 ? calls.map(toolUse) : [{ type: 'text', text, citations: null }]
  return {
    id: `msg_${digest.slice(0, 24)}`,
    type: 'message',
    role: 'assistant',
    model: MODEL,
    content,
    stop_reason: calls.length > 0 ? 'tool_use' : 'end_turn',
    stop_sequence: null,
    stop_details: null,
    container: null,
    diagnostics: null,
    usage: {
      input_tokens: tokensIn([request.system, request.tools, request.messages]),
      output_tokens: tokensIn(content),
      output_tokens_details: null,
      cache_creation: null,
      cache_creation_input_tokens: null,
      cache_read_input_tokens: null,
      inference_geo: null,
      server_tool_use: null,
      service_tier: 'standard',
      speed: null,
    },
  }
}
