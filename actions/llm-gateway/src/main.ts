import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { ConfigurationError } from '@agent-ci/core/errors'
import type { Host, Outcome } from '@agent-ci/core/host'
import { forLog } from '@agent-ci/core/untrusted'
import { agentEnvironment } from '@agent-ci/gateway/settings'
import { readOptions } from './options.ts'
import type { ServeReply, ServeRequest } from './serve.ts'

/** What the post step needs to know. */
export interface Started {
  readonly pid: number
  readonly summaryPath: string
}

/** Starts the gateway in a process of its own, which outlives the step, and points later steps at it. */
export async function main(
  host: Host,
  exportVariable: (name: string, value: string) => void,
  saveState: (started: Started) => void,
): Promise<Outcome> {
  const options = await readOptions(host)
  const summaryPath = join(host.tempDir, `llm-gateway-${randomUUID()}.json`)
  const child = spawn(process.execPath, [process.argv[1]!, 'serve'], {
    detached: true,
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    env: servingEnvironment(host.env),
  })
  const pid = child.pid
  const reply = await new Promise<ServeReply>((answered) => {
    child.once('message', (message) => answered(message as ServeReply))
    child.once('error', (error) => answered({ refused: `The gateway could not be started: ${error.message}` }))
    child.once('exit', (code) => answered({ refused: `The gateway ended with code ${code} before it served` }))
    child.send({ options, summaryPath } satisfies ServeRequest)
  })
  if ('refused' in reply || pid === undefined)
    throw new ConfigurationError({
      what: 'refused' in reply ? reply.refused : 'The gateway has no process',
      why: 'It serves nothing',
      mend: 'See the message, and the inputs of the step',
    })
  child.removeAllListeners()
  child.unref()
  saveState({ pid, summaryPath })
  // Keys of the job stay as they are: a later step may need them for something else. Without one, SDKs refuse to start.
  for (const [name, value] of Object.entries(agentEnvironment(reply)))
    if (!name.endsWith('_API_KEY') || !host.env[name]) exportVariable(name, value)
  host.output('anthropic-base-url', reply.anthropic)
  host.output('openai-base-url', reply.openai)
  host.output('pid', pid)
  return {
    verdict: 'passed',
    exitStatus: 0,
    headline: `The gateway serves on ${reply.url} (${options.mode}${options.cassettes === undefined ? '' : `, ${forLog(options.cassettes)}`})`,
  }
}

/** The serving process needs neither the runner's tokens nor the inputs; provider keys reach it with its options. */
function servingEnvironment(env: Host['env']): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => /^(PATH|HOME|NODE_|LANG|TZ|SSL_|RUNNER_TRACKING_ID)/.test(name)),
  )
}
