import { basename, resolve } from 'node:path'
import { isJsonObject } from '@agent-ci/core/json'
import { isReference } from '../langsmith/reference.ts'
import type { ForeignFormat } from './formats/foreign.ts'
import { isSuite, suiteFile } from './suites.ts'

/** A format of another tool: how a file of it is recognised, and the code that reads it, loaded when a file needs it. */
export interface FormatEntry {
  /** What it is, in messages. */
  readonly title: string
  /** Of a file that we write. */
  readonly ending: string
  readonly isNamed?: RegExp
  /** Whether a record says so: a line, a row by its columns, the first item of a list, or the whole document. */
  readonly hasShape: (record: unknown) => boolean
  readonly load: () => Promise<ForeignFormat>
}

const has = (record: unknown, ...keys: readonly string[]): boolean =>
  isJsonObject(record) && keys.some((key) => Object.hasOwn(record, key))

const hasList = (record: unknown, key: string): boolean => isJsonObject(record) && Array.isArray(record[key])

const isMessage = (record: unknown): boolean =>
  isJsonObject(record) && typeof record.role === 'string' && has(record, 'content', 'tool_calls')

/** Keys that only our own examples have. */
const isOurs = (record: unknown): boolean => has(record, 'examples', 'expected', 'scorers', 'critical')

export const FORMATS = {
  'openai-evals': {
    title: 'samples of OpenAI evals',
    ending: '.openai-evals.jsonl',
    hasShape: (record) => has(record, 'ideal') && has(record, 'input'),
    load: async () => (await import('./formats/openai-evals.ts')).openaiEvals,
  },
  inspect: {
    title: 'samples of Inspect',
    ending: '.inspect.jsonl',
    hasShape: (record) => has(record, 'target', 'choices') && has(record, 'input'),
    load: async () => (await import('./formats/inspect.ts')).inspect,
  },
  'gh-models': {
    title: 'a prompt file of GitHub Models',
    ending: '.prompt.yml',
    isNamed: /\.prompt\.ya?ml$/i,
    hasShape: (record) => hasList(record, 'messages') && has(record, 'testData', 'evaluators', 'modelParameters'),
    load: async () => (await import('./formats/gh-models.ts')).ghModels,
  },
  adk: {
    title: 'an eval set of ADK',
    ending: '.evalset.json',
    isNamed: /\.evalset\.json$/i,
    hasShape: (record) => hasList(record, 'eval_cases') || hasList(record, 'evalCases'),
    load: async () => (await import('./formats/adk.ts')).adk,
  },
  deepeval: {
    title: 'goldens of DeepEval',
    ending: '.deepeval.json',
    hasShape: (record) =>
      (has(record, 'input') &&
        has(
          record,
          ...['expected_output', 'expectedOutput', 'actual_output', 'actualOutput', 'retrieval_context'],
          ...['retrievalContext', 'tools_called', 'toolsCalled', 'expectedTools'],
        )) ||
      (has(record, 'scenario') && has(record, 'expected_outcome', 'expectedOutcome', 'turns')),
    load: async () => (await import('./formats/deepeval.ts')).deepeval,
  },
  agentevals: {
    title: 'trajectories of agentevals',
    ending: '.agentevals.json',
    hasShape: (record) =>
      isMessage(record) ||
      (Array.isArray(record) && record.length > 0 && record.every(isMessage)) ||
      has(record, 'reference_outputs') ||
      (hasList(record, 'messages') && !has(record, 'testData', 'evaluators', 'modelParameters', 'input')),
    load: async () => (await import('./formats/agentevals.ts')).agentevals,
  },
  'ai-agent-evals': {
    title: 'a dataset of ai-agent-evals',
    ending: '.ai-agent-evals.json',
    hasShape: (record) => hasList(record, 'data') && has(record, 'evaluators', 'name', 'openai_graders'),
    load: async () => (await import('./formats/ai-agent-evals.ts')).aiAgentEvals,
  },
  promptfoo: {
    title: 'tests of promptfoo',
    ending: '.promptfoo.jsonl',
    isNamed: /^promptfooconfig\.(?:ya?ml|json)$/i,
    hasShape: (record) =>
      (has(record, 'prompts', 'providers', 'targets') && has(record, 'tests', 'scenarios', 'defaultTest')) ||
      (has(record, 'vars', 'assert') && !has(record, 'input')) ||
      (isJsonObject(record) &&
        Object.keys(record).some((column) => /^__(?:expected\d*|metadata:.*|config:.*)$/.test(column))),
    load: async () => (await import('./promptfoo/format.ts')).promptfoo,
  },
} as const satisfies Readonly<Record<string, FormatEntry>>

export type FormatName = keyof typeof FORMATS
export const FORMAT_NAMES = Object.keys(FORMATS) as readonly FormatName[]
/** The prefix that says a file is ours, whatever it looks like. */
export const OURS = 'agent-ci'

/** `inspect:evals/qa.jsonl`: a format, and the path of a file. */
export function splitFormat(text: string): { readonly format?: FormatName | typeof OURS; readonly path: string } {
  const format = [OURS, ...FORMAT_NAMES].find((name) => text.startsWith(`${name}:`)) as FormatName | undefined
  return format === undefined ? { path: text } : { format, path: text.slice(format.length + 1) }
}

/** A dataset's path made absolute; the format before it stays. */
export function resolveDatasetPath(base: string, text: string): string {
  if (isReference(text)) return text
  if (isSuite(text)) return suiteFile(text)
  const { format, path } = splitFormat(text)
  return format === undefined ? resolve(base, path) : `${format}:${resolve(base, path)}`
}

/** The formats that a file may have by its name. */
export const formatsNamed = (path: string): readonly FormatName[] =>
  FORMAT_NAMES.filter((name) => (FORMATS[name] as FormatEntry).isNamed?.test(basename(path)))

/** The formats that a record may be of; none where it is one of our examples. */
export const formatsShaped = (record: unknown): readonly FormatName[] =>
  isOurs(record) ? [] : FORMAT_NAMES.filter((name) => FORMATS[name].hasShape(record))
