import { renameSync, writeFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { ConfigurationError, messageOf } from '@agent-ci/core/errors'
import type { GatewayOptions } from '@agent-ci/gateway/options'
import { startGateway } from '@agent-ci/gateway/server'

/** What the process that starts a gateway sends it. */
export interface ServeRequest {
  readonly options: GatewayOptions
  /** Where the summary is written when the gateway ends. */
  readonly summaryPath: string
}

/** What it gets back. */
export type ServeReply =
  | { readonly port: number; readonly url: string; readonly anthropic: string; readonly openai: string }
  | { readonly refused: string }

/** Serves until a signal ends it, then writes the summary. Spoken to over IPC, so that keys are in no argument and no environment. */
export function serve(): void {
  process.once('message', (request: ServeRequest) => {
    void start(request)
  })
}

async function start({ options, summaryPath }: ServeRequest): Promise<void> {
  const reply = (message: ServeReply) =>
    new Promise<void>((sent) => process.send?.(message, undefined, undefined, () => sent()))
  try {
    const gateway = await startGateway(options, {
      now: Date.now,
      random: Math.random,
      sleep: (ms, signal) => delay(ms, undefined, { signal }),
    })
    const end = async () => {
      const summary = await gateway.close()
      writeFileSync(`${summaryPath}.new`, JSON.stringify(summary))
      renameSync(`${summaryPath}.new`, summaryPath)
    }
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void end())
    await reply({ port: gateway.port, url: gateway.url, ...gateway.baseUrls() })
  } catch (error) {
    await reply({
      refused: error instanceof ConfigurationError ? error.message : `A defect of agent-ci: ${messageOf(error)}`,
    })
  }
  process.disconnect?.()
}
