import type { ObjectId } from '../git/git.ts'
import type { ArmFile, PromptChanges } from './prompt-changes.ts'

type Files = ReadonlyMap<string, ObjectId>

/** `a`, `a/b` of `a/b/c.md` */
const foldersAbove = (path: string): string[] =>
  path
    .split('/')
    .slice(0, -1)
    .map((_, i, segments) => segments.slice(0, i + 1).join('/'))

/**
 * The prompt files of both arms. The agent's code is the candidate's in both, so the base arm has each file under the name that this
 * code knows: base's text under a new name too, and added files, which base does not have, as the candidate's.
 *
 * @param renames base's file by the candidate's path
 */
export function armsOf(base: Files, head: Files, renames: ReadonlyMap<string, ArmFile>): PromptChanges['arms'] {
  const baseFolders = new Set([...base.keys()].flatMap(foldersAbove))
  const ofBase = new Map(base)
  for (const [path, oid] of head) {
    // A file cannot lie where base has a folder, nor below one of its files.
    const clashes = baseFolders.has(path) || foldersAbove(path).some((folder) => base.has(folder))
    if (!ofBase.has(path) && !clashes) ofBase.set(path, renames.get(path)?.oid ?? oid)
  }
  const list = (files: Files): ArmFile[] => [...files].map(([path, oid]) => ({ path, oid }))
  return { base: list(ofBase), candidate: list(head) }
}
