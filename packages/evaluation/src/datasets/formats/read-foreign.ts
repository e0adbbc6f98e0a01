import type { ByteWindow } from '../byte-window.ts'
import type { DatasetFile } from '../dataset-files.ts'
import type { FileExamples } from '../file-examples.ts'
import { FORMATS, type FormatName } from '../formats.ts'
import { readRecords } from './records.ts'
import { Unmapped } from './unmapped.ts'

interface ForeignDeps {
  readonly warn: (message: string) => void
  readonly judgeModel?: string
}

/** Reads a file of another tool; what it has and we do not becomes warnings. */
export async function readForeign(
  { file, path }: DatasetFile,
  window: ByteWindow,
  format: FormatName,
  examples: FileExamples,
  { warn, ...deps }: ForeignDeps,
): Promise<void> {
  const unmapped = new Unmapped(file)
  const { report } = examples
  const records = await readRecords(window, report)
  const { read } = await FORMATS[format].load()
  for await (const raw of read(records, { file, path, report, unmapped: unmapped.add, ...deps })) examples.add(raw)
  for (const warning of unmapped.warnings()) warn(warning)
}
