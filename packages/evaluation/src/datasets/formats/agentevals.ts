import { messageOf } from '@agent-ci/core/errors'
import { isJsonObject, type Json } from '@agent-ci/core/json'
import { callsOf, readSteps } from '../../tool-calls.ts'
import { formatPath } from '../field-check.ts'
import type { Path, RawExample } from '../raw-example.ts'
import { exampleFrom, type ForeignFile, type ForeignFormat, type RawRecord } from './foreign.ts'
import { otherKeys } from './record-fields.ts'

const MEND =
  'Write {"messages": [{"role": "user", "content": "…"}, {"role": "assistant", "tool_calls": [{"function": {"name": "…", "arguments": "{}"}}]}, …]}'
const KEYS = ['id', 'messages', 'inputs', 'outputs', 'reference_outputs', 'metadata']

const isMessage = (value: unknown): boolean =>
  isJsonObject(value) && (typeof value.role === 'string' || typeof value.type === 'string')

/** A list of messages that is the whole file came as so many records. */
function* trajectories(records: Iterable<RawRecord>): Generator<RawRecord> {
  let first: RawRecord | undefined
  const messages: RawRecord[] = []
  for (const record of records) {
    if (!isMessage(record.value) || (isJsonObject(record.value) && Array.isArray(record.value.messages))) yield record
    else {
      first ??= record
      messages.push(record)
    }
  }
  if (first) {
    const line = first.line
    yield {
      value: messages.map(({ value }) => value),
      line,
      lineOf: ([i, ...inner]) => (typeof i === 'number' ? (messages[i]?.lineOf(inner) ?? line) : line),
    }
  }
}

/** Where a record has its expected conversation. */
function placeOf({ value }: RawRecord): Path | undefined {
  if (Array.isArray(value)) return []
  if (!isJsonObject(value)) return undefined
  const key = value.reference_outputs === undefined ? 'messages' : 'reference_outputs'
  const inner = value[key]
  return isJsonObject(inner) && Array.isArray(inner.messages)
    ? [key, 'messages']
    : Array.isArray(inner)
      ? [key]
      : undefined
}

/** What the agent is asked: `inputs`, or all messages before the first of the agent. */
function inputOf(record: RawRecord, messages: readonly Json[]): Json | undefined {
  const inputs = isJsonObject(record.value) ? record.value.inputs : undefined
  if (inputs !== undefined && inputs !== null) {
    return isJsonObject(inputs) && Array.isArray(inputs.messages) && Object.keys(inputs).length === 1
      ? inputs.messages
      : inputs
  }
  const first = (readSteps(messages) ?? []).findIndex(({ role }) => role === 'assistant')
  const asked = messages.slice(0, first < 0 ? messages.length : first)
  return asked.length === 0 ? undefined : asked.map((message) => withRole(message))
}

/** LangChain's messages say `type` where ours say `role`. */
function withRole(message: Json): Json {
  if (!isJsonObject(message) || message.role !== undefined) return message
  const { type, ...rest } = message
  return { role: type === 'human' ? 'user' : type === 'ai' ? 'assistant' : (type ?? ''), ...rest }
}

/** OpenAI-style messages, `{messages}`, or `{inputs, reference_outputs}`: an expected trajectory each. */
export const agentevals: ForeignFormat = {
  *read(records, from) {
    for (const record of trajectories(records)) yield* readTrajectory(record, from)
  },
}

function* readTrajectory(record: RawRecord, from: ForeignFile): Generator<RawExample> {
  const refuse = (at: Path, what: string, why: string): void =>
    from.report(() => ({ what, why, mend: MEND, source: { file: from.file, line: record.lineOf(at) } }))
  const at = placeOf(record)
  if (!at) {
    refuse([], 'The record has no messages', 'Expected the messages of a conversation')
    return
  }
  const messages = at.reduce<unknown>(
    (value, key) => (value as Record<PropertyKey, unknown>)[key],
    record.value,
  ) as Json[]
  const own = isJsonObject(record.value) ? record.value : {}
  for (const [i, message] of messages.entries()) {
    try {
      readSteps([message])
    } catch (error) {
      refuse([...at, i], `${formatPath([...at, i])} cannot be read`, messageOf(error))
      return
    }
  }
  const input = inputOf(record, messages)
  if (input === undefined) {
    refuse(at, 'The trajectory begins with the agent', 'Expected what it was asked: inputs, or messages before its own')
    return
  }
  if (own.outputs !== undefined) {
    from.unmapped('outputs', record.lineOf(['outputs']), 'it is a recorded run, and agent-ci asks the agent itself')
  }
  for (const key of otherKeys(record.value, KEYS)) {
    from.unmapped(key, record.lineOf([key]), 'a trajectory has no such field')
  }
  const { id, metadata } = own
  yield exampleFrom(
    record,
    { id, input, expected_tools: callsOf(readSteps(messages)!), trajectory: messages, metadata },
    {
      id: ['id'],
      input: own.inputs === undefined ? at : ['inputs'],
      expected_tools: at,
      trajectory: at,
      metadata: ['metadata'],
    },
  )
}
