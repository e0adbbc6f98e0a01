import * as core from '@actions/core'
import { ConfigurationError, formatProblem, messageOf, OutsideError } from '@agent-ci/core/errors'
import type { Host, Outcome } from '@agent-ci/core/host'
import { isSecretName } from '@agent-ci/core/secret-name'
import { forLog } from '@agent-ci/core/untrusted'
import { runnerHost } from './runner-host.ts'

/** Inputs and environment variables whose values must never be printed. */
const SECRET_INPUT = /^INPUT_.*(TOKEN|KEY|SECRET|PASSWORD|WEBHOOK)/

function maskSecrets(env: NodeJS.ProcessEnv): void {
  for (const [name, value] of Object.entries(env)) {
    if (
      value &&
      value.length >= 8 &&
      (SECRET_INPUT.test(name) || isSecretName(name)) &&
      process.env.GITHUB_ACTIONS === 'true'
    )
      core.setSecret(value)
  }
}

/**
 * Runs an action's main as a step: report first, fail last. Whatever is thrown, `Error` or not, fails the step; every declared output
 * is set on every path, so that nothing in the log can set one for us.
 */
export async function runAction(
  outputs: readonly string[],
  main: (host: Host) => Promise<Outcome>,
  uploadArtifact?: Host['uploadArtifact'],
): Promise<void> {
  maskSecrets(process.env)
  const cancel = new AbortController()
  // The runner sends SIGINT, 7.5 s later SIGTERM, and kills 2.5 s after that.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => cancel.abort())
  const host = runnerHost(cancel.signal, uploadArtifact)
  let failure: string | undefined
  try {
    const outcome = await main(host)
    if (outcome.exitStatus !== 0) failure = forLog(outcome.headline)
    else core.info(forLog(outcome.headline))
  } catch (error) {
    failure = report(error, host)
  }
  for (const name of outputs) if (!host.outputs.has(name)) host.output(name, name === 'verdict' ? 'errored' : null)
  if (failure !== undefined) core.setFailed(failure)
}

/** Runs a post step: whatever goes wrong in it is a warning, for the job's verdict stands already. */
export async function runPost(post: (host: Host) => Promise<void>): Promise<void> {
  maskSecrets(process.env)
  const host = runnerHost(new AbortController().signal)
  try {
    await post(host)
  } catch (error) {
    host.warn('Clean-up', forLog(messageOf(error)))
  }
}

/** Shows what was thrown and says in one line what failed. */
function report(error: unknown, host: Host): string {
  if (error instanceof ConfigurationError) {
    for (const problem of error.problems.slice(1)) {
      host.annotate({
        level: 'error',
        title: 'Configuration',
        message: forLog(formatProblem(problem)),
        ...(problem.source && { source: problem.source }),
      })
    }
    return forLog(error.problems[0] ? formatProblem(error.problems[0]) : error.message)
  }
  if (host.signal.aborted) return 'The job was cancelled'
  if (error instanceof OutsideError) return forLog(error.message)
  if (error instanceof Error && error.stack) core.info(forLog(error.stack, 10_000))
  return `A defect of agent-ci: ${forLog(messageOf(error))}`
}
