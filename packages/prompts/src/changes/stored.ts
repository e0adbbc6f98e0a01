import { posix } from 'node:path'
import { ConfigurationError, type Problem } from '@agent-ci/core/errors'
import { jsonEqual } from '@agent-ci/core/json'
import type { ObjectId } from '../git/git.ts'
import { versionOfFile } from '../store/names.ts'
import { parsePointer, parseVersionFile, pointedVersion } from '../store/version-file.ts'
import { compareVariables, variablesOf } from '../variables/variables.ts'
import type { Ignored } from './entries.ts'
import type { PromptChange, PromptSide } from './prompt-changes.ts'
import type { BlobText } from './texts.ts'

/** One commit's prompt files, and the texts of those that were read. */
export interface Tree {
  readonly files: ReadonlyMap<string, ObjectId>
  readonly texts: ReadonlyMap<ObjectId, BlobText>
}

/** Whether a file would belong to a prompt store, were its folder one. */
export function isStoreFile(path: string): boolean {
  const fileName = posix.basename(path)
  return fileName === 'latest.json' || versionOfFile(fileName) !== undefined
}

export const pointerOf = (folder: string): string => `${folder}/latest.json`

function textAt({ files, texts }: Tree, path: string): string | undefined {
  const oid = files.get(path)
  const blob = oid === undefined ? undefined : texts.get(oid)
  return blob?.kind === 'text' ? blob.text : undefined
}

/** The version file that `latest.json` names in a folder; undefined where the folder is no prompt of a store. */
export function servedFile(tree: Tree, folder: string): string | undefined {
  const pointer = textAt(tree, pointerOf(folder))
  const version = pointer === undefined ? undefined : pointedVersion(pointer)
  return version === undefined ? undefined : `${folder}/${version}.json`
}

/** @throws {ConfigurationError} when the pointer is none or dangles, or the version is damaged */
function servedSide(tree: Tree, folder: string): PromptSide | undefined {
  if (!tree.files.has(pointerOf(folder))) return undefined
  const version = parsePointer(textAt(tree, pointerOf(folder)) ?? '', pointerOf(folder))
  const path = `${folder}/${version}.json`
  const text = textAt(tree, path)
  if (text === undefined) {
    throw new ConfigurationError({
      what: `It names ${JSON.stringify(version)}, which is not there`,
      why: 'latest.json must name a saved version',
      mend: 'Commit the version, or choose another one: agent-ci prompts use <name> <version>',
      source: { file: pointerOf(folder), line: 1 },
    })
  }
  const saved = parseVersionFile(text, path, folder, version)
  const onLine = text.slice(0, Math.max(0, text.search(/"content"\s*:/))).split('\n').length
  return { prompt: { ...saved, path, text: saved.content, variables: variablesOf(saved.content) }, onLine }
}

export interface StoredChange {
  readonly change?: PromptChange
  readonly ignored?: Ignored
  readonly warnings: readonly Problem[]
}

/** Versions that have another content than base has under the same name. */
function rewritten(base: Tree, head: Tree, folder: string): Problem[] {
  return [...head.files]
    .filter(([path]) => posix.dirname(path) === folder && isStoreFile(path) && path !== pointerOf(folder))
    .filter(([path, oid]) => (base.files.get(path) ?? oid) !== oid)
    .map(([path]) => ({
      what: 'A saved version was changed',
      why: 'Versions are never changed after they are saved: what ran under this name can no longer be looked up',
      mend: 'Restore it from git, and save the new content: agent-ci prompts save',
      source: { file: path, line: 1 },
    }))
}

/**
 * What changed of the version that a stored prompt serves. Versions that are saved and not in use change nothing yet.
 *
 * @param baseFolder where base has the prompt
 * @throws {ConfigurationError} when the candidate's store is damaged
 */
export function storedChange(base: Tree, baseFolder: string, head: Tree, folder: string): StoredChange {
  const warnings = rewritten(base, head, folder)
  const after = servedSide(head, folder)
  let before: PromptSide | undefined
  try {
    before = servedSide(base, baseFolder)
  } catch {
    // A base whose store is damaged is no baseline, and the change may be what mends it.
  }
  if (before && after) {
    const kind = folder === baseFolder ? 'modified' : 'renamed'
    // What a store keeps beside the text, a model's name say, may be used by the agent too.
    const same =
      before.prompt.content === after.prompt.content && jsonEqual(before.prompt.metadata, after.prompt.metadata)
    if (kind === 'modified' && same) {
      const reason = `stored, and the version in use (${after.prompt.version}) reads the same`
      return { ignored: { path: folder, reason }, warnings }
    }
    const variables = compareVariables(before.prompt.variables, after.prompt.variables)
    return { change: { kind, path: folder, base: before, head: after, variables }, warnings }
  }
  if (after) return { change: { kind: 'added', path: folder, head: after }, warnings }
  if (before) return { change: { kind: 'deleted', path: folder, base: before }, warnings }
  return { ignored: { path: folder, reason: 'stored, and no version is in use' }, warnings }
}
