import type { ScorerConfigOf } from '@agent-ci/core/config/scorers'
import type { Scorer } from '@agent-ci/core/score'
import { cut } from '@agent-ci/core/untrusted'
import * as z from 'zod'
import type { ScorerDeps } from './deps.ts'
import { STOPPED, unscored } from './judgement.ts'
import { judgingEnvironment, runProgram } from './program.ts'
import { quote } from './quotation.ts'

const answerSchema = z
  .object({
    value: z.number().min(0).max(1).optional(),
    passed: z.boolean().optional(),
    reason: z.string().optional(),
  })
  .refine(({ value, passed }) => value !== undefined || passed !== undefined)

const ANSWER_FORM = '{"value": 0 to 1, "passed": true or false, "reason": text}, with at least one of the first two'

function parseAnswer(stdout: string): z.infer<typeof answerSchema> | undefined {
  try {
    return answerSchema.safeParse(JSON.parse(stdout)).data
  } catch {
    return undefined
  }
}

/** The user's program judges: it gets the case as JSON on stdin and writes `{"value", "passed", "reason"}` to stdout. */
export function createCommand(config: ScorerConfigOf<'command'>, name: string, deps: ScorerDeps): Scorer {
  const options = { cwd: deps.cwd, env: judgingEnvironment(deps.env, config.env), timeoutMs: config.timeout_ms }
  const program = quote(config.command.join(' '))
  return {
    name,
    judges: 'output',
    appliesTo: () => true,
    async score({ id, input, expected, expectedTools, metadata }, { output, toolCalls }, signal) {
      const request = {
        id,
        input,
        expected,
        expected_tools: expectedTools,
        output,
        tool_calls: toolCalls,
        metadata,
      }
      const ended = await runProgram(config.command, options, JSON.stringify(request), signal)
      if (signal.aborted) return unscored(name, STOPPED)
      if ('problem' in ended) return unscored(name, `${program} ${ended.problem}`)
      const answer = parseAnswer(ended.stdout)
      if (answer === undefined) {
        return unscored(name, `${program} wrote ${quote(ended.stdout.trim())}, expected ${ANSWER_FORM}.`)
      }
      const passed = answer.passed ?? answer.value! >= 0.5
      const value = answer.value ?? Number(passed)
      return { scorer: name, value, passed, reason: cut(answer.reason ?? `${program} gave ${value}.`, 1_000) }
    },
  }
}
