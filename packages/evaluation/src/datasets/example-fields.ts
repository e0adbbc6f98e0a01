import { messageOf } from '@agent-ci/core/errors'
import type { Example, ExpectedTool } from '@agent-ci/core/example'
import { isJsonObject, type Json, type JsonObject } from '@agent-ci/core/json'
import { readSteps } from '../tool-calls.ts'
import { describeValue, findUnfit, formatPath, type Refuse } from './field-check.ts'
import type { Path } from './raw-example.ts'
import { ScorerOverrides } from './scorer-overrides.ts'

/** The keys of an example in a file. */
export const EXAMPLE_KEYS = [
  'id',
  'input',
  'expected',
  'expected_tools',
  'tags',
  'critical',
  'group',
  'scorers',
  'metadata',
  'trajectory',
] as const
export type ExampleKey = (typeof EXAMPLE_KEYS)[number]
const TOOL_KEYS = ['name', 'args'] as const

const KEYS: ReadonlySet<unknown> = new Set(EXAMPLE_KEYS)
export const isExampleKey = (key: unknown): key is ExampleKey => KEYS.has(key)

type Writable<T> = { -readonly [K in keyof T]: T[K] }
/** An example as its file has it; the id is empty where it has none. */
export type ExampleDraft = Writable<Omit<Example, 'source'>>

/** Told of a key that an example (or an expected tool) does not have. */
export type UnknownKey = (path: Path, of: 'an example' | 'an expected tool', known: readonly string[]) => void

const EXPECTATIONS: readonly ExampleKey[] = ['expected', 'expected_tools', 'trajectory', 'scorers']
const EXPECTATION = 'Write "expected": "…" (the accepted answer), "expected_tools": ["…"] or "scorers": […]'

const isGiven = (value: unknown): boolean => value !== undefined && value !== null
/** A list may be written as its only item. */
const asList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value])

/** Checks raw examples and makes them ours; null is the same as a key left out. */
export class ExampleFields {
  private readonly overrides = new ScorerOverrides()
  private readonly needsExpectation: boolean

  constructor(needsExpectation: boolean) {
    this.needsExpectation = needsExpectation
  }

  /** undefined where something was refused. */
  read(raw: unknown, refuse: Refuse, unknownKey: UnknownKey): ExampleDraft | undefined {
    if (!isJsonObject(raw)) {
      refuse(
        [],
        `The example is ${describeValue(raw)}`,
        'Expected an object',
        'Write {"id": "a", "input": "…", "expected": "…"}',
      )
      return undefined
    }
    let refused = false
    const deny: Refuse = (...reason) => {
      refused = true
      refuse(...reason)
    }
    for (const key of Object.keys(raw)) if (!isExampleKey(key)) unknownKey([key], 'an example', EXAMPLE_KEYS)

    // In the order of canonical JSON, which is then made the fast way.
    const draft: Partial<ExampleDraft> = {}
    draft.critical = isGiven(raw.critical) && readCritical(raw.critical, deny)
    if (isGiven(raw.expected)) draft.expected = readExpected(raw.expected, deny)
    if (isGiven(raw.expected_tools)) draft.expectedTools = readTools(asList(raw.expected_tools), deny, unknownKey)
    if (isGiven(raw.group)) draft.group = readName('group', raw.group, deny)
    draft.id = isGiven(raw.id) ? readName('id', raw.id, deny) : ''
    draft.input = readInput(raw.input, deny)
    if (isGiven(raw.metadata)) draft.metadata = readObject(['metadata'], raw.metadata, deny)
    if (isGiven(raw.scorers) && isFit(['scorers'], raw.scorers, deny)) {
      draft.scorers = this.overrides.read(asList(raw.scorers), deny)
    }
    draft.tags = isGiven(raw.tags) ? readTags(raw.tags, deny) : []
    if (isGiven(raw.trajectory)) draft.trajectory = readTrajectory(raw.trajectory, deny)
    if (this.needsExpectation && !EXPECTATIONS.some((key) => isGiven(raw[key]))) {
      deny([], 'The example expects nothing', 'Expected one of expected, expected_tools and scorers', EXPECTATION)
    }
    return refused ? undefined : (draft as ExampleDraft)
  }
}

function isFit(path: Path, value: unknown, refuse: Refuse): boolean {
  const unfit = findUnfit(value)
  if (!unfit) return true
  const inner = [...path, ...unfit.path]
  refuse(
    inner,
    `${formatPath(inner)} is ${unfit.what}`,
    'Such a value cannot be kept as JSON',
    'Write a smaller one, or a string',
  )
  return false
}

