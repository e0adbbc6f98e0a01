import { join } from 'node:path'
import { ConfigurationError } from '@agent-ci/core/errors'
import { suggestName } from '@agent-ci/core/nearest'
import type { PromptVersion } from '@agent-ci/core/prompt'
import { diffTexts, type TextDiff } from '../diff/text-diff.ts'
import { entriesOf, promptFolder, readPlainFile } from './folder.ts'
import { checkVersion, isPromptSegment, versionOfFile } from './names.ts'
import { parsePointer, parseVersionFile } from './version-file.ts'

/** The version that `latest.json` names; undefined where the prompt has no pointer. */
export async function latestVersion(store: string, name: string): Promise<string | undefined> {
  const folder = await promptFolder(store, name)
  if (folder === undefined) return undefined
  const file = join(folder, 'latest.json')
  const text = await readPlainFile(file)
  return text === undefined ? undefined : parsePointer(text, file)
}

/**
 * One version of a prompt; undefined when the prompt or the version is not there.
 *
 * @throws {ConfigurationError} for unsafe names, a damaged file, content that does not have its hash
 */
export async function getPrompt(store: string, name: string, version = 'latest'): Promise<PromptVersion | undefined> {
  checkVersion(version)
  const folder = await promptFolder(store, name)
  const wanted = version === 'latest' ? await latestVersion(store, name) : version
  if (folder === undefined || wanted === undefined) return undefined
  const file = join(folder, `${checkVersion(wanted)}.json`)
  const text = await readPlainFile(file)
  return text === undefined ? undefined : parseVersionFile(text, file, name, wanted)
}

/**
 * One version of a prompt, which must be there.
 *
 * @throws {ConfigurationError} as `getPrompt`, and with the names that exist when there is none
 */
export async function requirePrompt(store: string, name: string, version = 'latest'): Promise<PromptVersion> {
  const found = await getPrompt(store, name, version)
  if (found) return found
  const versions = await listVersions(store, name)
  if (versions.length === 0) {
    const names = await listPrompts(store)
    throw new ConfigurationError({
      what: `There is no prompt ${JSON.stringify(name)} in ${store}`,
      why: 'Expected a folder of that name with saved versions',
      mend: names.length > 0 ? suggestName(name, names) : 'Save one: agent-ci prompts save <name> <file>',
    })
  }
  throw new ConfigurationError({
    what: `${name} has no version ${JSON.stringify(version)}`,
    why:
      version === 'latest' ? 'latest.json is missing or names a version that is not there' : 'Expected a saved version',
    mend:
      version === 'latest' ? `Choose one: agent-ci prompts use ${name} ${versions[0]}` : suggestName(version, versions),
  })
}

/** The versions of a prompt, the newest first (by name, as the guide's class sorts them). */
export async function listVersions(store: string, name: string): Promise<string[]> {
  const folder = await promptFolder(store, name)
  if (folder === undefined) return []
  const versions = (await entriesOf(folder)).flatMap((entry) => versionOfFile(entry.name) ?? [])
  return versions.sort().reverse()
}

/** The names of all prompts that have a version or a pointer, sorted. */
export async function listPrompts(store: string): Promise<string[]> {
  const names: string[] = []
  const visit = async (folder: string, name: string): Promise<void> => {
    const entries = await entriesOf(folder)
    const isPrompt = entries.some((entry) => entry.name === 'latest.json' || versionOfFile(entry.name) !== undefined)
    if (name !== '' && isPrompt) names.push(name)
    for (const entry of entries) {
      if (entry.isFolder && isPromptSegment(entry.name)) {
        await visit(join(folder, entry.name), name === '' ? entry.name : `${name}/${entry.name}`)
      }
    }
  }
  await visit(store, '')
  return names.sort()
}

export interface VersionDiff extends TextDiff {
  readonly base: PromptVersion
  readonly head: PromptVersion
  readonly hashChanged: boolean
}

/**
 * How one version of a prompt became another; `latest` is allowed for both.
 *
 * @throws {ConfigurationError} when one of them is not there
 */
export async function diffVersions(store: string, name: string, from: string, to: string): Promise<VersionDiff> {
  const base = await requirePrompt(store, name, from)
  const head = await requirePrompt(store, name, to)
  const diff = diffTexts(
    { name: `${name}@${base.version}`, text: base.content },
    { name: `${name}@${head.version}`, text: head.content },
  )
  return { ...diff, base, head, hashChanged: base.hash !== head.hash }
}
