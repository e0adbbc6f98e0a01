import type { ScorerConfigOf } from '@agent-ci/core/config/scorers'
import { ConfigurationError, messageOf } from '@agent-ci/core/errors'
import type { Scorer } from '@agent-ci/core/score'
import { boundedRegExp, RegExpTimeout } from './bounded-regexp.ts'
import { acceptedTexts } from './expected.ts'
import { judged, unscored } from './judgement.ts'
import { quote, quoteAny } from './quotation.ts'

/** The configured pattern, or one of the expected texts as a pattern, is found in the answer. */
export function createRegex(config: ScorerConfigOf<'regex'>, name: string): Scorer {
  const { pattern, flags } = config
  if (pattern === '') {
    throw new ConfigurationError({
      what: `The pattern of the scorer "${name}" is empty`,
      why: 'It is found in every answer, so it would always pass',
      mend: 'Write the pattern that a right answer must match, or leave `pattern` out to use `expected` as one',
    })
  }
  try {
    boundedRegExp(pattern ?? '', flags)
  } catch (error) {
    throw new ConfigurationError({
      what: `The scorer "${name}" has the pattern ${JSON.stringify(pattern ?? '')} with the flags "${flags}"`,
      why: `It is no JavaScript regular expression: ${messageOf(error)}`,
      mend: 'Correct the pattern; in YAML put it in single quotes, so that backslashes stay as they are',
    })
  }
  return {
    name,
    judges: 'output',
    appliesTo: (example) => pattern !== undefined || acceptedTexts(example.expected).length > 0,
    async score(example, reply) {
      const sources = pattern !== undefined ? [pattern] : acceptedTexts(example.expected)
      try {
        for (const source of sources) {
          if (source === '') return unscored(name, 'The expected pattern is empty, and that is found in every answer.')
          if (boundedRegExp(source, flags).test(reply.output)) return judged(name, true, `${quote(source)} is found.`)
        }
      } catch (error) {
        if (error instanceof RegExpTimeout || error instanceof SyntaxError) return unscored(name, error.message)
        throw error
      }
      return judged(name, false, `${quoteAny(sources)} is not found in ${quote(reply.output)}.`)
    },
  }
}
