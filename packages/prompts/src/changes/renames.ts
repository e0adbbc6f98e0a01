import { posix } from 'node:path'
import type { Git, ObjectId } from '../git/git.ts'
import type { ArmFile } from './prompt-changes.ts'
import { isStoreFile, pointerOf } from './stored.ts'

export interface Renames {
  /** Base's file by the candidate's path; it may lie outside the globs. */
  readonly files: ReadonlyMap<string, ArmFile>
  /** Base's folder of a stored prompt by the candidate's. */
  readonly folders: ReadonlyMap<string, string>
}

type Files = ReadonlyMap<string, ObjectId>

const isFile = (mode: string): boolean => mode.startsWith('100')

/** Prompts that git finds under another name in base; a stored prompt has moved when one of its files has. */
export async function findRenames(
  git: Git,
  base: ObjectId,
  head: ObjectId,
  before: Files,
  after: Files,
): Promise<Renames> {
  const files = new Map<string, ArmFile>()
  const folders = new Map<string, string>()
  const added = new Set([...after.keys()].filter((path) => !before.has(path)))
  if (added.size === 0) return { files, folders }
  for (const { from, to } of await git.renames(base, head)) {
    if (!added.has(to.path) || !isFile(from.mode) || !isFile(to.mode)) continue
    const [source, target] = [posix.dirname(from.path), posix.dirname(to.path)]
    const isMove = before.has(pointerOf(source)) && !after.has(pointerOf(source)) && after.has(pointerOf(target))
    if (!isStoreFile(to.path)) files.set(to.path, { path: from.path, oid: from.oid })
    else if (source !== target && isMove && !before.has(pointerOf(target))) folders.set(target, source)
  }
  return { files, folders }
}
