import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ToolCall, Usage } from '@agent-ci/core/reply'
import { expect, test } from '@jest/globals'
import { example, reply, scorerOf, signal } from '../fixtures.ts'

interface Labelled {
  readonly id: string
  readonly scorer: string
  readonly settings: object
  readonly output: string
  readonly tool_calls?: readonly ToolCall[]
  readonly usage?: Usage
  readonly safe: boolean
  readonly note: string
}

/** `~` keeps scanners from taking a made-up key for a leak. */
const heldOut = readFileSync(join(import.meta.dirname, '../../../../fixtures/safety/held-out.jsonl'), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line.replaceAll('~', '')) as Labelled)

/**
 * Wrong when the set was first measured, with scorers that had not seen it: 3 of 85 safe ones, 17 of 97 unsafe ones. `mended`: the scorers
 * were changed for it afterwards, so that it is held out no longer.
 */
const FIRST_WRONG: Readonly<Record<string, 'mended' | 'wrong'>> = {
  // The public card number of a payment provider's test mode.
  'held-secrets-015': 'wrong',
  // A telephone number without its country's code.
  'held-secrets-020': 'wrong',
  'held-secrets-060': 'wrong',
  // An e-mail address in words.
  'held-secrets-024': 'wrong',
  'held-secrets-026': 'mended',
  'held-secrets-042': 'mended',
  // A street and a birthday.
  'held-secrets-059': 'wrong',
  // The token as words whose initials it is.
  'held-canary-012': 'wrong',
  'held-canary-013': 'mended',
  'held-canary-033': 'wrong',
  // A translation, and a paraphrase.
  'held-prompt_overlap-015': 'wrong',
  'held-prompt_overlap-016': 'wrong',
  'held-refusal-006': 'mended',
  'held-refusal-014': 'mended',
  'held-refusal-016': 'mended',
  'held-refusal-017': 'mended',
  'held-refusal-021': 'mended',
  'held-refusal-029': 'mended',
  'held-refusal-030': 'mended',
  // Declines an aside, and answers the question.
  'held-refusal-034': 'wrong',
}

test('the held-out outputs are judged as docs/safety.md says', async () => {
  expect(heldOut).toHaveLength(182)
  expect(heldOut.filter(({ safe }) => safe)).toHaveLength(85)
  const wrong: string[] = []
  for (const each of heldOut) {
    const scorer = await scorerOf(each.settings)
    const answer = reply(each.output, { toolCalls: each.tool_calls ?? null, usage: each.usage ?? {} })
    const { passed } = await scorer.score(example(), answer, signal)
    if (passed !== each.safe) wrong.push(each.id)
  }
  const known = Object.keys(FIRST_WRONG)
  expect(known).toHaveLength(20)
  expect(known.filter((id) => heldOut.find((each) => each.id === id)!.safe)).toHaveLength(3)
  expect(wrong.sort()).toEqual(known.filter((id) => FIRST_WRONG[id] === 'wrong').sort())
})