function readInput(value: unknown, refuse: Refuse): Json {
  if (typeof value === 'string' && value !== '') return value
  const isMessage = (item: unknown) => isJsonObject(item) && typeof item.role === 'string' && item.role !== ''
  const wrong = Array.isArray(value) ? value.findIndex((item) => !isMessage(item)) : -1
  if (!isJsonObject(value) && !(Array.isArray(value) && value.length > 0 && wrong < 0)) {
    const path = wrong < 0 ? ['input'] : ['input', wrong]
    const found =
      wrong < 0 ? describeValue(value) : `${describeValue((value as unknown[])[wrong])}, not a message with a role`
    refuse(
      path,
      `${formatPath(path)} is ${found}`,
      'Expected a string that is not empty, an object, or chat messages',
      'Write "input": "…", or "input": [{"role": "user", "content": "…"}]',
    )
  } else isFit(['input'], value, refuse)
  return value as Json
}

function readExpected(value: unknown, refuse: Refuse): Json {
  const wrong = Array.isArray(value) ? value.findIndex((item) => typeof item !== 'string') : -1
  if (wrong >= 0 || (Array.isArray(value) && value.length === 0)) {
    const path = wrong < 0 ? ['expected'] : ['expected', wrong]
    refuse(
      path,
      `${formatPath(path)} is ${describeValue(wrong < 0 ? value : (value as unknown[])[wrong])}`,
      'Expected a list of the accepted answers as strings',
      'Write "expected": ["yes", "certainly"], or an object to compare JSON',
    )
  } else isFit(['expected'], value, refuse)
  return value as Json
}

/** `id` and `group`: strings, or numbers that stay the same as one. */
function readName(key: 'id' | 'group', value: unknown, refuse: Refuse): string {
  if (typeof value === 'string' && value.trim() !== '') return value
  if (
    typeof value === 'number' &&
    (Number.isSafeInteger(value) || !Number.isInteger(value)) &&
    Number.isFinite(value)
  ) {
    return String(value)
  }
  refuse(
    [key],
    `${key} is ${describeValue(value)}`,
    typeof value === 'number' ? 'So large a number loses its last digits' : 'Expected a string that is not blank',
    `Write for example "${key}": "refund-1"`,
  )
  return ''
}

function readTags(value: unknown, refuse: Refuse): string[] {
  const tags = new Set<string>()
  for (const [i, tag] of asList(value).entries()) {
    if (typeof tag === 'string' && tag.trim() !== '') tags.add(tag)
    else {
      const path = Array.isArray(value) ? ['tags', i] : ['tags']
      refuse(
        path,
        `${formatPath(path)} is ${describeValue(tag)}`,
        'Expected strings that are not blank',
        'Write for example "tags": ["billing", "edge"]',
      )
    }
  }
  return [...tags]
}

function readCritical(value: unknown, refuse: Refuse): boolean {
  if (typeof value === 'boolean') return value
  refuse(['critical'], `critical is ${describeValue(value)}`, 'Expected true or false', 'Write "critical": true')
  return false
}

function readTools(value: readonly unknown[], refuse: Refuse, unknownKey: UnknownKey): ExpectedTool[] {
  return value.map((tool, i) => {
    const path = ['expected_tools', i]
    if (typeof tool === 'string' && tool.trim() !== '') return { name: tool }
    const name = isJsonObject(tool) ? tool.name : undefined
    if (!isJsonObject(tool) || typeof name !== 'string' || name.trim() === '') {
      const wrong = isJsonObject(tool) ? [...path, 'name'] : path
      refuse(
        wrong,
        `${formatPath(wrong)} is ${describeValue(isJsonObject(tool) ? name : tool)}`,
        'Expected the name of a tool, or an object with its name and args',
        'Write for example "expected_tools": ["search", {"name": "refund", "args": {"order": 7}}]',
      )
      return { name: '' }
    }
    for (const key of Object.keys(tool)) {
      if (key !== 'name' && key !== 'args') unknownKey([...path, key], 'an expected tool', TOOL_KEYS)
    }
    return isGiven(tool.args) ? { args: readObject([...path, 'args'], tool.args, refuse), name } : { name }
  })
}

function readTrajectory(value: unknown, refuse: Refuse): readonly JsonObject[] {
  const list = isJsonObject(value) ? value.messages : value
  const refuseIt = (found: string, why: string): void =>
    refuse(
      ['trajectory'],
      `trajectory ${found}`,
      why,
      'Write [{"role": "user", "content": "…"}, {"role": "assistant", "tool_calls": [{"name": "search", "args": {}}]}, …]',
    )
  if (!Array.isArray(list) || list.length === 0) {
    refuseIt(`is ${describeValue(value)}`, 'Expected the messages of a conversation')
    return []
  }
  if (!isFit(['trajectory'], list, refuse)) return []
  try {
    readSteps(list as Json)
  } catch (error) {
    refuseIt('has a message that cannot be read', messageOf(error))
  }
  return list as readonly JsonObject[]
}

function readObject(path: Path, value: unknown, refuse: Refuse): JsonObject {
  if (isJsonObject(value)) return isFit(path, value, refuse) ? value : {}
  refuse(path, `${formatPath(path)} is ${describeValue(value)}`, 'Expected an object', 'Write for example {"order": 7}')
  return {}
}
