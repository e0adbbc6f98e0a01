import type { ScorerConfigOf } from '@agent-ci/core/config/scorers'
import type { Scorer } from '@agent-ci/core/score'
import { acceptedTexts } from './expected.ts'
import { judged, unscored } from './judgement.ts'
import { lastNumber, type WrittenNumber } from './number-in-text.ts'
import { quote, quoteAny } from './quotation.ts'

/** What rounding makes of decimal fractions: 1.1 - 1.0 is more than 0.1, and 0.29 * 100 less than 29. Whole numbers are exact. */
const ROUNDING = 4 * Number.EPSILON
const roundingOf = (a: number, b: number): number =>
  Number.isInteger(a) && Number.isInteger(b) ? 0 : ROUNDING * Math.max(Math.abs(a), Math.abs(b))

/**
 * The values that an answer may mean, in the expected number's unit. With a percent sign on one side only, a number of at most 1 without
 * one is a share (`0.85` is `85%`, `1` is not `1%`); a larger one may be a share or a percentage (`85` is `85%`, `1.5` is `150%`).
 */
function readings(answer: WrittenNumber, expected: WrittenNumber): readonly number[] {
  if (answer.percent === expected.percent) return [answer.value]
  const bare = answer.percent ? expected : answer
  const share = answer.percent ? answer.value / 100 : answer.value * 100
  return Math.abs(bare.value) > 1 ? [share, answer.value] : [share]
}

/** The last number in the answer equals the expected one within an absolute tolerance, or one relative to the expected number. */
export function createNumber(config: ScorerConfigOf<'number'>, name: string): Scorer {
  const near = (answer: WrittenNumber, expected: WrittenNumber): boolean =>
    readings(answer, expected).some((value) => {
      const tolerance = config.relative ? config.tolerance * Math.abs(expected.value) : config.tolerance
      return Math.abs(value - expected.value) <= tolerance * (1 + ROUNDING) + roundingOf(value, expected.value)
    })
  return {
    name,
    judges: 'output',
    appliesTo: (example) => acceptedTexts(example.expected).length > 0,
    async score(example, reply) {
      const texts = acceptedTexts(example.expected)
      const expected = texts.flatMap((text) => lastNumber(text) ?? []).filter(({ value }) => Number.isFinite(value))
      if (expected.length === 0) return unscored(name, `There is no number in the expected ${quoteAny(texts)}.`)
      const answer = lastNumber(reply.output)
      if (answer === undefined) {
        return judged(name, false, `Expected ${quoteAny(texts)}, found no number in ${quote(reply.output)}.`)
      }
      const found = `${answer.value}${answer.percent ? '%' : ''}`
      // Infinity minus Infinity is NaN, and a limit of Infinity would accept everything.
      const passed = Number.isFinite(answer.value) && expected.some((one) => near(answer, one))
      return judged(name, passed, passed ? `${found} is as expected.` : `Expected ${quoteAny(texts)}, found ${found}.`)
    },
  }
}
