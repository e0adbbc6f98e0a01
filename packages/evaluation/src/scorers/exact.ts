import type { ScorerConfigOf } from '@agent-ci/core/config/scorers'
import { type Json, jsonEqual } from '@agent-ci/core/json'
import type { Scorer } from '@agent-ci/core/score'
import { acceptedAnswers } from './expected.ts'
import { parseJsonAnswer } from './json-answer.ts'
import { judged } from './judgement.ts'
import { quote, quoteAny } from './quotation.ts'
import { normalised } from './text.ts'

/** The whole answer equals an accepted one: texts trimmed and without regard to case, objects and lists as JSON. */
export function createExact(config: ScorerConfigOf<'exact'>, name: string): Scorer {
  const equals = (output: string, expected: Json): boolean => {
    if (typeof expected !== 'object' || expected === null) {
      return normalised(output, config.case_sensitive) === normalised(String(expected), config.case_sensitive)
    }
    const answer = parseJsonAnswer(output)
    return answer !== undefined && jsonEqual(answer, expected)
  }
  return {
    name,
    judges: 'output',
    appliesTo: (example) => example.expected !== undefined,
    async score(example, reply) {
      const accepted = acceptedAnswers(example.expected)
      if (accepted.some((expected) => equals(reply.output, expected))) {
        return judged(name, true, 'The answer equals the expected one.')
      }
      return judged(name, false, `Expected ${quoteAny(accepted)}, got ${quote(reply.output)}.`)
    },
  }
}
