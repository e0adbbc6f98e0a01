import type { ByteWindow } from '../byte-window.ts'
import type { DatasetFile } from '../dataset-files.ts'
import type { FileExamples } from '../file-examples.ts'
import { FORMATS, type FormatName } from '../formats.ts'
import type { ForeignFile, ForeignFormat, LoadPlaces } from './foreign.ts'
import { readRecords } from './records.ts'
import { Unmapped } from './unmapped.ts'

interface ForeignDeps {
  readonly warn: (message: string) => void
  readonly judgeModel?: string
  readonly places: LoadPlaces
}

/** Reads a file of another tool; what it has and we do not becomes warnings. */
export async function readForeign(
  { file, path }: DatasetFile,
  window: ByteWindow,
  format: FormatName,
  examples: FileExamples,
  { warn, ...deps }: ForeignDeps,
): Promise<void> {
  const unmapped = new Unmapped()
  const { report } = examples
  const { read, opensFile }: ForeignFormat = await FORMATS[format].load()
  const records = opensFile ? [] : await readRecords(window, report)
  const from: ForeignFile = {
    ...{ file, path, report, warn, ...deps },
    unmapped: (name, line, why, other = file) => unmapped.add(name, { file: other, line }, why),
  }
  for await (const raw of read(records, from)) examples.add(raw)
  for (const warning of unmapped.warnings('used')) warn(warning)
}
