import { isJsonObject, type Json } from '@agent-ci/core/json'
import { cut } from '@agent-ci/core/untrusted'
import { type Finding, type MakeCheck, Malformed, Unjudged } from './finding.ts'

const TIMEOUT_MS = 5_000
const MOST_BYTES = 1024 * 1024

/** POSTs `{output, context: {prompt, vars}}`, answered by `{pass, score, reason}`. A webhook in trouble is no measurement. */
export const webhookCheck: MakeCheck = (assertion, { env }) => {
  const { value, inverse } = assertion
  if (typeof value !== 'string' || !URL.canParse(value) || !/^https?:/.test(value)) {
    throw new Malformed('Its value is no http or https address', 'Write the address of the webhook')
  }
  const timeout = Number(env.WEBHOOK_TIMEOUT) || TIMEOUT_MS
  return async ({ output, input, vars }, signal): Promise<Finding> => {
    const prompt = typeof input === 'string' ? input : JSON.stringify(input)
    let answer: Json
    try {
      const response = await fetch(value, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ output, context: { prompt, vars } }),
        signal: AbortSignal.any([signal, AbortSignal.timeout(timeout)]),
      })
      const text = await response.text()
      if (!response.ok) throw new Error(`it answered ${response.status}`)
      if (text.length > MOST_BYTES) throw new Error(`it answered with more than ${MOST_BYTES} characters`)
      answer = JSON.parse(text) as Json
    } catch (error) {
      throw new Unjudged(`The webhook failed: ${cut((error as Error).message, 200)}`)
    }
    if (!isJsonObject(answer) || typeof answer.pass !== 'boolean')
      throw new Unjudged('The webhook answered without "pass"')
    const passed = answer.pass !== inverse
    const { score, reason } = answer
    const given = typeof score === 'number' ? (inverse ? 1 - score : score) : passed ? 1 : 0
    return {
      passed,
      score: given,
      reason: typeof reason === 'string' && reason !== '' ? cut(reason, 500) : `The webhook said ${answer.pass}`,
    }
  }
}
