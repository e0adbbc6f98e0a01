import { ConfigurationError } from '@agent-ci/core/errors'
import type { Dataset, Example } from '@agent-ci/core/example'
import { Unmapped } from './formats/unmapped.ts'
import { FORMATS, type FormatName } from './formats.ts'

interface Exported {
  /** The text of the other tool's file. */
  readonly text: string
  /** What it has no place for, by name and place. */
  readonly losses: readonly string[]
}

function* examplesOf(dataset: Dataset): Generator<Example> {
  for (let index = 0; index < dataset.size; index++) yield dataset.at(index)
}

/** A dataset as another tool's file; refused where we do not write that format. */
export async function exportDataset(dataset: Dataset, format: FormatName): Promise<Exported> {
  const { write } = await FORMATS[format].load()
  if (!write) {
    throw new ConfigurationError({
      what: `agent-ci does not write ${FORMATS[format].title}`,
      why: 'It is read only',
      mend: 'Choose another format: agent-ci help export',
    })
  }
  const losses = new Unmapped()
  const text = write(examplesOf(dataset), (name, { source }, why) => losses.add(name, source, why), dataset.name)
  return { text, losses: losses.warnings('written') }
}
