import type { ScorerConfigOf } from '@agent-ci/core/config/scorers'
import { ConfigurationError } from '@agent-ci/core/errors'
import type { Scorer } from '@agent-ci/core/score'
import { acceptedTexts } from './expected.ts'
import { judged, unscored } from './judgement.ts'
import { quote, quoteAny } from './quotation.ts'
import { normalised } from './text.ts'

/** The answer contains all (or any) of the configured texts, or any of the texts that the example accepts. */
export function createContains(config: ScorerConfigOf<'contains'>, name: string): Scorer {
  const texts = config.value === undefined ? undefined : [config.value].flat()
  if (texts?.some((text) => text.trim() === '')) {
    throw new ConfigurationError({
      what: `The value of the scorer "${name}" is empty`,
      why: 'Every answer contains the empty text, so it would always pass',
      mend: 'Write the text that a right answer must contain',
    })
  }
  // Accepted answers are alternatives of each other, whatever the mode for `value`.
  const all = texts !== undefined && config.mode === 'all'
  return {
    name,
    judges: 'output',
    appliesTo: (example) => texts !== undefined || acceptedTexts(example.expected).length > 0,
    async score(example, reply) {
      const wanted = texts ?? acceptedTexts(example.expected).filter((text) => text.trim() !== '')
      if (wanted.length === 0) return unscored(name, 'The expected text is empty, and every answer contains that.')
      const answer = normalised(reply.output, config.case_sensitive)
      const missing = wanted.filter((text) => !answer.includes(normalised(text, config.case_sensitive)))
      if (all ? missing.length === 0 : missing.length < wanted.length) {
        return judged(name, true, `The answer contains ${all ? 'all of the expected texts' : 'an expected text'}.`)
      }
      const lack = all ? missing.map(quote).join(', ') : quoteAny(wanted)
      return judged(name, false, `The answer does not contain ${lack}: ${quote(reply.output)}.`)
    },
  }
}
