import { isSecretName } from '@agent-ci/core/secret-name'
import { describeEnding, type Ending, ProcessGroup, quoteStderr } from '../agents/process-group.ts'
import { childEnvironment } from '../child-environment.ts'

const MOST_BYTES = 2 ** 20

/** The environment of a program that judges. What looks like a key is withheld from it, which seldom needs one, unless it is named. */
export function judgingEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  named: readonly string[] = [],
): Record<string, string> {
  const open = Object.entries(env).filter(([name]) => !isSecretName(name))
  const kept = named.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]] as const]))
  return childEnvironment(Object.fromEntries(open), Object.fromEntries(kept))
}

type Run = { readonly stdout: string } | { readonly problem: string }

/** Runs the program once; what it started ends with it, and all of it ends on the time limit and on an abort. */
export async function runProgram(
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
