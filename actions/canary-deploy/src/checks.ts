import { join } from 'node:path'
import { messageOf } from '@agent-ci/core/errors'
import type { Host } from '@agent-ci/core/host'
import { forLog } from '@agent-ci/core/untrusted'
import type { Check } from '@agent-ci/delivery/rollout/verify'
import type { CheckSettings } from './check-settings.ts'

const TRIES = 30
const APART_MS = 2_000
const TIMEOUT_MS = 5_000

/** What the canary must pass before it gets traffic: its health, and golden examples sent to its own address. */
export function checksOf({ healthUrl, smoke }: CheckSettings, outputDir: string, host: Host): Check[] {
  return [
    ...(healthUrl === undefined
      ? []
      : [{ name: 'health', check: (signal: AbortSignal) => healthy(healthUrl, host, signal) }]),
    ...(smoke === undefined ? [] : [{ name: 'smoke examples', check: () => smokeTest(smoke, outputDir, host) }]),
  ]
}

/** The guide's health check: 30 tries, 2 s apart, 5 s each. */
async function healthy(url: string, host: Host, signal: AbortSignal): Promise<string | undefined> {
  let last = ''
  for (let tries = 1; tries <= TRIES; tries++) {
    try {
      const answer = await fetch(url, {
        signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
        redirect: 'manual',
      })
      await answer.body?.cancel()
      if (answer.status === 200) return undefined
      last = `HTTP ${answer.status}`
    } catch (error) {
      signal.throwIfAborted()
      last = messageOf(error instanceof Error && error.cause ? error.cause : error)
    }
    if (tries < TRIES) await host.sleep(APART_MS, signal)
  }
  return forLog(`${url} did not answer 200 in ${TRIES} tries; last: ${last}`)
}

/** The same evaluation as eval-gate's, of an http agent at the canary's address. */
async function smokeTest(
  smoke: NonNullable<CheckSettings['smoke']>,
  outputDir: string,
  host: Host,
): Promise<string | undefined> {
  // Imported only here: a rollout without smoke examples does not pay for it.
  const { main } = await import('@agent-ci/action-eval-gate/main')
  const inputs: Readonly<Record<string, string>> = {
    agent: smoke.url,
    dataset: smoke.dataset,
    gates: `accuracy >= ${smoke.minAccuracy}`,
    stop: 'never',
    resume: 'never',
    annotations: 'false',
    'pushgateway-url': 'none',
    'otlp-endpoint': 'none',
    'artifact-name': 'none',
    'output-dir': join(outputDir, 'smoke'),
  }
  const outcome = await main({
    ...host,
    input: (name) => inputs[name] ?? '',
    output: () => undefined,
    summary: async () => undefined,
  })
  return outcome.exitStatus === 0 ? undefined : forLog(outcome.headline)
}
