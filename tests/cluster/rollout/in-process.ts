import { setTimeout as delay } from 'node:timers/promises'
import type { Host, Outcome } from '@agent-ci/core/host'

/** What a job said and set. */
export interface Said {
  readonly log: string[]
  readonly outputs: Record<string, string | number | null>
  summary: string
}

/** A host for a job that runs in this process: no start-up to wait for. */
export function testHost(
  directory: string,
  inputs: Readonly<Record<string, string>>,
  env: Readonly<Record<string, string>> = {},
  signal: AbortSignal = new AbortController().signal,
): Host & { readonly said: Said } {
  const said: Said = { log: [], outputs: {}, summary: '' }
  return {
    said,
    input: (name) => inputs[name] ?? '',
    env: { GITHUB_REPOSITORY: 'org/agent', GITHUB_RUN_ID: '1', GITHUB_RUN_ATTEMPT: '1', ...env },
    cwd: directory,
    tempDir: directory,
    signal,
    now: () => performance.now(),
    date: () => new Date(),
    random: Math.random,
    sleep: (ms, abort) => delay(ms, undefined, { signal: abort }),
    colour: false,
    info: (line) => said.log.push(line),
    annotate: ({ level, message }) => said.log.push(`${level}: ${message}`),
    warn: (title, message) => said.log.push(`warning: ${title}: ${message}`),
    group: async (title, work) => {
      said.log.push(title)
      return work()
    },
    progress: () => undefined,
    output: (name, value) => {
      said.outputs[name] = value
    },
    summary: async (markdown) => {
      said.summary += markdown
    },
    uploadArtifact: async () => undefined,
  }
}

/** Runs a job's main; throws with its log where it does not end well. */
export async function succeed(
  host: Host & { readonly said: Said },
  main: (host: Host) => Promise<Outcome>,
): Promise<void> {
  const outcome = await main(host)
  if (outcome.exitStatus !== 0) throw new Error(`${outcome.headline}\n${host.said.log.join('\n')}`)
}
