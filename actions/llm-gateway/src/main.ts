import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { findConfig } from '@agent-ci/core/config/find'
import { SettingReader } from '@agent-ci/core/config/setting-reader'
import { ConfigurationError } from '@agent-ci/core/errors'
import type { Host, Outcome } from '@agent-ci/core/host'
import { forLog } from '@agent-ci/core/untrusted'
import type { GatewayOptions } from '@agent-ci/gateway/options'
import type { GatewaySummary } from '@agent-ci/gateway/server'
import { agentEnvironment, type GatewayInput, readGatewayOptions } from '@agent-ci/gateway/settings'
import type { ServeReply, ServeRequest } from './serve.ts'
import { headline, renderGatewaySummary } from './summary.ts'

/** The options of a gateway from inputs and configuration, refused with all problems at once. */
export async function readOptions(host: Pick<Host, 'input' | 'cwd' | 'env'>): Promise<GatewayOptions> {
  const { located, baseDir } = await findConfig(host.input('config'), host.cwd, (file) => readFile(file, 'utf8'))
  const reader = new SettingReader<GatewayInput>(host.input, located)
  const options = readGatewayOptions(reader, 'mode', host.input, located, { cwd: host.cwd, baseDir, env: host.env })
  reader.refuseProblems()
  return options
}

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

const LONGEST_WAIT_MS = 15_000

/** Ends the gateway and shows what came by; nothing here changes a verdict. */
export async function post({ pid, summaryPath }: Started, host: Host): Promise<void> {
  try {
    process.kill(pid, 'SIGTERM')
  } catch {
    host.warn('Model traffic', 'The gateway had ended before the job did; its summary may be missing')
  }
  const until = host.now() + LONGEST_WAIT_MS
  for (;;) {
    const summary = readSummary(summaryPath)
    if (summary) {
      host.info(forLog(headline(summary)))
      for (const { message } of summary.observed.refusals.slice(0, 1)) host.warn('Model traffic', forLog(message))
      await host.summary(renderGatewaySummary(summary))
      return
    }
    if (host.now() > until) {
      host.warn('Model traffic', 'The gateway left no summary')
      return
    }
    await host.sleep(50, host.signal).catch(() => undefined)
  }
}

function readSummary(path: string): GatewaySummary | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as GatewaySummary
  } catch {
    return undefined
  }
}
