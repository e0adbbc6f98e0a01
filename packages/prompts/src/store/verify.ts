import { join } from 'node:path'
import { ConfigurationError, messageOf, type Problem } from '@agent-ci/core/errors'
import { UNFINISHED } from './atomic.ts'
import { entriesOf, promptFolder, readPlainFile } from './folder.ts'
import { versionOfFile } from './names.ts'
import { listPrompts } from './read.ts'
import { parsePointer, parseVersionFile } from './version-file.ts'

export interface StoreReport {
  readonly prompts: number
  readonly versions: number
  /** Each names its file. */
  readonly problems: readonly Problem[]
}

/** Reads everything in a store again: hashes, pointers, files that cannot be read, and what interrupted writes left. */
export async function verifyStore(store: string): Promise<StoreReport> {
  const names = await listPrompts(store)
  const reports = await Promise.all(names.map((name) => verifyPrompt(store, name)))
  return {
    prompts: names.length,
    versions: reports.reduce((sum, report) => sum + report.versions, 0),
    problems: reports.flatMap((report) => report.problems),
  }
}

async function verifyPrompt(store: string, name: string): Promise<{ versions: number; problems: Problem[] }> {
  const problems: Problem[] = []
  const attempt = async <T>(file: string, read: (text: string) => T): Promise<T | undefined> => {
    try {
      const text = await readPlainFile(file)
      return text === undefined ? undefined : read(text)
    } catch (error) {
      if (error instanceof ConfigurationError) problems.push(...error.problems)
      else problems.push({ ...unreadable(file), what: `${file} cannot be read: ${messageOf(error)}` })
      return undefined
    }
  }
  const folder = await promptFolder(store, name)
  if (folder === undefined) return { versions: 0, problems }
  const entries = await entriesOf(folder)
  const versions = entries.flatMap((entry) => versionOfFile(entry.name) ?? [])
  for (const version of versions) {
    const file = join(folder, `${version}.json`)
    await attempt(file, (text) => parseVersionFile(text, file, name, version))
  }
  const pointer = join(folder, 'latest.json')
  if (!entries.some((entry) => entry.name === 'latest.json'))
    problems.push(dangling(pointer, 'is missing', name, versions))
  const latest = await attempt(pointer, (text) => parsePointer(text, pointer))
  if (latest !== undefined && !versions.includes(latest)) {
    problems.push(dangling(pointer, `names ${JSON.stringify(latest)}, which is not there`, name, versions))
  }
  for (const { name: left } of entries.filter((entry) => entry.name.startsWith(UNFINISHED))) {
    problems.push({
      what: `${join(folder, left)} was left by a save that was interrupted`,
      why: 'Nothing reads it',
      mend: 'Remove the folder',
      source: { file: join(folder, left), line: 1 },
    })
  }
  return { versions: versions.length, problems }
}

const unreadable = (file: string): Omit<Problem, 'what'> => ({
  why: 'Expected a readable file',
  mend: 'Restore the file from git',
  source: { file, line: 1 },
})

const dangling = (file: string, what: string, name: string, versions: readonly string[]): Problem => ({
  what: `${file} ${what}`,
  why: 'latest.json must name a saved version',
  mend: `Choose one: agent-ci prompts use ${name} ${versions.at(-1) ?? '<version>'}`,
  source: { file, line: 1 },
})
