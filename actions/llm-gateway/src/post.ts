import { readFileSync } from 'node:fs'
import type { Host } from '@agent-ci/core/host'
import { forLog } from '@agent-ci/core/untrusted'
import type { GatewaySummary } from '@agent-ci/gateway/server'
import type { Started } from './main.ts'
import { headline, renderGatewaySummary } from './summary.ts'

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
