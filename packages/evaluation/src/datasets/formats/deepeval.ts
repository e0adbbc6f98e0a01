import { extname } from 'node:path'
import type { Example } from '@agent-ci/core/example'
import { isJsonObject, type Json, type JsonObject } from '@agent-ci/core/json'
import * as z from 'zod'
import { parseJson } from '../json-text.ts'
import { exampleFrom, type ForeignFormat, type Lost, type RawRecord } from './foreign.ts'
import { tellLosses } from './losses.ts'
import { otherKeys, readFields } from './record-fields.ts'

const MEND = 'Write {"input": "…", "expected_output": "…", "expected_tools": [{"name": "…"}]}'

const optional = (what: string) => z.string({ error: `Expected ${what}` }).nullish()
const toolSchema = z.union([
  z.string().min(1),
  z.looseObject({ name: z.string().min(1), input_parameters: z.record(z.string(), z.unknown()).nullish() }),
])
const goldenSchema = z.looseObject(
  {
    input: z.string({ error: 'Expected a text' }).min(1, 'Expected a text that is not empty'),
    expected_output: optional('a text'),
    expected_tools: z.array(toolSchema, { error: 'Expected a list of {"name", "input_parameters"}' }).nullish(),
    name: optional('a text'),
    additional_metadata: z.record(z.string(), z.unknown(), { error: 'Expected an object' }).nullish(),
  },
  { error: 'Expected a golden' },
)

/** For metrics that agent-ci does not have; kept in the metadata, for a command scorer and for the way back. */
const KEPT = [
  'context',
  'retrieval_context',
  'comments',
  'source_file',
  'name',
  'custom_column_key_values',
  'expectations',
  'expected_labels',
]
/** Of a run that was recorded: agent-ci asks the agent itself. */
const RECORDED = ['actual_output', 'tools_called', 'token_cost', 'input_token_count', 'output_token_count']
const KNOWN = ['input', 'expected_output', 'expected_tools', 'additional_metadata', ...KEPT, ...RECORDED]
/** Which of them say something that a metric would judge by. */
const JUDGED = ['context', 'retrieval_context', 'expectations', 'expected_labels']

const snake = (key: string): string => key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

const isNothing = (value: unknown): boolean =>
  value === null || value === undefined || value === '' || (Array.isArray(value) && value.length === 0)

/** A cell of the CSV that DeepEval writes: JSON, or texts with a separator between them. */
function fromCell(key: string, cell: string): unknown {
  const parsed = /^\s*[[{]/.test(cell) ? parseJson(cell) : undefined
  switch (key) {
    case 'context':
    case 'retrieval_context':
      return cell.split('|')
    case 'tools_called':
    case 'expected_tools':
      return parsed && 'value' in parsed ? parsed.value : cell.split(';')
    case 'additional_metadata':
    case 'custom_column_key_values':
    case 'expectations':
      return parsed && 'value' in parsed ? parsed.value : cell
    default:
      return cell
  }
}

/** A golden with its keys as DeepEval's files have them; the platform's exports spell them the other way. */
function spelled(record: RawRecord, isCsv: boolean): RawRecord {
  if (!isJsonObject(record.value)) return record
  const own = new Map<string, string>()
  const value: Record<string, unknown> = {}
  for (const [key, given] of Object.entries(record.value)) {
    if (isNothing(given)) continue
    own.set(snake(key), key)
    value[snake(key)] = isCsv && typeof given === 'string' ? fromCell(snake(key), given) : given
  }
  for (const key of ['expected_tools', 'tools_called']) {
    if (Array.isArray(value[key])) value[key] = (value[key] as unknown[]).map(spelledCall)
  }
  return {
    ...record,
    value,
    lineOf: ([key, ...inner]) => record.lineOf(key === undefined ? [] : [own.get(String(key)) ?? key, ...inner]),
  }
}

function spelledCall(call: unknown): unknown {
  if (!isJsonObject(call) || call.inputParameters === undefined) return call
  const { inputParameters, ...rest } = call
  return { ...rest, input_parameters: inputParameters }
}

/** Goldens as `EvaluationDataset.save_as` writes them: JSON, JSON Lines and CSV. */
export const deepeval: ForeignFormat = {
  *read(records, from) {
    const isCsv = extname(from.file).toLowerCase() === '.csv'
    for (const given of records) {
      const record = spelled(given, isCsv)
      if (isJsonObject(record.value) && record.value.scenario !== undefined && record.value.input === undefined) {
        from.report(() => ({
          what: 'This is a ConversationalGolden',
          why: 'Its user is simulated by a model, which agent-ci does not do',
          mend: 'Write what the user says as chat messages under input, or leave the golden out',
          source: { file: from.file, line: record.line },
        }))
        continue
      }
      const golden = readFields(goldenSchema, record, from, MEND)
      if (!golden) continue
      for (const key of RECORDED) {
        if (golden[key] !== undefined)
          from.unmapped(key, record.lineOf([key]), 'it is of a recorded run, and agent-ci asks the agent itself')
      }
      for (const key of JUDGED) {
        if (golden[key] !== undefined)
          from.unmapped(
            key,
            record.lineOf([key]),
            'it is for metrics that agent-ci does not have; it is kept under metadata.deepeval',
          )
      }
      const others = otherKeys(golden, KNOWN)
      for (const key of others)
        from.unmapped(key, record.lineOf([key]), 'it is no field of a golden; it is kept under metadata.deepeval')
      const kept = [...KEPT, ...others].filter((key) => golden[key] !== undefined)
      const tools = golden.expected_tools?.map((tool) =>
        typeof tool === 'string'
          ? { name: tool }
          : { name: tool.name, ...(tool.input_parameters && { args: tool.input_parameters }) },
      )
      const { input, expected_output, additional_metadata } = golden
      yield exampleFrom(
        record,
        {
          input,
          ...(expected_output && { expected: expected_output }),
          ...(tools && { expected_tools: tools }),
          ...((additional_metadata || kept.length > 0) && {
            metadata: {
              ...additional_metadata,
              ...(kept.length > 0 && { deepeval: Object.fromEntries(kept.map((key) => [key, golden[key]])) }),
            },
          }),
        },
        {
          input: ['input'],
          expected: ['expected_output'],
          expected_tools: ['expected_tools'],
          metadata: ['additional_metadata'],
        },
      )
    }
  },

  write(examples, lost) {
    return `${JSON.stringify(
      [...examples].map((example) => goldenOf(example, lost)),
      null,
      2,
    )}\n`
  },
}

function goldenOf(example: Example, lost: Lost): JsonObject {
  const { input, expected, expectedTools } = example
  const { deepeval: kept, ...metadata } = example.metadata ?? {}
  const textOf = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value))
  if (typeof input !== 'string') lost('input', example, 'the input of a golden is text; it is written as JSON')
  if (expected !== undefined && typeof expected !== 'string')
    lost('expected', example, 'the expected output is one text; it is written as JSON')
  tellLosses(example, lost, ['expected_tools', 'metadata'], 'a golden', {
    scorers: 'the metrics of DeepEval stand in its code',
  })
  return {
    input: textOf(input),
    ...(expected !== undefined && { expected_output: textOf(expected) }),
    ...(expectedTools && {
      expected_tools: expectedTools.map(({ name, args }) => ({ name, ...(args && { inputParameters: args }) })),
    }),
    ...(isJsonObject(kept) && kept),
    ...(Object.keys(metadata).length > 0 && { additional_metadata: metadata }),
  }
}
