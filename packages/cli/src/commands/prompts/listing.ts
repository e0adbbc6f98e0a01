import { ConfigurationError } from '@agent-ci/core/errors'
import type { PromptVersion } from '@agent-ci/core/prompt'
import { forLog } from '@agent-ci/core/untrusted'
import { latestVersion, listPrompts, listVersions, requirePrompt } from '@agent-ci/prompts/store/read'
import { formatCount, formatMoment } from '@agent-ci/reporting/numbers'

const DAMAGED = 'damaged: agent-ci prompts verify says how'

/** One damaged file does not hide the others. */
export const unlessDamaged = <T>(read: Promise<T>): Promise<T | undefined> =>
  read.catch((error: unknown) => {
    if (!(error instanceof ConfigurationError)) throw error
    return undefined
  })

const savedAt = ({ createdAt }: PromptVersion): string => forLog(formatMoment(createdAt ?? ''), 40)

/** Rows as lines, their columns below each other. */
function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = []
  for (const row of rows) for (const [at, cell] of row.entries()) widths[at] = Math.max(widths[at] ?? 0, cell.length)
  return rows.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at]!))
      .join('  ')
      .trimEnd(),
  )
}

/** Every prompt of a store with the version in use. */
export async function promptTable(store: string): Promise<{ readonly lines: string[]; readonly prompts: number }> {
  const names = await listPrompts(store)
  const rows = await Promise.all(
    names.map(async (name) => {
      const latest = await unlessDamaged(requirePrompt(store, name))
      const versions = formatCount((await listVersions(store, name)).length)
      return latest ? [name, versions, latest.version, latest.hash, savedAt(latest)] : [name, versions, DAMAGED]
    }),
  )
  return { lines: aligned([['prompt', 'versions', 'latest', 'hash', 'saved'], ...rows]), prompts: names.length }
}

/** The versions of a prompt, the newest first, with a `*` before the one in use. */
export async function versionTable(
  store: string,
  name: string,
): Promise<{ readonly lines: string[]; readonly inUse: string }> {
  const versions = await listVersions(store, name)
  // Throws, with the names that there are.
  if (versions.length === 0) await requirePrompt(store, name)
  const inUse = await unlessDamaged(latestVersion(store, name))
  const rows = await Promise.all(
    versions.map(async (version) => {
      const saved = await unlessDamaged(requirePrompt(store, name, version))
      const mark = version === inUse ? '*' : ' '
      if (!saved) return [mark, version, DAMAGED]
      const metadata = Object.keys(saved.metadata).length > 0 ? forLog(JSON.stringify(saved.metadata), 100) : ''
      return [mark, version, saved.hash, savedAt(saved), metadata]
    }),
  )
  return { lines: aligned(rows), inUse: inUse !== undefined && versions.includes(inUse) ? inUse : 'none' }
}
