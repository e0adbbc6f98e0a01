import type { Problem } from '@agent-ci/core/errors'
import type { Git, ObjectId } from '../git/git.ts'
import { followLinks, LINK, SUBMODULE } from './links.ts'

export interface Ignored {
  readonly path: string
  readonly reason: string
}

/** The files of a commit that globs match, links followed inside the commit. */
export interface PromptEntries {
  readonly files: ReadonlyMap<string, ObjectId>
  readonly ignored: readonly Ignored[]
  /** What must not be there at all: links that leave the repository, names that are not text. */
  readonly problems: readonly Problem[]
}

/** Lists the prompts of a commit. */
export async function promptEntries(
  git: Git,
  commit: ObjectId,
  matches: (path: string) => boolean,
): Promise<PromptEntries> {
  const found = await git.files(commit, matches)
  const ends = await followLinks(
    git,
    commit,
    found.filter(({ mode }) => mode === LINK),
  )
  const files = new Map<string, ObjectId>()
  const ignored: Ignored[] = []
  const problems: Problem[] = []
  for (const { path, mode, oid } of found) {
    const end = mode === LINK ? ends.get(path)! : mode === SUBMODULE ? { reason: 'a submodule' } : { oid }
    if (path.includes('\ufffd')) {
      problems.push({
        what: `The name of ${JSON.stringify(path)} is not UTF-8`,
        why: 'The file could not be given to an agent under its name',
        mend: 'Rename it',
      })
    } else if ('leaves' in end) {
      problems.push({
        what: `The prompt is a symbolic link to ${JSON.stringify(end.leaves)}`,
        why: 'It leaves the repository, so it could show any file of the machine',
        mend: 'Put the file itself in the repository',
        source: { file: path, line: 1 },
      })
    } else if ('reason' in end) {
      ignored.push({ path, reason: end.reason })
    } else {
      files.set(path, end.oid)
    }
  }
  return { files, ignored, problems }
}
