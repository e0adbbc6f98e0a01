import { isJsonObject } from '@agent-ci/core/json'
import * as z from 'zod'
import { exampleFrom, type ForeignFormat } from './foreign.ts'
import { otherKeys, readFields } from './record-fields.ts'

const MEND = 'Write {"name": "…", "evaluators": ["…"], "data": [{"query": "…", "ground_truth": "…"}]}'

const name = z.string()
const fileSchema = z.looseObject(
  {
    data: z.array(z.record(z.string(), z.unknown(), { error: 'Expected an object' }), { error: 'Expected a list' }),
    evaluators: z.array(name).nullish(),
    data_mapping: z.record(name, name, { error: 'Expected names of columns' }).nullish(),
  },
  { error: 'Expected a dataset' },
)

/** `"user_question"`, or `"{{item.user_question}}"`: a column of the data. */
const columnOf = (mapping: string): string => /^\s*\{\{\s*item\.([^{}\s]+)\s*\}\}\s*$/.exec(mapping)?.[1] ?? mapping

/** A dataset of Microsoft's ai-agent-evals: what is asked and the ground truth; its evaluators are models in the cloud. */
export const aiAgentEvals: ForeignFormat = {
  *read(records, from) {
    for (const record of records) {
      const file = readFields(fileSchema, record, from, MEND)
      if (!file) continue
      for (const [i, evaluator] of (file.evaluators ?? []).entries()) {
        from.unmapped(
          evaluator,
          record.lineOf(['evaluators', i]),
          'it runs in Azure AI Foundry; a judge with a rubric takes its place',
        )
      }
      for (const key of otherKeys(file, ['name', 'data', 'evaluators', 'data_mapping'])) {
        from.unmapped(key, record.lineOf([key]), 'it sets up an evaluator in Azure AI Foundry')
      }
      const query = columnOf(file.data_mapping?.query ?? 'query')
      const truth = columnOf(file.data_mapping?.ground_truth ?? 'ground_truth')
      for (const [i, row] of file.data.entries()) {
        const at = ['data', i]
        if (typeof row[query] !== 'string' && !Array.isArray(row[query])) {
          from.report(() => ({
            what: `data[${i}] has no ${query}`,
            why: 'Expected what the agent is asked',
            mend: MEND,
            source: { file: from.file, line: record.lineOf(at) },
          }))
          continue
        }
        const { id, [query]: input, [truth]: expected, ...others } = row
        const hasOthers = Object.keys(others).length > 0
        yield exampleFrom(
          record,
          {
            id,
            input,
            ...(expected !== undefined && expected !== null && { expected }),
            ...(hasOthers && isJsonObject(others) && { metadata: others }),
          },
          { id: [...at, 'id'], input: [...at, query], expected: [...at, truth] },
          at,
        )
      }
    }
  },
}
