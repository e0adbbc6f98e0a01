import { posix } from 'node:path'
import { ConfigurationError, type Problem } from '@agent-ci/core/errors'
import type { Git, ObjectId } from '../git/git.ts'
import type { Ignored } from './entries.ts'
import { plainChange } from './plain.ts'
import type { PromptChange } from './prompt-changes.ts'
import type { Renames } from './renames.ts'
import { isStoreFile, pointerOf, servedFile, storedChange, type Tree } from './stored.ts'
import { type BlobText, readTexts } from './texts.ts'

type Files = ReadonlyMap<string, ObjectId>

export interface Compared {
  readonly changes: readonly PromptChange[]
  readonly ignored: readonly Ignored[]
  readonly warnings: readonly Problem[]
}

const MISSING: BlobText = { kind: 'unreadable', reason: 'not in this clone' }

/**
 * Compares the prompt files of two commits, prompt by prompt.
 *
 * @throws {ConfigurationError} with every prompt of the candidate that cannot be read
 */
export async function comparePrompts(git: Git, before: Files, after: Files, renames: Renames): Promise<Compared> {
  const origins = new Set([...renames.files.values()].map(({ path }) => path))
  const changed = [...new Set([...before.keys(), ...after.keys()])]
    .filter((path) => before.get(path) !== after.get(path) && !origins.has(path))
    .sort()

  const texts = new Map<ObjectId, BlobText>()
  const read = async (oids: readonly (ObjectId | undefined)[]) => {
    const wanted = oids.filter((oid) => oid !== undefined).filter((oid) => !texts.has(oid))
    for (const [oid, text] of await readTexts(git, wanted)) texts.set(oid, text)
  }
  const base: Tree = { files: before, texts }
  const head: Tree = { files: after, texts }

  const mayBeStored = [...new Set(changed.filter(isStoreFile).map((path) => posix.dirname(path)))]
  await read(mayBeStored.flatMap((folder) => [before.get(pointerOf(folder)), after.get(pointerOf(folder))]))
  const stored = new Set(mayBeStored.filter((folder) => servedFile(base, folder) ?? servedFile(head, folder)))
  const plain = changed.filter((path) => !(isStoreFile(path) && stored.has(posix.dirname(path))))
  const served = [...stored].flatMap((folder) =>
    [base, head].map((tree) => tree.files.get(servedFile(tree, folder) ?? '')),
  )
  await read([...served, ...plain.flatMap((path) => [before.get(path), renames.files.get(path)?.oid, after.get(path)])])

  const changes: PromptChange[] = []
  const ignored: Ignored[] = []
  const warnings: Problem[] = []
  const problems: Problem[] = []
  const attempt = async (work: () => Promise<void> | void) => {
    try {
      await work()
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error
      problems.push(...error.problems)
    }
  }
  const moved = new Set(renames.folders.values())
  for (const folder of stored) {
    if (moved.has(folder)) continue
    await attempt(() => {
      const found = storedChange(base, renames.folders.get(folder) ?? folder, head, folder)
      if (found.change) changes.push(found.change)
      if (found.ignored) ignored.push(found.ignored)
      warnings.push(...found.warnings)
    })
  }
  const look = (oid: ObjectId | undefined) => (oid === undefined ? undefined : (texts.get(oid) ?? MISSING))
  for (const path of plain) {
    await attempt(async () => {
      const origin = renames.files.get(path) ?? { path, oid: before.get(path) }
      const found = await plainChange(origin.path, look(origin.oid), path, look(after.get(path)))
      if ('kind' in found) changes.push(found)
      else ignored.push(found)
    })
  }
  if (problems.length > 0) throw new ConfigurationError(problems)
  return { changes: changes.sort((a, b) => (a.path < b.path ? -1 : 1)), ignored, warnings }
}
