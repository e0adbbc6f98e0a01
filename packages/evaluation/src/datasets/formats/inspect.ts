import { extname } from 'node:path'
import type { ScorerConfig } from '@agent-ci/core/config/scorers'
import type { Example } from '@agent-ci/core/example'
import { isJsonObject, type Json, type JsonObject } from '@agent-ci/core/json'
import * as z from 'zod'
import { parseJson } from '../json-text.ts'
import { exampleFrom, type ForeignFile, type ForeignFormat, type Lost, type RawRecord } from './foreign.ts'
import { tellLosses } from './losses.ts'
import { answerPattern, askChoices, choiceMark, marksIn } from './multiple-choice.ts'
import { otherKeys, readFields } from './record-fields.ts'

const MEND = 'Write {"input": "…", "target": "…"}; with choices: {"input": "…", "choices": ["…", "…"], "target": "A"}'
const KEYS = ['input', 'target', 'choices', 'id', 'metadata', 'files', 'setup', 'sandbox', 'description', 'checkpoint']
/** What Inspect does with a sample before its model is asked; kept in the metadata, for the way back. */
const NOT_DONE = ['files', 'setup', 'sandbox'] as const

const scalar = z.union([z.string(), z.number(), z.boolean()])
const messages = z.array(z.looseObject({ role: z.string() })).min(1)
const sampleSchema = z.looseObject(
  {
    input: z.union([z.string().min(1, 'Expected a text that is not empty'), messages], {
      error: 'Expected a text, or chat messages [{"role", "content"}]',
    }),
    target: z.union([scalar, z.array(scalar)], { error: 'Expected a text, or a list of texts' }).nullish(),
    choices: z.union([z.string(), z.array(scalar)], { error: 'Expected a list of texts' }).nullish(),
    id: z.union([z.string(), z.number()], { error: 'Expected a text or a number' }).nullish(),
    metadata: z.record(z.string(), z.unknown(), { error: 'Expected an object' }).nullish(),
    files: z.record(z.string(), z.string(), { error: 'Expected an object of texts' }).nullish(),
  },
  { error: 'Expected a sample' },
)
type Sample = z.infer<typeof sampleSchema>

/** Inspect reads objects in cells as JSON; an empty cell is none. */
function fromCells(record: RawRecord): RawRecord {
  if (!isJsonObject(record.value)) return record
  const value: Record<string, unknown> = {}
  for (const [key, cell] of Object.entries(record.value)) {
    if (cell === '' && key !== 'input') continue
    const parsed = ['metadata', 'files'].includes(key) ? parseJson(String(cell)) : undefined
    value[key] = parsed && 'value' in parsed ? parsed.value : cell
  }
  return { ...record, value }
}

const texts = (value: Sample['target']): readonly string[] =>
  value === null || value === undefined ? [] : [value].flat().map(String)

/** A list, or a text with commas (or only spaces) between the choices. */
function choicesOf(value: Sample['choices']): readonly string[] | undefined {
  if (value === null || value === undefined) return undefined
  const split = typeof value === 'string' ? (value.includes(',') ? value.split(',') : value.split(/\s+/)) : value
  const choices = split.map((choice) => (typeof value === 'string' ? String(choice).trim() : String(choice)))
  return choices.filter((choice) => choice.trim() !== '')
}

/** What a sample with choices asks, and the scorer that knows the right marks; undefined where it was refused. */
function multipleChoice(
  sample: Sample,
  choices: readonly string[],
  record: RawRecord,
  from: ForeignFile,
): { input: Json; expected: string; scorers: readonly Json[] } | undefined {
  const marks = texts(sample.target).flatMap(marksIn)
  const known = choices.map((_, i) => choiceMark(i))
  const wrong = marks.length === 0 ? '' : marks.find((mark) => !known.includes(mark))
  if (wrong !== undefined) {
    from.report(() => ({
      what: wrong === '' ? 'The sample has choices and no target' : `The target names "${wrong}"`,
      why: `Expected the mark of a choice: ${known.join(', ')}`,
      mend: MEND,
      source: { file: from.file, line: record.lineOf(['target']) },
    }))
    return undefined
  }
  const unique = [...new Set(marks)].sort()
  const ask = (question: string): string => askChoices(question, choices, unique.length > 1)
  const input = typeof sample.input === 'string' ? ask(sample.input) : askLast(sample.input, ask)
  return {
    input: input as Json,
    expected: `ANSWER: ${unique.join(',')}`,
    scorers: [{ type: 'regex', pattern: answerPattern(unique), flags: 'im' }],
  }
}

