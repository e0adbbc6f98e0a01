import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ConfigurationError } from '@agent-ci/core/errors'
import { suggestName } from '@agent-ci/core/nearest'

const PREFIX = 'builtin:'
const SUITES = ['injection', 'leak', 'tools'].map((name) => PREFIX + name)

/** Whether a dataset's name is that of a suite that comes with agent-ci. */
export const isSuite = (path: string): boolean => path.startsWith(PREFIX)

/**
 * Where a suite lies: beside the bundles of this checkout.
 * @throws ConfigurationError for a suite that there is not
 */
export function suiteFile(path: string): string {
  const refuse = (why: string, mend: string): never => {
    throw new ConfigurationError({ what: `There is no suite "${path}"`, why, mend })
  }
  if (!SUITES.includes(path))
    return refuse(`Expected one of ${SUITES.join(', ')}`, suggestName(path, SUITES, 'Write one of them'))
  for (let at = dirname(fileURLToPath(import.meta.url)); ; at = dirname(at)) {
    const file = join(at, 'suites', `${path.slice(PREFIX.length)}.jsonl`)
    if (existsSync(file)) return file
    if (at === dirname(at)) return refuse('It is not beside this program', 'Use a whole checkout of agent-ci')
  }
}
