import { randomUUID } from 'node:crypto'
import { INPUTS } from '@agent-ci/action-canary-deploy/interface'
import { main, post } from '@agent-ci/action-canary-deploy/main'
import { formatSource } from '@agent-ci/core/errors'
import type { Host, Outcome } from '@agent-ci/core/host'
import { forLog } from '@agent-ci/core/untrusted'
import type { Command } from '../command.ts'

/** `agent-ci deploy`: the job of canary-deploy. */
export const deployCommand: Command = {
  options: INPUTS,
  flags: {
    'force-conflicts': { alone: 'true', words: ['true', 'false'] },
    'require-receipt': { alone: 'true', words: ['true', 'false'] },
    'require-attestation': { alone: 'true', words: ['true', 'false'] },
    issue: { alone: 'true', words: ['true', 'false'] },
  },
  run: (host) => deploy(withFindings(host), randomUUID().slice(0, 8)),
}

/** On a terminal there is no post step: a cancelled rollout is taken back here. */
async function deploy(host: Host, nonce: string): Promise<Outcome> {
  try {
    return await main(host, nonce)
  } catch (error) {
    if (!host.signal.aborted) throw error
    host.info('Cancelled. What is half done is taken back now; Ctrl-C again leaves it to the next run')
    await post({ ...host, signal: new AbortController().signal }, nonce)
    return { verdict: 'errored', exitStatus: 1, headline: 'cancelled' }
  }
}

/** What is found in the manifests is a line here, where Actions marks the line of the file. */
const withFindings = (host: Host): Host => ({
  ...host,
  annotate: ({ level, message, source }) =>
    host.info(forLog(`${level}: ${source ? `${formatSource(source)}: ` : ''}${message}`)),
})
