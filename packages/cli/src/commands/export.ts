import { exportDataset } from '@agent-ci/evaluation/datasets/export'
import { FORMATS } from '@agent-ci/evaluation/datasets/formats'
import { countOf } from '@agent-ci/reporting/numbers'
import { type Command, done } from '../command.ts'
import { openDataset, readOperands, writeNew } from './foreign-dataset.ts'

/** `agent-ci export <format> <file>`: one of our datasets as another tool's. */
export const exportCommand: Command = {
  operands: '<format> <file>',
  options: { output: "The file to write (default: the name of the file with the format and the format's ending)" },
  flags: {},
  run: async (host, operands) => {
    const { format, file } = readOperands('export', operands)
    const dataset = await openDataset(host, file)
    try {
      const { text, losses } = await exportDataset(dataset, format)
      for (const loss of losses) host.warn('Export', loss)
      const stem = file.replace(/\.[^./\\]*$/, '')
      const path = writeNew(host, host.input('output') || `${stem}${FORMATS[format].ending}`, text)
      return done(`${countOf(dataset.size, 'example')} as ${FORMATS[format].title} in ${path}`)
    } finally {
      dataset.close()
    }
  },
}
