import { fileExample } from '@agent-ci/evaluation/datasets/file-example'
import { countOf } from '@agent-ci/reporting/numbers'
import { type Command, done } from '../command.ts'
import { openDataset, readOperands, writeNew } from './foreign-dataset.ts'

/** `agent-ci import <format> <file>`: another tool's dataset as one of ours. */
export const importCommand: Command = {
  operands: '<format> <file>',
  options: {
    output: 'The file to write, JSON Lines (default: the name of the file with .golden.jsonl)',
    'judge-model': 'The model that grades what the file leaves to a model',
  },
  flags: {},
  run: async (host, operands) => {
    const { format, file } = readOperands('import', operands)
    const output = host.input('output') || `${file.replace(/\.[^./\\]*$/, '')}.golden.jsonl`
    const dataset = await openDataset(host, `${format}:${file}`)
    try {
      let text = ''
      let expectNothing = 0
      for (let index = 0; index < dataset.size; index++) {
        const example = dataset.at(index)
        const { expected, expectedTools, trajectory, scorers } = example
        if ((expected ?? expectedTools ?? trajectory ?? scorers) === undefined) expectNothing++
        text += `${JSON.stringify(fileExample(example))}\n`
      }
      if (expectNothing > 0) {
        host.warn(
          'Dataset',
          `${countOf(expectNothing, 'example')} of ${file} expect nothing: only a judge or a command can score them`,
        )
      }
      const path = writeNew(host, output, text)
      return done(`${countOf(dataset.size, 'example')} in ${path}; next: agent-ci eval --dataset ${path}`)
    } finally {
      dataset.close()
    }
  },
}
