import type { Example } from '@agent-ci/core/example'
import { isJsonObject, type Json, type JsonObject } from '@agent-ci/core/json'
import * as z from 'zod'
import type { Path, RawExample } from '../raw-example.ts'
import { exampleFrom, type ForeignFile, type ForeignFormat, type Lost, type RawRecord } from './foreign.ts'
import { tellLosses } from './losses.ts'
import { otherKeys, readFields } from './record-fields.ts'

const MEND =
  'Write {"eval_set_id": "…", "eval_cases": [{"eval_id": "…", "conversation": [{"user_content": {"parts": [{"text": "…"}]}, "final_response": …}]}]}'

const contentSchema = z.looseObject({ parts: z.array(z.looseObject({ text: z.string().nullish() })).nullish() })
const callSchema = z.looseObject({ name: z.string(), args: z.record(z.string(), z.unknown()).nullish() })
const invocationSchema = z.looseObject({
  user_content: contentSchema,
  final_response: contentSchema.nullish(),
  intermediate_data: z
    .looseObject({
      tool_uses: z.array(callSchema).nullish(),
      invocation_events: z.array(z.looseObject({ content: z.unknown() })).nullish(),
    })
    .nullish(),
})
const caseSchema = z.looseObject({
  eval_id: z.string().min(1),
  conversation: z.array(invocationSchema).nullish(),
  session_input: z.looseObject({}).nullish(),
})
const setSchema = z.looseObject({ eval_cases: z.array(z.unknown()) }, { error: 'Expected an eval set' })

const CASE_KEYS = [
  'eval_id',
  'conversation',
  'conversation_scenario',
  'session_input',
  'creation_timestamp',
  'final_session_state',
]
const TURN_KEYS = [
  'invocation_id',
  'user_content',
  'final_response',
  'intermediate_data',
  'creation_timestamp',
  'rubrics',
  'app_details',
]
/** What ADK measured or noted of an earlier run. */
const NOTES = ['creation_timestamp', 'invocation_id', 'app_details']

/** ADK reads and writes its keys in both spellings; tool arguments and session state are the user's own and stay. */
function snake(value: unknown, deep = 0): unknown {
  if (Array.isArray(value)) return value.map((item) => snake(item, deep))
  if (!isJsonObject(value) || deep > 8) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      const name = key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
      return [name, ['args', 'state', 'response'].includes(name) ? inner : snake(inner, deep + 1)]
    }),
  )
}

type Content = z.infer<typeof contentSchema>
type Turn = z.infer<typeof invocationSchema>

const textOf = (content: Content | null | undefined): string =>
  (content?.parts ?? []).flatMap(({ text }) => (text ? [text] : [])).join('\n')

/** The calls of a turn: `tool_uses`, or in newer files the function calls among its events. */
function callsOf({ intermediate_data: data }: Turn): { name: string; args?: JsonObject }[] | undefined {
  const events = data?.invocation_events?.flatMap(({ content }) => {
    const parts = isJsonObject(content) && Array.isArray(content.parts) ? (content.parts as Json[]) : []
    return parts.flatMap((part) =>
      isJsonObject(part) ? [callSchema.safeParse(part.function_call).data ?? []].flat() : [],
    )
  })
  const calls = data?.tool_uses ?? events
  return calls?.map(({ name, args }) => ({ name, ...(args && { args: args as JsonObject }) }))
}

/** `{eval_set_id, eval_cases: [{eval_id, conversation}]}`: an example for each turn of a conversation, with what was said before it. */
export const adk: ForeignFormat = {
  *read(records, from) {
    for (const given of records) {
      const record: RawRecord = {
        ...given,
        value: snake(given.value),
        lineOf: (path) => given.lineOf(spelled(given.value, path)),
      }
      const set = readFields(setSchema, record, from, MEND)
      if (!set) continue
      for (const i of set.eval_cases.keys()) yield* readCase(record, ['eval_cases', i], from)
    }
  },

  write(examples, lost, name) {
    const cases = new Map<string, JsonObject[]>()
    const sessions = new Map<string, Json>()
    for (const example of examples) {
      const id = isTurn(example) ? example.group! : example.id
      const turns = cases.get(id) ?? []
      cases.set(id, turns)
      turns.push(turnOf(example, lost))
      const kept = example.metadata?.adk
      if (isJsonObject(kept) && kept.session_input !== undefined) sessions.set(id, kept.session_input)
    }
    const eval_cases = [...cases].map(([eval_id, conversation]) => ({
      eval_id,
      conversation,
      ...(sessions.has(eval_id) && { session_input: sessions.get(eval_id) }),
    }))
    return `${JSON.stringify({ eval_set_id: name, name, eval_cases }, null, 2)}\n`
  },
}

