import type { Problem } from '@agent-ci/core/errors'
import { formatProblem } from '@agent-ci/core/errors'
import type { Host } from '@agent-ci/core/host'
import type { Receipt } from '@agent-ci/core/receipt'
import type { Release } from '@agent-ci/core/release'
import { forLog } from '@agent-ci/core/untrusted'
import type { ReleasedPrompt } from '@agent-ci/delivery/releases/inputs'
import { checkReceipt, deployedParts, readReceipt } from '@agent-ci/delivery/releases/receipts'
import { codeState } from '@agent-ci/evaluation/fingerprint/code-version'
import type { ReceiptSettings } from './settings.ts'

const UNATTESTED: Problem = {
  what: 'The receipt has no attestation',
  why: 'require-attestation is true, and without one whoever can write an artifact can write a receipt',
  mend: 'Sign it with actions/attest, and write receipt-attestation: with the path of its bundle',
}

/** The receipt that a release comes with, and what in it does not prove this very release. */
export async function proofOf(
  { path, require, accepts, maxAgeMs, attestation, requireAttestation }: ReceiptSettings,
  release: Release,
  prompts: readonly ReleasedPrompt[],
  host: Host,
): Promise<{ receipt: Receipt | undefined; problems: readonly Problem[] }> {
  const receipt = path === undefined ? undefined : await readReceipt(path, host.cwd)
  const unattested = attestation === undefined && requireAttestation ? [UNATTESTED] : []
  if (!receipt && !require) return { receipt, problems: unattested }
  const code = await codeState(host.cwd)
  // Uncommitted changes are in no commit that anybody evaluated.
  const committed = code && !code.version.includes('+') ? { commit: code.version, tree: code.tree } : null
  const deployed = deployedParts(release, prompts, committed)
  const check = { now: host.date(), require, accepts, ...(maxAgeMs !== undefined && { maxAgeMs }) }
  const { problems, warnings } = checkReceipt(receipt, deployed, check)
  for (const warning of warnings) host.warn('Receipt', forLog(formatProblem(warning)))
  if (receipt && attestation) {
    // Imported only here: a rollout without an attestation does not pay for it.
    const { verifyAttestation } = await import('@agent-ci/delivery/releases/attestation')
    const { signer } = await verifyAttestation(receipt, attestation, host.cwd)
    host.info(`The receipt was attested by ${forLog(signer, 300)}`)
  }
  return { receipt, problems: [...problems, ...unattested] }
}
