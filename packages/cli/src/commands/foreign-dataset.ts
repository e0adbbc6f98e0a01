import { existsSync, writeFileSync } from 'node:fs'
import { basename, relative, resolve } from 'node:path'
import { ConfigurationError } from '@agent-ci/core/errors'
import type { Dataset } from '@agent-ci/core/example'
import type { Host } from '@agent-ci/core/host'
import { suggestName } from '@agent-ci/core/nearest'
import { forLog } from '@agent-ci/core/untrusted'
import { FORMAT_NAMES, type FormatName, splitFormat } from '@agent-ci/evaluation/datasets/formats'
import { loadDataset } from '@agent-ci/evaluation/datasets/load'

/** The format and the file that a command was given. */
export function readOperands(
  command: 'import' | 'export',
  [word = '', file = '', ...further]: readonly string[],
): { readonly format: FormatName; readonly file: string } {
  const format = FORMAT_NAMES.find((name) => name === word)
  if (!format || file === '' || further.length > 0) {
    throw new ConfigurationError({
      what:
        format || word === ''
          ? `agent-ci ${command} was not told one format and one file`
          : `There is no format "${forLog(word, 100)}"`,
      why: `Expected one of ${FORMAT_NAMES.join(', ')}`,
      mend:
        format || word === ''
          ? `Write for example agent-ci ${command} inspect evals/qa.jsonl`
          : suggestName(word, FORMAT_NAMES, 'Write one of them'),
    })
  }
  return { format, file }
}

/** Opens a dataset whose examples may expect nothing; the caller closes it. */
export function openDataset(host: Host, path: string): Promise<Dataset> {
  const stem = basename(splitFormat(path).path).replace(/\.[^.]*$/, '')
  const judgeModel = host.input('judge-model')
  return loadDataset(
    { name: stem, paths: [path] },
    {
      cwd: host.cwd,
      tempDir: host.tempDir,
      needsExpectation: false,
      warn: (message) => host.warn('Dataset', message),
      ...(judgeModel !== '' && { judgeModel }),
    },
  )
}

/** Writes a new file and says where; nothing is overwritten. */
export function writeNew(host: Host, path: string, text: string): string {
  const absolute = resolve(host.cwd, path)
  if (existsSync(absolute)) {
    throw new ConfigurationError({
      what: `${path} is there already`,
      why: 'Nothing is overwritten',
      mend: 'Move it away, or name another file with --output',
    })
  }
  writeFileSync(absolute, text, { flag: 'wx' })
  return relative(host.cwd, absolute)
}
