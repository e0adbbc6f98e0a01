import type { LangsmithConfig } from '@agent-ci/core/config/langsmith'
import { isJsonObject, type Json, type JsonObject } from '@agent-ci/core/json'

/** What is used of an example of LangSmith. */
export interface LangsmithExample {
  readonly id: string
  readonly inputs: JsonObject
  readonly outputs?: JsonObject | null
  readonly metadata?: JsonObject | null
  readonly created_at?: string
}

type Keys = Pick<LangsmithConfig, 'input' | 'expected' | 'expected_tools'>

/** Where a key of the configuration is not in an example. */
export class MissingKeyError extends Error {}

const EXPECTED_TOOLS = 'expected_tools'
/** The split that every example is in. */
const BASE_SPLIT = 'base'

/**
 * The example as a line of our JSONL has it. An object with one key is that key's value, for it was made only because LangSmith wants
 * objects; the id stays, so that results find their way back; splits become tags.
 * @throws MissingKeyError
 */
export function mapExample(example: LangsmithExample, keys: Keys): JsonObject {
  const { inputs } = example
  const outputs = example.outputs ?? {}
  const metadata = example.metadata ?? {}
  const toolsKey = keys.expected_tools ?? EXPECTED_TOOLS
  const { [toolsKey]: tools, ...answers } = outputs
  const splits = [metadata.dataset_split ?? []].flat() as Json[]
  const tags = splits.filter((split): split is string => typeof split === 'string' && split !== BASE_SPLIT)
  const expected = expectedOf(pick(answers, keys.expected, 'outputs'))
  return {
    id: example.id,
    input: inputOf(inputs, keys.input),
    ...(expected !== undefined && { expected }),
    ...(Array.isArray(tools) && tools.length > 0 && { expected_tools: tools }),
    ...(tags.length > 0 && { tags }),
    ...(metadata.critical === true && { critical: true }),
    ...(typeof metadata.group === 'string' && metadata.group !== '' && { group: metadata.group }),
    ...(Object.keys(metadata).length > 0 && { metadata }),
  }
}

/** The value of the key, or of the only one; the whole object where there are several; undefined where there is none. */
function pick(object: JsonObject, key: string | undefined, of: 'inputs' | 'outputs'): Json | undefined {
  const keys = Object.keys(object)
  if (key === undefined) return keys.length === 1 ? object[keys[0]!] : keys.length === 0 ? undefined : object
  if (Object.hasOwn(object, key)) return object[key]
  if (of === 'outputs' && keys.length === 0) return undefined
  throw new MissingKeyError(`its ${of} have no "${key}", but ${keys.map((name) => `"${name}"`).join(', ') || 'no key'}`)
}

const isMessage = (item: Json): boolean => isJsonObject(item) && typeof item.role === 'string'

/** Ours are texts, objects and chat messages: anything else stays in its object. */
function inputOf(inputs: JsonObject, key: string | undefined): Json {
  const value = pick(inputs, key, 'inputs') ?? inputs
  if (typeof value === 'string' || isJsonObject(value)) return value
  if (Array.isArray(value) && value.length > 0 && value.every(isMessage)) return value
  return inputs
}

function expectedOf(value: Json | undefined): Json | undefined {
  if (value === undefined || value === null) return undefined
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (Array.isArray(value) && !value.every((item) => typeof item === 'string')) return { value }
  return value
}
