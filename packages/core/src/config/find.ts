import { dirname, resolve } from 'node:path'
import { ConfigurationError } from '../errors.ts'
import { type LocatedConfig, parseConfig } from './parse.ts'

export interface FoundConfig {
  /** undefined: there is none, and none was asked for. */
  readonly located: LocatedConfig | undefined
  /** Where the paths in it start; the working directory without one. */
  readonly baseDir: string
}

export const DEFAULT_CONFIG_FILE = 'agent-ci.yaml'

/** The configuration at a path, or the usual one where the path is empty and there is one. `readText` reads a file. */
export async function findConfig(
  path: string,
  cwd: string,
  readText: (file: string) => Promise<string>,
): Promise<FoundConfig> {
  const file = path || DEFAULT_CONFIG_FILE
  let text: string
  try {
    text = await readText(resolve(cwd, file))
  } catch (error) {
    if (path === '' && (error as { code?: string }).code === 'ENOENT') return { located: undefined, baseDir: cwd }
    throw new ConfigurationError({
      what: `config is "${file}"`,
      why: `The file cannot be read: ${(error as Error).message}`,
      mend: 'Write the path of an agent-ci.yaml, or leave the input out',
    })
  }
  return { located: await parseConfig(text, file), baseDir: dirname(resolve(cwd, file)) }
}
