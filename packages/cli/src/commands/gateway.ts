import { spawn } from 'node:child_process'
import { INPUTS } from '@agent-ci/action-llm-gateway/interface'
import { readOptions } from '@agent-ci/action-llm-gateway/options'
import { headline } from '@agent-ci/action-llm-gateway/summary'
import { ConfigurationError } from '@agent-ci/core/errors'
import type { Host } from '@agent-ci/core/host'
import { forLog } from '@agent-ci/core/untrusted'
import { startGateway } from '@agent-ci/gateway/server'
import { agentEnvironment } from '@agent-ci/gateway/settings'
import { type Command, done } from '../command.ts'

/** Runs a program with the gateway's addresses in its environment and returns its exit status; a signal to us is a signal to it. */
function runProgram(argv: readonly string[], env: Readonly<Record<string, string>>, host: Host): Promise<number> {
  return new Promise((ended, fail) => {
    const child = spawn(argv[0]!, argv.slice(1), { stdio: 'inherit', env: { ...process.env, ...env } })
    host.signal.addEventListener('abort', () => child.kill('SIGTERM'), { once: true })
    child.on('error', ({ message }) =>
      fail(
        new ConfigurationError({
          what: `${forLog(argv[0]!, 200)} cannot be started: ${message}`,
          why: 'agent-ci gateway runs the program behind --',
          mend: 'Check its name, and that it is installed: agent-ci gateway -- pytest tests/',
        }),
      ),
    )
    child.on('exit', (code) => ended(code ?? 1))
  })
}

/** `agent-ci gateway -- pytest tests/`: the job of llm-gateway around one program, or until Ctrl-C. */
export const gatewayCommand: Command = {
  operands: '-- <program>',
  options: INPUTS,
  flags: {},
  run: async (host, positionals) => {
    const options = await readOptions(host)
    const gateway = await startGateway(options, {
      now: () => host.date().getTime(),
      random: host.random,
      sleep: host.sleep,
      onEvent: (event) => {
        if (event.type === 'refused' && event.first) host.warn('Model traffic', forLog(event.message))
        if (event.type === 'damaged') host.warn('Model traffic', forLog(`${event.file}:${event.line}: ${event.reason}`))
      },
    })
    const env = agentEnvironment(gateway.baseUrls())
    try {
      if (positionals.length > 0) {
        const status = await runProgram(positionals, env, host)
        return {
          verdict: status === 0 ? 'passed' : 'failed',
          exitStatus: status === 0 ? 0 : 1,
          headline: headline(await gateway.close()),
        }
      }
      for (const [name, value] of Object.entries(env)) host.info(`export ${name}=${value}`)
      await new Promise<void>((stopped) => host.signal.addEventListener('abort', () => stopped(), { once: true }))
      return done(headline(await gateway.close()))
    } finally {
      await gateway.close()
    }
  },
}
