import { posix } from 'node:path'
import type { Git, ObjectId, TreeEntry } from '../git/git.ts'
import { readTexts } from './texts.ts'

export const LINK = '120000'
export const SUBMODULE = '160000'
/** A longer chain is taken for a circle. */
const MOST_LINKS = 8

/** Where a link leads: to a file's content, to nothing that could be read, or out of the repository. */
export type LinkEnd = { readonly oid: ObjectId } | { readonly reason: string } | { readonly leaves: string }

/** Follows links inside their commit, never on the disk, where they could lead anywhere. */
export async function followLinks(
  git: Git,
  commit: ObjectId,
  links: readonly TreeEntry[],
): Promise<Map<string, LinkEnd>> {
  const ends = new Map<string, LinkEnd>()
  if (links.length === 0) return ends
  const all = new Map((await git.files(commit, () => true)).map((entry) => [entry.path, entry]))
  const folders = new Set<string>()
  for (const path of all.keys()) for (let up = posix.dirname(path); up !== '.'; up = posix.dirname(up)) folders.add(up)

  let pending = links.map((link) => ({ path: link.path, at: link }))
  for (let step = 0; step < MOST_LINKS && pending.length > 0; step++) {
    const texts = await readTexts(
      git,
      pending.map(({ at }) => at.oid),
    )
    const next: typeof pending = []
    for (const { path, at } of pending) {
      const blob = texts.get(at.oid)
      const target = blob?.kind === 'text' ? blob.text : ''
      const joined = posix.join(posix.dirname(at.path), target).replace(/\/$/, '')
      const entry = all.get(joined)
      if (posix.isAbsolute(target) || joined === '..' || joined.startsWith('../')) ends.set(path, { leaves: target })
      else if (folders.has(joined) || joined === '.') ends.set(path, { reason: 'a symbolic link to a folder' })
      else if (entry === undefined) ends.set(path, { reason: 'a symbolic link to nothing' })
      else if (entry.mode === SUBMODULE) ends.set(path, { reason: 'a symbolic link to a submodule' })
      else if (entry.mode === LINK) next.push({ path, at: entry })
      else ends.set(path, { oid: entry.oid })
    }
    pending = next
  }
  for (const { path } of pending) ends.set(path, { reason: 'a symbolic link in a circle' })
  return ends
}
