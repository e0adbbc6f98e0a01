import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { dirname, join, posix, relative, sep } from 'node:path'
import { armDeps, type EvaluatedArm } from '@agent-ci/action-eval-gate/arm'
import type { EvalSettings } from '@agent-ci/action-eval-gate/settings'
import { ConfigurationError } from '@agent-ci/core/errors'
import type { Host } from '@agent-ci/core/host'
import { promptDigests, type RepositoryFile } from '@agent-ci/core/prompt-files'
import { forLog } from '@agent-ci/core/untrusted'
import { repositoryRoot } from '@agent-ci/evaluation/fingerprint/code-version'
import { materializeArm } from '@agent-ci/prompts/arms'
import { promptEntries } from '@agent-ci/prompts/changes/entries'
import { pathMatcher } from '@agent-ci/prompts/changes/globs'
import { namedCommit } from '@agent-ci/prompts/changes/history'
import { readPromptFiles } from '@agent-ci/prompts/files/working-tree'
import type { Git, ObjectId } from '@agent-ci/prompts/git/git'
import { gitBinary } from '@agent-ci/prompts/git/git-binary'
import type { PromptSource } from './settings.ts'

/** Where prompts come from and go to. */
export interface PromptPlaces {
  readonly git: Git
  /** The repository's directory, or that of the configuration outside of one. */
  readonly root: string
  readonly host: Host
}

export function promptPlaces({ baseDir }: Pick<EvalSettings, 'baseDir'>, host: Host): PromptPlaces {
  return {
    git: gitBinary({ cwd: baseDir, env: host.env, signal: host.signal }),
    root: repositoryRoot(baseDir) ?? baseDir,
    host,
  }
}

/** The commit that a branch, a tag or an id stands for, fetched where the clone does not have it. */
export const commitOf = (ref: string, { git, host }: PromptPlaces): Promise<ObjectId> =>
  namedCommit({ git, remote: 'origin', info: host.info }, ref)

export const inRepository = (path: string, { root }: PromptPlaces): string => relative(root, path).replaceAll(sep, '/')

/** An arm whose files lie in a directory of their own until it is closed. */
export interface OpenedArm extends EvaluatedArm {
  readonly directory: string
  close(): Promise<void>
}

type Settings = Pick<EvalSettings, 'agent' | 'baseDir' | 'prompts'>

/** The prompts of a set; undefined: those of the workspace, which the agent finds by itself. */
export async function openPromptSet(
  name: string,
  source: PromptSource,
  settings: Settings,
  places: PromptPlaces,
): Promise<OpenedArm | undefined> {
  if (source.kind === 'workspace') return undefined
  if (source.kind === 'ref') return openCommit(name, await commitOf(source.ref, places), source, [], settings, places)
  const { globs, directory } = settings.prompts
  const own = await readPromptFiles(globs, { directory: source.path, root: source.path })
  if (own.length === 0)
    throw new ConfigurationError({
      what: `nightly.prompts.${name} is the directory ${JSON.stringify(inRepository(source.path, places))}`,
      why: 'No prompt lies in it at the path that it has in the workspace',
      mend: `Put for example prompts/support.md in it, or set delivery.prompts to the globs of your prompts`,
    })
  const files = new Map((await readPromptFiles(globs, { directory, root: directory })).map((file) => [file.path, file]))
  for (const file of own) files.set(file.path, file)
  return openFiles(name, [...files.values()], settings, places)
}

/**
 * A set of prompts as a commit has it, without a checkout.
 *
 * @param further other files that the agent is given at their paths, in the repository; what the commit does not have is left out
 */
export async function openCommit(
  arm: string,
  commit: ObjectId,
  source: PromptSource,
  further: readonly string[],
  settings: Settings,
  places: PromptPlaces,
): Promise<OpenedArm> {
  const { git, host } = places
  const { globs, directory: start } = settings.prompts
  const folder = inRepository(start, places)
  const entriesBelow = async (below: string) => {
    const { files, ignored, problems } = await promptEntries(git, commit, pathMatcher(globs, below))
    if (problems.length > 0) throw new ConfigurationError(problems)
    for (const { path, reason } of ignored) host.info(`Not a prompt: ${forLog(path, 300)} (${forLog(reason, 300)})`)
    return [...files].map(([path, oid]) => [posix.relative(below, path), oid] as const)
  }
  const own = source.kind === 'directory' ? await entriesBelow(inRepository(source.path, places)) : []
  const prompts = new Map([...(await entriesBelow(folder)), ...own])
  const files = new Map([...prompts].map(([path, oid]) => [posix.join(folder, path), oid]))
  for (const path of further) {
    const entry = await git.entry(commit, path)
    if (entry?.mode.startsWith('100')) files.set(path, entry.oid)
  }
  const blobs = await git.blobs([...new Set(prompts.values())])
  return opened(arm, settings, places, async (directory) => {
    const list = [...files].map(([path, oid]) => ({ path, oid }))
    return {
      texts: await materializeArm(git, list, directory),
      digests: promptDigests([...prompts].map(([path, oid]) => ({ path, bytes: blobs.get(oid)! }))),
    }
  })
}

/** @param files by their paths from where the globs of prompts start */
function openFiles(
  arm: string,
  files: readonly RepositoryFile[],
  settings: Settings,
  places: PromptPlaces,
): Promise<OpenedArm> {
  const folder = inRepository(settings.prompts.directory, places)
  return opened(arm, settings, places, async (directory) => {
    const texts: [string, string][] = []
    for (const { path, bytes } of files) {
      const target = join(directory, folder, path)
      await mkdir(dirname(target), { recursive: true })
      await writeFile(target, bytes)
      texts.push([posix.join(folder, path), Buffer.from(bytes).toString()])
    }
    return { texts: Object.fromEntries(texts), digests: promptDigests(files) }
  })
}

async function opened(
  arm: string,
  { agent, baseDir }: Settings,
  places: PromptPlaces,
  fill: (
    directory: string,
  ) => Promise<{ readonly texts: Readonly<Record<string, string>>; readonly digests: OpenedArm['prompts'] }>,
): Promise<OpenedArm> {
  const directory = await mkdtemp(join(places.host.tempDir, `agent-ci-prompts-${arm.replaceAll(/[^\w.-]/g, '-')}-`))
  const close = () => rm(directory, { recursive: true, force: true })
  try {
    const { texts, digests } = await fill(directory)
    const deps = armDeps(agent, inRepository(baseDir, places), { arm, directory, texts })
    return { directory, close, prompts: digests, deps }
  } catch (error) {
    await close()
    throw error
  }
}
