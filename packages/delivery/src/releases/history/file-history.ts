import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { ConfigurationError, messageOf } from '@agent-ci/core/errors'
import { forLog } from '@agent-ci/core/untrusted'
import * as z from 'zod'
import { type History, type NewRecord, type ReleaseRecord, recordSchema } from './record.ts'
import { KEPT_RECORDS } from './retention.ts'

/** An entry of `deployments/<environment>/history.json`, as the guide's scripts write and read it: these four names and no others. */
const guideEntrySchema = z.object({
  version: z.string(),
  config_version: z.string(),
  prompt_version: z.string(),
  timestamp: z.string(),
})

type GuideEntry = z.infer<typeof guideEntrySchema>

const fileNameOf = (sequence: number): string => `${String(sequence).padStart(6, '0')}.json`

/**
 * The history in files of the repository: `history.json` with the guide's fields, so that scripts written for it go on working, and beside it
 * `releases/<number>.json` with each whole record. Written to a new file and renamed, so that a killed run leaves no half file.
 */
export class FileHistory implements History {
  readonly place: string
  private readonly directory: string

  /** `file` is the path of history.json. */
  constructor(file: string) {
    this.place = file
    this.directory = join(dirname(file), 'releases')
  }

  async list(): Promise<ReleaseRecord[]> {
    const names = (await readdir(this.directory).catch(emptyWhereMissing)).filter((name) => /^\d+\.json$/.test(name))
    return Promise.all(names.sort().map((name) => this.read(join(this.directory, name))))
  }

  async add(record: NewRecord): Promise<ReleaseRecord> {
    const known = await this.list()
    const ours = known.find(({ rollout }) => rollout === record.rollout)
    if (ours) return ours
    const whole: ReleaseRecord = { schema_version: 1, sequence: (known.at(-1)?.sequence ?? 0) + 1, ...record }
    await this.update(whole)
    return whole
  }

  /** Writes the record; `history.json` lists what was verified, for that is what can be gone back to. */
  async update(record: ReleaseRecord): Promise<void> {
    await mkdir(this.directory, { recursive: true })
    await put(join(this.directory, fileNameOf(record.sequence)), record)
    if (!record.verified) return
    const entries = await this.guideEntries()
    const entry = guideEntry(record)
    const others = entries.filter(({ timestamp }) => timestamp !== entry.timestamp)
    await put(this.place, [...others, entry].slice(-KEPT_RECORDS))
  }

  async remove(records: readonly ReleaseRecord[]): Promise<void> {
    for (const { sequence } of records) await rm(join(this.directory, fileNameOf(sequence)), { force: true })
  }

  private async read(file: string): Promise<ReleaseRecord> {
    try {
      return recordSchema.parse(JSON.parse(await readFile(file, 'utf8')))
    } catch (error) {
      throw refuse(file, 'a record of a release', messageOf(error))
    }
  }

  private async guideEntries(): Promise<GuideEntry[]> {
    let text: string
    try {
      text = await readFile(this.place, 'utf8')
    } catch {
      return []
    }
    try {
      return z.array(guideEntrySchema).parse(JSON.parse(text))
    } catch (error) {
      throw refuse(this.place, 'a list of {version, config_version, prompt_version, timestamp}', messageOf(error))
    }
  }
}

const guideEntry = ({ release, at }: ReleaseRecord): GuideEntry => ({
  version: release.version ?? release.id,
  config_version: release.parts.config.slice('sha256:'.length, 'sha256:'.length + 10),
  prompt_version: release.prompt_version ?? release.parts.prompts.slice('sha256:'.length, 'sha256:'.length + 10),
  timestamp: at,
})

async function put(file: string, value: unknown): Promise<void> {
  await writeFile(`${file}.new`, `${JSON.stringify(value, null, 2)}\n`)
  await rename(`${file}.new`, file)
}

function emptyWhereMissing(error: NodeJS.ErrnoException): string[] {
  if (error.code === 'ENOENT') return []
  throw error
}

const refuse = (file: string, expected: string, found: string) =>
  new ConfigurationError({
    what: `${forLog(file)} cannot be read: ${forLog(found, 300)}`,
    why: `Expected ${expected}`,
    mend: 'Bring the file back from the repository, or move it away to start a new history',
    source: { file, line: 1 },
  })