type Message = z.infer<typeof messages>[number]

/** Inspect puts the choices into the last message of the user. */
function askLast(input: readonly Message[], ask: (question: string) => string): readonly Message[] {
  const last = input.findLastIndex(({ role, content }) => role === 'user' && typeof content === 'string')
  return input.map((message, i) => (i === last ? { ...message, content: ask(String(message.content)) } : message))
}

const contentOf = (example: Example): JsonObject => {
  const kept = example.metadata?.inspect
  return isJsonObject(kept) ? kept : {}
}

const isChoiceScorer = (scorers: readonly ScorerConfig[] | undefined): boolean =>
  scorers?.length === 1 && scorers[0]!.type === 'regex'

/** `{input, target, choices, id, metadata, files, setup}`: JSON, JSON Lines and CSV. */
export const inspect: ForeignFormat = {
  *read(records, from) {
    const isCsv = extname(from.file).toLowerCase() === '.csv'
    for (const given of records) {
      const record = isCsv ? fromCells(given) : given
      const sample = readFields(sampleSchema, record, from, MEND)
      if (!sample) continue
      const choices = choicesOf(sample.choices)
      const asked = choices && choices.length > 0 ? multipleChoice(sample, choices, record, from) : undefined
      if (choices && choices.length > 0 && !asked) continue
      const kept: Record<string, unknown> = asked ? { input: sample.input, choices, target: sample.target } : {}
      for (const key of NOT_DONE) {
        if (sample[key] === null || sample[key] === undefined) continue
        kept[key] = sample[key]
        from.unmapped(key, record.lineOf([key]), 'agent-ci prepares no sandbox; it is kept under metadata.inspect')
      }
      for (const key of otherKeys(record.value, KEYS)) {
        kept[key] = sample[key]
        from.unmapped(
          key,
          record.lineOf([key]),
          'it is no field of a sample (a FieldSpec may name it); it is kept under metadata.inspect',
        )
      }
      const hasKept = Object.keys(kept).length > 0
      const targets = texts(sample.target).filter((target) => target !== '')
      yield exampleFrom(
        record,
        {
          id: sample.id,
          input: sample.input,
          ...(targets.length > 0 && { expected: targets.length === 1 ? targets[0] : targets }),
          ...asked,
          ...((sample.metadata || hasKept) && {
            metadata: { ...sample.metadata, ...(hasKept && { inspect: kept }) },
          }),
        },
        { id: ['id'], input: ['input'], expected: ['target'], metadata: ['metadata'] },
      )
    }
  },

  write(examples, lost) {
    let text = ''
    for (const example of examples) text += `${JSON.stringify(sampleOf(example, lost))}\n`
    return text
  },
}

function sampleOf(example: Example, lost: Lost): JsonObject {
  const { id, expected } = example
  const { input = example.input, target, choices, ...kept } = contentOf(example)
  const { inspect: _, ...metadata } = example.metadata ?? {}
  if (isJsonObject(input)) lost('input', example, 'a sample has a text or chat messages; the object is written as JSON')
  if (isJsonObject(expected)) lost('expected', example, 'a target is text; the object is written as JSON')
  const isOwnScorer = choices !== undefined && isChoiceScorer(example.scorers)
  tellLosses(example, lost, isOwnScorer ? ['metadata', 'scorers'] : ['metadata'], 'a sample', {
    scorers: 'the scorer of an Inspect task stands in its code',
  })
  const wanted = choices === undefined ? expected : target
  return {
    id,
    input: isJsonObject(input) ? JSON.stringify(input) : input,
    ...(wanted !== undefined && { target: isJsonObject(wanted) ? JSON.stringify(wanted) : wanted }),
    ...(choices !== undefined && { choices }),
    ...kept,
    ...(Object.keys(metadata).length > 0 && { metadata }),
  }
}
