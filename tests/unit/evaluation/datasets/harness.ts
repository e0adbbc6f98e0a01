import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { ConfigurationError, type Problem } from '@agent-ci/core/errors'
import type { Dataset, Example } from '@agent-ci/core/example'
import { loadDataset } from '@agent-ci/evaluation/datasets/load'

export type Files = Readonly<Record<string, string | Uint8Array>>

export interface Loaded {
  readonly examples: readonly Example[]
  readonly digest: string
  readonly files: readonly string[]
  readonly warnings: readonly string[]
}

/** Writes files into a directory of their own and hands it to `use`; the directory is gone afterwards. */
export async function withFiles<T>(files: Files, use: (cwd: string) => Promise<T>): Promise<T> {
  const cwd = mkdtempSync(join(tmpdir(), 'datasets-test-'))
  try {
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(dirname(join(cwd, name)), { recursive: true })
      writeFileSync(join(cwd, name), content)
    }
    return await use(cwd)
  } finally {
    rmSync(cwd, { recursive: true, force: true })
  }
}

export const allOf = (dataset: Dataset): Example[] => Array.from({ length: dataset.size }, (_, i) => dataset.at(i))

interface Options {
  readonly paths?: readonly string[]
  readonly needsExpectation?: boolean
  readonly judgeModel?: string
}

/** Loads files (all of them, where no paths are given). */
export function load(files: Files, { paths = Object.keys(files), ...options }: Options = {}): Promise<Loaded> {
  return withFiles(files, async (cwd) => {
    const warnings: string[] = []
    const deps = { cwd, warn: (message: string) => void warnings.push(message), ...options }
    const dataset = await loadDataset({ name: 'golden', paths }, deps)
    try {
      return { examples: allOf(dataset), digest: dataset.digest, files: dataset.files, warnings }
    } finally {
      dataset.close()
    }
  })
}

/** The problems with which files are refused. */
export async function problemsOf(files: Files, options: Options = {}): Promise<readonly Problem[]> {
  try {
    await load(files, options)
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems
    throw error
  }
  throw new Error('Expected a refusal, and the dataset was loaded')
}

/** The message with which files are refused. */
export async function refusalOf(files: Files, options: Options = {}): Promise<string> {
  return new ConfigurationError(await problemsOf(files, options)).message
}
