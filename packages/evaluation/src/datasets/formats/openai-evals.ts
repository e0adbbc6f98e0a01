import { isJsonObject } from '@agent-ci/core/json'
import * as z from 'zod'
import { exampleFrom, type ForeignFormat } from './foreign.ts'
import { tellLosses } from './losses.ts'
import { otherKeys, readFields } from './record-fields.ts'

const MEND = 'Write {"input": [{"role": "user", "content": "…"}], "ideal": "…"}'
const TEXTS = 'Expected a text, or a list of texts'
const MESSAGES = 'Expected a text, or chat messages [{"role", "content"}]'

const sampleSchema = z.looseObject(
  {
    input: z.union(
      [z.string().min(1, 'Expected a text that is not empty'), z.array(z.looseObject({ role: z.string() })).min(1)],
      { error: MESSAGES },
    ),
    ideal: z.union([z.string(), z.array(z.string()).min(1)], { error: TEXTS }),
  },
  { error: 'Expected a sample' },
)

/** `{"input": [messages], "ideal": …}`, one a line. What a sample has beyond is kept as metadata. */
export const openaiEvals: ForeignFormat = {
  *read(records, from) {
    for (const record of records) {
      const sample = readFields(sampleSchema, record, from, MEND)
      if (!sample) continue
      const others = otherKeys(sample, ['input', 'ideal', 'id'])
      const metadata = Object.fromEntries(others.map((key) => [key, sample[key]]))
      yield exampleFrom(
        record,
        { id: sample.id, input: sample.input, expected: sample.ideal, ...(others.length > 0 && { metadata }) },
        { expected: ['ideal'], metadata: [] },
      )
    }
  },

  write(examples, lost) {
    let text = ''
    for (const example of examples) {
      const { expected } = example
      if (isJsonObject(example.input))
        lost('input', example, 'a sample has a text or chat messages; the object is written as JSON')
      if (isJsonObject(expected)) lost('expected', example, 'ideal is a text or texts; the object is written as JSON')
      if (expected === undefined) lost('expected', example, 'a sample needs an ideal; the example is left out')
      tellLosses(example, lost, ['metadata'], 'a sample', {
        scorers: 'how a sample is graded stands in the registry, not in the file',
      })
      if (expected === undefined) continue
      const textOf = (value: unknown): unknown =>
        typeof value === 'string' || Array.isArray(value) ? value : JSON.stringify(value)
      const { metadata = {}, id } = example
      text += `${JSON.stringify({ ...metadata, id, input: textOf(example.input), ideal: textOf(expected) })}\n`
    }
    return text
  },
}
