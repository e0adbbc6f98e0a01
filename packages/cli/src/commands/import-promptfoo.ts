import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { ConfigurationError } from '@agent-ci/core/errors'
import { forLog } from '@agent-ci/core/untrusted'
import { convertPromptfoo } from '@agent-ci/evaluation/datasets/promptfoo/convert'
import { countOf } from '@agent-ci/reporting/numbers'
import { type Command, done } from '../command.ts'

/** `agent-ci import promptfoo <file>`: a configuration of promptfoo as one of ours, with its dataset. Overwrites nothing. */
export const importPromptfooCommand: Command = {
  operands: '<file>',
  options: { output: 'The directory to write into (default: the one of the file)' },
  flags: {},
  run: async (host, operands) => {
    const [file, ...further] = operands
    if (file === undefined || further.length > 0) {
      throw new ConfigurationError({
        what: 'agent-ci import promptfoo was not told one file',
        why: 'Expected the path of a promptfooconfig.yaml',
        mend: 'Write for example agent-ci import promptfoo promptfooconfig.yaml --output evals',
      })
    }
    const path = resolve(host.cwd, file)
    const output = resolve(host.cwd, host.input('output') || dirname(path))
    const { files, examples, mapped, notMapped } = await convertPromptfoo(path, {
      cwd: host.cwd,
      output,
      env: host.env,
      warn: (message) => host.warn('promptfoo', message),
      signal: host.signal,
    })
    const show = (name: string) => relative(host.cwd, join(output, name)) || name
    const taken = Object.keys(files).filter((name) => existsSync(join(output, name)))
    if (taken.length > 0) {
      throw new ConfigurationError(
        taken.map((name) => ({
          what: `${show(name)} is there already`,
          why: 'Nothing is overwritten',
          mend: 'Move it away, or name another directory with --output',
        })),
      )
    }
    mkdirSync(output, { recursive: true })
    for (const [name, text] of Object.entries(files)) {
      writeFileSync(join(output, name), text, { flag: 'wx' })
      host.info(`wrote ${show(name)}`)
    }
    for (const line of mapped) host.info(`mapped: ${forLog(line)}`)
    for (const line of notMapped) host.warn('Not mapped', line)
    const lost = notMapped.length === 0 ? 'everything was mapped' : `${countOf(notMapped.length, 'thing')} not mapped`
    return done(`${countOf(examples, 'example')}, ${lost}; next: agent-ci eval --config ${show('agent-ci.yaml')}`)
  },
}
