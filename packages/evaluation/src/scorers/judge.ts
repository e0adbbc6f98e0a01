import { readFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { resolve } from 'node:path'
import type { ScorerConfigOf } from '@agent-ci/core/config/scorers'
import { ConfigurationError, messageOf } from '@agent-ci/core/errors'
import type { Usage } from '@agent-ci/core/reply'
import type { Scorer } from '@agent-ci/core/score'
import { cut } from '@agent-ci/core/untrusted'
import type Anthropic from '@anthropic-ai/sdk'
import * as z from 'zod'
import type { ScorerDeps } from './deps.ts'
import { type JudgePrompt, judgePrompt } from './judge-prompt.ts'
import { STOPPED, unscored } from './judgement.ts'
import { requiredVariable } from './variable.ts'

const TRIES = 2
/** Room for the thoughts of models that think before they call a tool: they count as output. */
const MAX_TOKENS = 16_000
const TIMEOUT_MS = 300_000

const gradeSchema = z.strictObject({ reasoning: z.string().trim().min(1), score: z.number().min(0).max(1) })
type Grade = z.infer<typeof gradeSchema>

/** Properties are written in this order, so the score follows from the reasoning. Strict tools know no `minimum` and `maximum`. */
const GRADE: Anthropic.Tool = {
  name: 'grade',
  description: 'Records the grade of the answer.',
  strict: true,
  input_schema: {
    type: 'object',
    properties: {
      reasoning: { type: 'string', description: 'How far the answer meets the rubric, and where it does not' },
      score: { type: 'number', description: 'From 0 (not met at all) to 1 (met fully)' },
    },
    required: ['reasoning', 'score'],
    additionalProperties: false,
  },
}

const isLoopback = (hostname: string): boolean =>
  hostname === 'localhost' || hostname === '[::1]' || (isIP(hostname) === 4 && hostname.startsWith('127.'))

/** Where the judge's model is and the key for it. */
function endpointOf(name: string, deps: ScorerDeps): { baseURL: string; apiKey: string } {
  const baseURL = deps.env.ANTHROPIC_BASE_URL || 'https://api.anthropic.com'
  if (!URL.canParse(baseURL)) {
    throw new ConfigurationError({
      what: `ANTHROPIC_BASE_URL is ${JSON.stringify(baseURL)}`,
      why: `Expected an address that begins with http:// or https://, where the scorer "${name}" asks its model`,
      mend: 'Write for example https://api.anthropic.com, or leave the variable out',
    })
  }
  // A gateway on this machine has the key itself, or replays.
  const keyless = isLoopback(new URL(baseURL).hostname) && !deps.env.ANTHROPIC_API_KEY
  return { baseURL, apiKey: keyless ? 'none' : requiredVariable('ANTHROPIC_API_KEY', name, deps) }
}

async function rubricOf(config: ScorerConfigOf<'judge'>, name: string, deps: ScorerDeps): Promise<string> {
  if (!config.rubric.startsWith('file:')) return config.rubric
  const path = config.rubric.slice('file:'.length)
  const refusal = (why: string) =>
    new ConfigurationError({
      what: `The scorer "${name}" has the rubric ${config.rubric}`,
      why,
      mend: 'Write the path of a text file relative to the working directory behind `file:`, or the rubric itself',
    })
  const text = await readFile(resolve(deps.cwd, path), 'utf8').catch((error: unknown) => {
    throw refusal(`The file cannot be read: ${messageOf(error)}`)
  })
  if (text.trim() === '') throw refusal('The file is empty')
  return text
}

const tokens = z.number().nullish()
/** What is read of the model's message; the API's types promise more than an address that a user configured need keep. */
const messageSchema = z.object({
  model: z.string(),
  content: z.array(z.object({ type: z.string(), name: z.string().optional(), input: z.unknown().optional() })),
  usage: z.object({
    input_tokens: z.number(),
    output_tokens: z.number(),
    cache_creation_input_tokens: tokens,
    cache_read_input_tokens: tokens,
  }),
})
type Message = z.infer<typeof messageSchema>

function plus(sum: Usage | undefined, { model, usage }: Message): Usage {
  const cached = (usage.cache_creation_input_tokens ?? 0) + (usage.cache_read_input_tokens ?? 0)
  return {
    inputTokens: (sum?.inputTokens ?? 0) + usage.input_tokens + cached,
    outputTokens: (sum?.outputTokens ?? 0) + usage.output_tokens,
    model,
  }
}

function gradeIn({ content }: Message): Grade | undefined {
  const calls = content.filter((block) => block.type === 'tool_use')
  return calls.length === 1 && calls[0]!.name === GRADE.name ? gradeSchema.safeParse(calls[0]!.input).data : undefined
}

/**
 * A model grades the whole answer by a rubric. A judge that is down, that twice answers in another form, or that could not be shown the
 * whole text leaves the reply unscored.
 * @throws ConfigurationError for a rubric file that can't be read and for a missing key
 */
export async function createJudge(config: ScorerConfigOf<'judge'>, name: string, deps: ScorerDeps): Promise<Scorer> {
  const endpoint = endpointOf(name, deps)
  const rubric = await rubricOf(config, name, deps)
  const { default: Client, APIError } = await import('@anthropic-ai/sdk')
  const client = new Client({
    ...endpoint,
    maxRetries: 2,
    timeout: TIMEOUT_MS,
    // Without these the SDK would read them from the process's environment, and write warnings to the console.
    authToken: null,
    webhookKey: null,
    openTelemetry: false,
    logLevel: 'off',
  })
  // Models that always think refuse to be forced (400 `tool_choice: type "tool" and "any" are not supported for this model`).
  let forced = true

  async function ask(prompt: JudgePrompt, signal: AbortSignal): Promise<Message | undefined> {
    const wasForced = forced
    try {
      const message = await client.messages.create(
        {
          model: config.model,
          max_tokens: MAX_TOKENS,
          // No temperature: newer models refuse any.
          system: prompt.system,
          messages: [{ role: 'user', content: prompt.user }],
          tools: [GRADE],
          tool_choice: wasForced ? { type: 'tool', name: GRADE.name } : { type: 'auto' },
        },
        { signal },
      )
      return messageSchema.safeParse(message).data
    } catch (error) {
      if (!wasForced || !(error instanceof APIError) || error.status !== 400 || !/tool_choice/.test(error.message)) {
        throw error
      }
      forced = false
      return ask(prompt, signal)
    }
  }

  return {
    name,
    judges: 'output',
    asksModel: true,
    appliesTo: () => true,
    async score(example, reply, signal) {
      const prompt = judgePrompt(rubric, example.input, example.expected, reply.output)
      if (prompt.characters > config.max_characters) {
        const size = `The input, the expected answer and the answer have ${prompt.characters} characters`
        return unscored(name, `${size}, more than max_characters (${config.max_characters}): the judge was not asked.`)
      }
      let usage: Usage | undefined
      for (let i = 0; i < TRIES; i++) {
        let message: Message | undefined
        try {
          message = await ask(prompt, signal)
        } catch (error) {
          const trouble = `The judge could not be asked: ${cut(messageOf(error), 300)}`
          return unscored(name, signal.aborted ? STOPPED : trouble, usage)
        }
        if (message === undefined) continue
        usage = plus(usage, message)
        const grade = gradeIn(message)
        if (grade === undefined) continue
        const passed = grade.score >= config.threshold
        const reason = `The judge gave ${grade.score} (needs ${config.threshold}): ${cut(grade.reasoning, 1_000)}`
        return { scorer: name, value: grade.score, passed, reason, usage }
      }
      return unscored(name, `The judge did not grade as {"reasoning", "score" from 0 to 1}, ${TRIES} times.`, usage)
    },
  }
}
