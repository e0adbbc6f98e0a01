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

/** The receipt that a release comes with, and what in it does not prove this very release. */
export async function proofOf(
  { path, require, accepts, maxAgeMs }: ReceiptSettings,
  release: Release,
  prompts: readonly ReleasedPrompt[],
  host: Host,
): Promise<{ receipt: Receipt | undefined; problems: readonly Problem[] }> {
  const receipt = path === undefined ? undefined : await readReceipt(path, host.cwd)
  if (!receipt && !require) return { receipt, problems: [] }
  const code = await codeState(host.cwd)
  // Uncommitted changes are in no commit that anybody evaluated.
  const committed = code && !code.version.includes('+') ? { commit: code.version, tree: code.tree } : null
  const deployed = deployedParts(release, prompts, committed)
  const check = { now: host.date(), require, accepts, ...(maxAgeMs !== undefined && { maxAgeMs }) }
  const { problems, warnings } = checkReceipt(receipt, deployed, check)
  for (const warning of warnings) host.warn('Receipt', forLog(formatProblem(warning)))
  return { receipt, problems }
}
