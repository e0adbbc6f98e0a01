import { ConfigurationError } from '@agent-ci/core/errors'
import type { JsonObject } from '@agent-ci/core/json'
import { type PromptVersion, promptHash } from '@agent-ci/core/prompt'
import { replaceFile, writeNew } from './atomic.ts'
import { entriesOf, promptFolder } from './folder.ts'
import { versionAt } from './names.ts'
import { requirePrompt } from './read.ts'
import { formatPointer, formatVersionFile } from './version-file.ts'

const POINTER = 'latest.json'

/** `v20251215120000`, then `-002` … `-999`: what is saved within one second sorts in the order of saving. */
function* versionsAt(date: Date): Generator<string> {
  yield versionAt(date)
  for (let n = 2; n <= 999; n++) yield `${versionAt(date)}-${String(n).padStart(3, '0')}`
}

/**
 * Saves a new version of a prompt and makes it the latest; an existing version is never changed.
 *
 * @throws {ConfigurationError} for an unsafe name, or content that has no UTF-8
 */
export async function savePrompt(
  store: string,
  name: string,
  content: string,
  metadata: JsonObject,
  deps: { readonly now: () => Date },
): Promise<PromptVersion> {
  if (!content.isWellFormed()) {
    throw new ConfigurationError({
      what: `The content of ${name} holds half of a surrogate pair`,
      why: 'Such a text has no UTF-8, so it has no hash and cannot be saved',
      mend: 'Save the file as UTF-8',
    })
  }
  const folder = await promptFolder(store, name, true)
  if (folder === undefined) {
    throw new ConfigurationError({
      what: `${name} cannot be saved in ${store}`,
      why: 'A file lies where the folder of the prompt would be',
      mend: 'Choose another name',
    })
  }
  const now = deps.now()
  const taken = new Set((await entriesOf(folder)).map((entry) => entry.name))
  for (const version of versionsAt(now)) {
    const file = `${version}.json`
    const saved = { name, version, content, hash: promptHash(content), createdAt: now.toISOString(), metadata }
    if (taken.has(file) || !(await writeNew(folder, file, formatVersionFile(saved)))) continue
    await replaceFile(folder, POINTER, formatPointer(version))
    return saved
  }
  throw new ConfigurationError({
    what: `${name} has 999 versions of ${now.toISOString()}`,
    why: 'A version is named after the second in which it is saved',
    mend: 'Save again in a second',
  })
}

/**
 * Makes a saved version the latest one: the way forward, and the way back.
 *
 * @throws {ConfigurationError} when the version is not there or damaged
 */
export async function usePrompt(store: string, name: string, version: string): Promise<PromptVersion> {
  const wanted = await requirePrompt(store, name, version)
  const folder = await promptFolder(store, name)
  await replaceFile(folder!, POINTER, formatPointer(wanted.version))
  return wanted
}
