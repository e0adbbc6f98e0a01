import { spawn } from 'node:child_process'
import { dirname } from 'node:path'
import { text } from 'node:stream/consumers'

export interface CommandResult {
  readonly stdout: string
  readonly stderr: string
  /** The exit code; null when a signal ended it. */
  readonly code: number | null
}

/** Runs kubectl with this kubeconfig and nothing of this user's own configuration. */
export async function runKubectl(
  kubectlPath: string,
  kubeconfigPath: string,
  args: readonly string[],
  input: string,
): Promise<CommandResult> {
  // kubectl keeps what it discovers about an API server in the home directory.
  const environment = { PATH: process.env.PATH, HOME: dirname(kubeconfigPath), KUBECONFIG: kubeconfigPath }
  const child = spawn(kubectlPath, args, { env: environment })
  child.stdin.on('error', () => {}).end(input)
  const ended = new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve))
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), ended])
  return { stdout, stderr, code }
}
