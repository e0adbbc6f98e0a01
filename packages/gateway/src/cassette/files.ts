import { createHash } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'

const SUFFIX = '.jsonl'
const JOURNAL = 'journal-'
const PACKING = `.packing${SUFFIX}`

export const isJournal = (name: string): boolean => name.startsWith(JOURNAL)

/** Whether `pack` has taken a journal out of its writer's hands. */
export const isTaken = (name: string): boolean => name.endsWith(PACKING)

export const journalName = (writer: string): string => `${JOURNAL}${writer}${SUFFIX}`

export const takenName = (journal: string): string => `${journal.slice(0, -SUFFIX.length)}${PACKING}`

/** The files of a cassette directory in a fixed order; throws where there is no such directory. */
export const cassetteFiles = (directory: string): string[] =>
  readdirSync(directory)
    .filter((name) => name.endsWith(SUFFIX))
    .sort()

export const pathIn = (directory: string, name: string): string => join(directory, name)

/** Above this many examples several share a file: a directory of many thousands of files is slow to open and to clone. */
const MOST_EXAMPLE_FILES = 512

/**
 * The file that a packed example goes to: one each, named after it, so that a pull request shows which examples were recorded again;
 * 256 shared ones where there are too many.
 */
export function packedName(example: string | null, examples: number): string {
  if (example === null) return `unscoped${SUFFIX}`
  const digest = createHash('sha256').update(example).digest('hex')
  if (examples > MOST_EXAMPLE_FILES) return `examples-${digest.slice(0, 2)}${SUFFIX}`
  const slug = example
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 40)
  // The digest keeps apart what reads alike (`A/b` and `a-b`), and names that a file system reserves (`con`).
  return `${slug.replaceAll(/^-|-$/g, '') || 'example'}.${digest.slice(0, 8)}${SUFFIX}`
}
