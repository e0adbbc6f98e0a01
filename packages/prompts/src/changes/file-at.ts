import type { Git, ObjectId } from '../git/git.ts'
import { readTexts } from './texts.ts'

/**
 * The text of a file as a commit has it (configuration of the base branch, say); undefined where it has none, or none that is text.
 * A link is not followed.
 *
 * @param path in the repository
 */
export async function fileAt(git: Git, commit: ObjectId, path: string): Promise<string | undefined> {
  const entry = await git.entry(commit, path)
  if (!entry?.mode.startsWith('100')) return undefined
  const blob = (await readTexts(git, [entry.oid])).get(entry.oid)
  return blob?.kind === 'text' ? blob.text : undefined
}
