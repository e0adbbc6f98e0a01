import type { JsonObject } from '@agent-ci/core/json'
import { splitCommas } from '../../scorers/promptfoo/comma-list.ts'
import { FAMILIES, NOT_JUDGED } from '../../scorers/promptfoo/types.ts'

const TYPES = [...Object.keys(FAMILIES), ...Object.keys(NOT_JUDGED)].sort((a, b) => b.length - a.length)
const CELL = new RegExp(`^(not-)?(${TYPES.join('|')})(?:\\((\\d+(?:\\.\\d+)?)\\))?(?::([\\s\\S]*))?$`)
const LISTS = ['contains-any', 'contains-all', 'icontains-any', 'icontains-all']
/** Of these promptfoo sets a threshold where the cell has none: also where it makes no sense, as in `latency`, that is 0.75 ms. */
const WITH_THRESHOLD =
  'answer-relevance classifier context-faithfulness context-recall context-relevance cost latency levenshtein perplexity-score perplexity rouge-n similar starts-with'.split(
    ' ',
  )
/** Where that default is a trap. */
const TRAPS = ['cost', 'latency', 'levenshtein', 'perplexity']

/** What an `__expected` cell asserts. `trap` is told of a threshold that nobody wrote and few mean. */
export function readCell(given: string, trap: (why: string) => void): JsonObject {
  const cell = given.trim()
  const [, script] = /^(?:javascript|fn|eval):([\s\S]*)$/.exec(cell) ?? []
  if (script !== undefined) return { type: 'javascript', value: script.trim() }
  if (/^file:\/\/.*\.(?:js|cjs|mjs|ts|cts|mts)(?::\w+)?$/.test(cell)) return { type: 'javascript', value: cell }
  if (/^file:\/\/.*\.py(?::\w+)?$/.test(cell)) return { type: 'python', value: cell }
  const [, rubric] = /^(?:grade|llm-rubric):([\s\S]*)$/.exec(cell) ?? []
  if (rubric !== undefined) return { type: 'llm-rubric', value: rubric }
  const [, python] = /^python:([\s\S]*)$/.exec(cell) ?? []
  if (python !== undefined) return { type: 'python', value: python.trim() }
  const [, not = '', type = '', number, value] = CELL.exec(cell) ?? []
  if (type === '') return { type: 'equals', value: cell }
  const named = { type: `${not}${type}` }
  if (LISTS.includes(type)) return { ...named, ...(value !== undefined && { value: splitCommas(value) }) }
  if (type === 'is-json' || type === 'contains-json') return { ...named, ...(value !== undefined && { value }) }
  const trimmed = value === undefined ? {} : { value: value.trim() }
  if (!WITH_THRESHOLD.includes(type)) return { ...named, ...trimmed }
  const threshold = number === undefined ? (type === 'similar' ? 0.8 : 0.75) : Number(number)
  if (number === undefined && TRAPS.includes(type)) {
    trap(
      `In a CSV cell without a number promptfoo takes ${threshold} as its threshold; write ${not}${type}(5):${value ?? ''}`,
    )
  }
  return { ...named, ...trimmed, threshold }
}
