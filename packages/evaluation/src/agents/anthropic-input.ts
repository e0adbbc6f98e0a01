import { isJsonObject, type Json, type JsonObject } from '@agent-ci/core/json'
import type Anthropic from '@anthropic-ai/sdk'

type Message = JsonObject & { readonly role: string }

const isChat = (input: Json): input is readonly Message[] =>
  Array.isArray(input) &&
  input.length > 0 &&
  (input as readonly Json[]).every(
    (message) =>
      isJsonObject(message) &&
      (message.role === 'user' || message.role === 'assistant' || message.role === 'system') &&
      (typeof message.content === 'string' || Array.isArray(message.content)),
  )

/** The text of a message's content; blocks that are no text have none. */
function textOf(content: Json | undefined): string {
  if (typeof content === 'string') return content
  const blocks = Array.isArray(content) ? (content as readonly Json[]) : []
  return blocks
    .map((block) => (isJsonObject(block) && typeof block.text === 'string' ? block.text : ''))
    .filter((text) => text !== '')
    .join('\n')
}

/**
 * An example's input as a conversation: a string is what the user says, chat messages go as they are (those of the system after the
 * configured system prompt), and anything else is said as JSON.
 */
export function conversationOf(
  input: Json,
  system: string | undefined,
): { readonly system: string | undefined; readonly messages: Anthropic.MessageParam[] } {
  if (!isChat(input)) {
    return { system, messages: [{ role: 'user', content: typeof input === 'string' ? input : JSON.stringify(input) }] }
  }
  const told = input.filter((message) => message.role === 'system').map((message) => textOf(message.content))
  const prompts = [...(system === undefined ? [] : [system]), ...told]
  return {
    system: prompts.length > 0 ? prompts.join('\n\n') : undefined,
    messages: input
      .filter((message) => message.role !== 'system')
      .map(({ role, content }) => ({ role, content }) as unknown as Anthropic.MessageParam),
  }
}
