import type { ScorerConfigOf } from '@agent-ci/core/config/scorers'
import type { Scorer } from '@agent-ci/core/score'
import { cut } from '@agent-ci/core/untrusted'
import * as z from 'zod'
import { describeEnding, type Ending, ProcessGroup, quoteStderr } from '../agents/process-group.ts'
import { childEnvironment } from '../child-environment.ts'
import type { ScorerDeps } from './deps.ts'
import { STOPPED, unscored } from './judgement.ts'
import { quote } from './quotation.ts'

const SECRET = /(?:API_KEY|TOKEN|SECRET|PASSWORD)$/i
const MOST_BYTES = 2 ** 20

const answerSchema = z
  .object({
    value: z.number().min(0).max(1).optional(),
    passed: z.boolean().optional(),
    reason: z.string().optional(),
  })
  .refine(({ value, passed }) => value !== undefined || passed !== undefined)

const ANSWER_FORM = '{"value": 0 to 1, "passed": true or false, "reason": text}, with at least one of the first two'

/** The child's environment. What looks like a key is withheld from scorers, which seldom need one, unless the configuration names it. */
function environmentFor(config: ScorerConfigOf<'command'>, { env }: ScorerDeps): Record<string, string> {
  const open = Object.entries(env).filter(([name]) => !SECRET.test(name))
  const named = config.env.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]] as const]))
  return childEnvironment(Object.fromEntries(open), Object.fromEntries(named))
}

function parseAnswer(stdout: string): z.infer<typeof answerSchema> | undefined {
  try {
    return answerSchema.safeParse(JSON.parse(stdout)).data
  } catch {
    return undefined
  }
}

type Run = { readonly stdout: string } | { readonly problem: string }

/** Runs the program once; what it started ends with it, and all of it ends on the time limit and on an abort. */
async function run(
  argv: readonly string[],
  options: { readonly cwd: string; readonly env: Record<string, string>; readonly timeoutMs: number },
  stdin: string,
  signal: AbortSignal,
): Promise<Run> {
  const chunks: Buffer[] = []
  let bytes = 0
  let problem: string | undefined
  const group: ProcessGroup = new ProcessGroup(argv, {
    cwd: options.cwd,
    env: options.env,
    onStdout: (chunk) => {
      bytes += chunk.length
      if (bytes <= MOST_BYTES) chunks.push(chunk)
      else stop(`wrote more than ${MOST_BYTES} bytes to stdout`)
    },
  })
  const stop = (why: string) => {
    problem ??= why
    group.kill()
  }
  const timer = setTimeout(() => stop(`took more than ${options.timeoutMs} ms`), options.timeoutMs)
  const onAbort = () => stop('was stopped')
  signal.addEventListener('abort', onAbort)
  if (signal.aborted) onAbort()
  group.endInput(stdin)
  const ending: Ending = await group.ended
  clearTimeout(timer)
  signal.removeEventListener('abort', onAbort)
  if ('error' in ending) return { problem: describeEnding(ending, argv[0]!) }
  if (problem === undefined && ending.code !== 0) problem = describeEnding(ending, argv[0]!)
  if (problem !== undefined) return { problem: problem + quoteStderr(group.stderrTail()) }
  return { stdout: Buffer.concat(chunks).toString('utf8') }
}

/** The user's program judges: it gets the case as JSON on stdin and writes `{"value", "passed", "reason"}` to stdout. */
export function createCommand(config: ScorerConfigOf<'command'>, name: string, deps: ScorerDeps): Scorer {
  const options = { cwd: deps.cwd, env: environmentFor(config, deps), timeoutMs: config.timeout_ms }
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
      const ended = await run(config.command, options, JSON.stringify(request), signal)
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
