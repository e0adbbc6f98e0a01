import { appendFile, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'
import { ConfigurationError, messageOf, type Problem } from '@agent-ci/core/errors'
import type { Addition, History, Pruned, Remembered } from '@agent-ci/core/nightly/history'
import {
  documentsToWrite,
  type HistoryFile,
  isHistoryFile,
  linesToAdd,
  pathsOf,
  readHistory,
} from '@agent-ci/core/nightly/history-files'
import { outdatedFiles } from '@agent-ci/core/nightly/retention'
import { forLog } from '@agent-ci/core/untrusted'

/** A history in a directory, which the workflow keeps: in a cache, an artifact, a volume. Lines are appended, documents replaced whole. */
export class DirectoryHistory implements History {
  readonly place: string
  private readonly directory: string

  constructor(directory: string) {
    this.directory = directory
    this.place = `directory ${forLog(directory, 300)}`
  }

  async read(): Promise<Remembered> {
    return readHistory(await this.files(), this.placeOf)
  }

  append(addition: Addition, _why?: string): Promise<readonly Problem[]> {
    return this.attempt('written', async () => {
      const present = new Map<string, string>()
      for (const path of pathsOf(addition)) {
        const text = await readFile(join(this.directory, path), 'utf8').catch(undefinedWhereMissing)
        if (text !== undefined) present.set(path, text)
      }
      const presentOf = (path: string) => present.get(path)
      for (const [path, lines] of linesToAdd(addition, presentOf)) {
        await mkdir(dirname(join(this.directory, path)), { recursive: true })
        await appendFile(join(this.directory, path), lines)
      }
      const { documents, problems } = documentsToWrite(addition, presentOf, this.placeOf)
      for (const [path, text] of documents) await this.replace(path, text)
      return problems
    })
  }

  async prune(night: string): Promise<Pruned> {
    const files = outdatedFiles(await this.files(), night)
    await this.attempt('pruned', async () => {
      for (const path of files) await rm(join(this.directory, path), { force: true })
    })
    return { files }
  }

  private placeOf = (path: string): string => join(this.directory, path)

  private files(): Promise<HistoryFile[]> {
    return this.attempt('read', async () => {
      const entries = await readdir(this.directory, { recursive: true, withFileTypes: true }).catch(
        undefinedWhereMissing,
      )
      const paths = (entries ?? [])
        .filter((entry) => entry.isFile())
        .map((entry) => relative(this.directory, join(entry.parentPath, entry.name)).replaceAll(sep, '/'))
        .filter(isHistoryFile)
      return Promise.all(
        paths.map(async (path) => ({ path, text: await readFile(join(this.directory, path), 'utf8') })),
      )
    })
  }

  /** A reader sees the one or the other. */
  private async replace(path: string, text: string): Promise<void> {
    await mkdir(this.directory, { recursive: true })
    const own = await mkdtemp(join(this.directory, '.new-'))
    try {
      await writeFile(join(own, 'file'), text)
      await rename(join(own, 'file'), join(this.directory, path))
    } finally {
      await rm(own, { recursive: true, force: true })
    }
  }

  private async attempt<T>(done: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      if (typeof (error as NodeJS.ErrnoException).syscall !== 'string') throw error
      throw new ConfigurationError({
        what: `The history in ${this.place} cannot be ${done}: ${forLog(messageOf(error), 300)}`,
        why: 'Nights are kept there from run to run',
        mend: 'Check the path behind dir:, its permissions and the space on the disk',
      })
    }
  }
}

function undefinedWhereMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT') return undefined
  throw error
}
