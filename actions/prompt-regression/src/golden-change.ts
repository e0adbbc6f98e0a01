import { posix, relative, sep } from 'node:path'
import type { Host } from '@agent-ci/core/host'
import { splitFormat } from '@agent-ci/evaluation/datasets/formats'
import type { Change } from './change.ts'
import type { PromptSettings } from './settings.ts'

/** Says which golden examples a pull request changes too: both prompts are held against the changed ones, its own scorers in them. */
export async function goldenChange(
  { proposer, git, prefix, prompts }: Change,
  { dataset }: PromptSettings,
  host: Host,
): Promise<string[]> {
  const { baseTip, head } = prompts
  if (proposer === 'trusted' || baseTip === null || head === null) return []
  const paths = dataset.paths.map((path) =>
    posix.join(prefix, relative(host.cwd, splitFormat(path).path).replaceAll(sep, '/')),
  )
  const changed: string[] = []
  for (const path of paths.filter((path) => !path.startsWith('../'))) {
    const [before, after] = await Promise.all([git.entry(baseTip, path), git.entry(head, path)])
    if (before?.oid !== after?.oid) changed.push(path)
  }
  if (changed.length === 0) return []
  return [
    `The golden examples are not those of the base branch: ${changed.join(', ')} differ. Review them with the prompts`,
  ]
}
