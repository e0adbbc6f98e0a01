import { INPUTS } from '@agent-ci/action-eval-gate/interface'
import { main } from '@agent-ci/action-eval-gate/main'
import { ConfigurationError } from '@agent-ci/core/errors'
import type { Command } from '../command.ts'

const boolean = { alone: 'true', words: ['true', 'false'] }
const { merge: _, shard: __, ...options } = INPUTS

/** `agent-ci merge shards/*`: joins the shards of `agent-ci eval --shard i/n`, given the same options. */
export const mergeCommand: Command = {
  operands: '<directory>…',
  options,
  flags: { 'plan-only': boolean, annotations: boolean },
  run: (host, directories) => {
    if (directories.length === 0) {
      throw new ConfigurationError({
        what: 'There is nothing to merge',
        why: 'Expected the output directories of the shards',
        mend: 'Write for example agent-ci merge shards/*',
      })
    }
    return main({ ...host, input: (name) => (name === 'merge' ? directories.join('\n') : host.input(name)) })
  },
}