/** A path in ADK's other spelling where the document has that. */
function spelled(value: unknown, path: Path): Path {
  let inner = value
  return path.map((key) => {
    const camel =
      typeof key === 'string' ? key.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()) : key
    const own = isJsonObject(inner) && !Object.hasOwn(inner, key) && Object.hasOwn(inner, camel) ? camel : key
    inner = (inner as Record<PropertyKey, unknown> | undefined)?.[own]
    return own
  })
}

function* readCase(record: RawRecord, at: Path, from: ForeignFile): Generator<RawExample> {
  const found = readFields(caseSchema, record, from, MEND, at)
  if (!found) return
  const { eval_id, conversation, session_input } = found
  if (!conversation || conversation.length === 0) {
    from.report(() => ({
      what: `The case ${eval_id} has no conversation`,
      why: 'A conversation_scenario needs a simulated user, which agent-ci does not have',
      mend: 'Write what the user says under conversation, or leave the case out',
      source: { file: from.file, line: record.lineOf(at) },
    }))
    return
  }
  for (const key of otherKeys(found, CASE_KEYS))
    from.unmapped(key, record.lineOf([...at, key]), 'it is no field that we know')
  if (session_input) {
    from.unmapped(
      'session_input',
      record.lineOf([...at, 'session_input']),
      'the agent makes its own session; it is kept under metadata.adk',
    )
  }
  const said: Json[] = []
  for (const [turn, invocation] of conversation.entries()) {
    const place = [...at, 'conversation', turn]
    const user = textOf(invocation.user_content)
    const answer = textOf(invocation.final_response)
    tellUnmapped(invocation, record, place, from)
    const calls = callsOf(invocation)
    const several = conversation.length > 1
    yield exampleFrom(
      record,
      {
        id: several ? `${eval_id}/${turn + 1}` : eval_id,
        ...(several && { group: eval_id }),
        input: [...said, { role: 'user', content: user }],
        ...(answer !== '' && { expected: answer }),
        ...(calls && { expected_tools: calls }),
        ...(session_input && { metadata: { adk: { session_input } } }),
      },
      {
        id: [...at, 'eval_id'],
        input: [...place, 'user_content'],
        expected: [...place, 'final_response'],
        expected_tools: [...place, 'intermediate_data', 'tool_uses'],
      },
      place,
    )
    said.push({ role: 'user', content: user }, { role: 'assistant', content: answer })
  }
}

function tellUnmapped(invocation: Turn, record: RawRecord, place: Path, from: ForeignFile): void {
  if (invocation.rubrics) {
    from.unmapped('rubrics', record.lineOf([...place, 'rubrics']), 'write them as the rubric of a judge')
  }
  for (const key of otherKeys(invocation, TURN_KEYS)) {
    if (!NOTES.includes(key)) from.unmapped(key, record.lineOf([...place, key]), 'it is no field that we know')
  }
  const others = [invocation.user_content, invocation.final_response].flatMap((content) => content?.parts ?? [])
  if (others.some((part) => !part.text && !part.thought)) {
    from.unmapped('parts', record.lineOf(place), 'only their text is asked and expected, not files and data')
  }
  const data = otherKeys(invocation.intermediate_data, ['tool_uses', 'invocation_events'])
  for (const key of data) {
    const value = invocation.intermediate_data![key]
    if (Array.isArray(value) && value.length === 0) continue
    from.unmapped(key, record.lineOf([...place, 'intermediate_data', key]), 'only calls and answers are compared')
  }
}

/** Whether an example is one of several turns of a case, as we read them. */
const isTurn = ({ id, group }: Example): boolean => group !== undefined && id.startsWith(`${group}/`)

function turnOf(example: Example, lost: Lost): JsonObject {
  const { adk: _, ...metadata } = example.metadata ?? {}
  const kept = isTurn(example) ? (['expected_tools', 'group'] as const) : (['expected_tools'] as const)
  tellLosses({ ...example, metadata }, lost, kept, 'an eval case', {
    scorers: 'the criteria stand in test_config.json',
  })
  const { input, expected, expectedTools } = example
  const said = Array.isArray(input) ? (input as Json[]) : []
  const last = said.at(-1)
  const asked = isJsonObject(last) ? (last.content ?? '') : input
  if (said.length > 1 && !isTurn(example)) lost('input', example, 'only its last message is the turn of the user')
  if (typeof asked !== 'string') lost('input', example, 'what a user says is text; it is written as JSON')
  if (expected !== undefined && typeof expected !== 'string')
    lost('expected', example, 'a final response is one text; it is written as JSON')
  if (expectedTools?.some(({ args }) => args === undefined))
    lost('expected_tools', example, 'a call without args is written with none, and ADK compares them')
  const content = (role: string, value: Json): JsonObject => ({
    role,
    parts: [{ text: typeof value === 'string' ? value : JSON.stringify(value) }],
  })
  return {
    user_content: content('user', asked),
    ...(expected !== undefined && { final_response: content('model', expected) }),
    ...(expectedTools && {
      intermediate_data: { tool_uses: expectedTools.map(({ name, args }) => ({ name, args: args ?? {} })) },
    }),
  }
}
