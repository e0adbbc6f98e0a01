import { isJsonObject, type JsonObject } from '@agent-ci/core/json'
import { type Untrusted, untrusted } from '@agent-ci/core/untrusted'
import type { Content } from './answer.ts'
import { asArray, asObject, asText, type Endpoint } from './protocols/protocol.ts'
import { meaningOf, parseJson } from './stream/lossless.ts'

/** The tools whose results stand at the end of a request, in their order; one whose call is not in the history has no name. */
export function lastResults(body: JsonObject): string[] {
  const [names, results] = [new Map<string, string>(), [] as string[][]]
  const note = (id: unknown, name: unknown) => names.set(String(id), asText(name) ?? '')
  for (const message of [...asArray(body.messages), ...asArray(body.input)].map(asObject)) {
    const blocks = asArray(message.content).map(asObject)
    for (const call of asArray(message.tool_calls).map(asObject)) note(call.id, asObject(call.function).name)
    for (const block of blocks) if (block.type === 'tool_use') note(block.id, block.name)
    if (message.type === 'function_call') note(message.call_id, message.name)
    const ids = [
      ...(message.role === 'tool' ? [message.tool_call_id] : []),
      ...(message.type === 'function_call_output' ? [message.call_id] : []),
      ...blocks.filter(({ type }) => type === 'tool_result').map(({ tool_use_id }) => tool_use_id),
    ]
    results.push(ids.map(String))
  }
  const from = results.findLastIndex((ids) => ids.length === 0) + 1
  return [...new Set(results.slice(from).flat())].flatMap((id) => names.get(id) || [])
}

/** The text of an answer, without what the model thought and without the arguments of calls. */
export function answerText(endpoint: Endpoint, content: Content): Untrusted {
  if (!('events' in content)) return untrusted(wholeText('body' in content ? content.body : parseJson(content.text)))
  const parts = content.events.flatMap(({ data }) =>
    endpoint
      .fragments(meaningOf(data))
      .filter(({ key, holder }) => SAID.has(key) && !/reasoning|arguments|input/.test(asText(holder.type) ?? ''))
      .map(({ key, holder }) => String(holder[key])),
  )
  return untrusted(parts.join(''))
}

/** Anthropic's text, of OpenAI's chat completions, of its Responses. */
const SAID = new Set(['text', 'content', 'delta'])

function wholeText(body: unknown): string {
  const { content, choices, output } = asObject(body)
  const messages = [
    ...asArray(content).map((block) => ({ content: [block] })),
    ...asArray(choices).map((choice) => asObject(asObject(choice).message)),
    ...asArray(output).map(asObject),
  ]
  return messages
    .flatMap((message) => [
      asText(message.content) ??
        asArray(message.content)
          .filter(isJsonObject)
          .map(({ text }) => asText(text) ?? '')
          .join(''),
    ])
    .filter((text) => text !== '')
    .join('\n')
}
