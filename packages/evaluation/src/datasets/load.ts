import { rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import type { LangsmithConfig } from '@agent-ci/core/config/langsmith'
import { ConfigurationError, type Problem } from '@agent-ci/core/errors'
import type { Dataset } from '@agent-ci/core/example'
import { isReference } from '../langsmith/reference.ts'
import { DatasetBuilder } from './dataset-builder.ts'
import { type DatasetFile, openFile, readerOf, resolveFiles } from './dataset-files.ts'
import { detectFormat } from './detect-format.ts'
import { ExampleFields } from './example-fields.ts'
import { FileExamples } from './file-examples.ts'
import type { LoadPlaces } from './formats/foreign.ts'

export interface LoadDeps {
  /** Paths are relative to it. */
  readonly cwd: string
  readonly warn: (message: string) => void
  /** Where a large dataset is kept while it is used; without it the system's directory for temporary files. */
  readonly tempDir?: string
  /** Whether examples without expected, expected_tools and scorers are refused; true without it. */
  readonly needsExpectation?: boolean
  /** The environment, for what is fetched from elsewhere and for scripts that another tool's file names. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** How examples of LangSmith become ours. */
  readonly langsmith?: LangsmithConfig
  /** Which model grades what another tool's file leaves to a model. */
  readonly judgeModel?: string
  /** Where the paths in a scorer's configuration start; `cwd` without it. */
  readonly baseDir?: string
}

/**
 * Reads a dataset from files (.json, .jsonl, .csv, .yaml), ours or of another tool, and from LangSmith, their examples joined in the order of
 * the paths. What it holds in memory does not grow with the size of our own files (YAML apart). Throws a ConfigurationError with all problems
 * found.
 */
export async function loadDataset(
  { name, paths }: { readonly name: string; readonly paths: readonly string[] },
  {
    cwd,
    warn,
    tempDir = tmpdir(),
    needsExpectation = true,
    env = {},
    langsmith = {},
    judgeModel,
    baseDir = cwd,
  }: LoadDeps,
): Promise<Dataset> {
  if (paths.length === 0) {
    const mend = 'Write the path of a .json, .jsonl, .csv or .yaml file'
    throw new ConfigurationError({ what: `The dataset ${name} names no file`, why: 'Expected at least one', mend })
  }
  const local = resolveFiles(
    paths.filter((path) => !isReference(path)),
    cwd,
  )
  const fetched: DatasetFile[] = []
  for (const path of paths.filter(isReference)) {
    const { fetchDataset } = await import('../langsmith/fetch-dataset.ts')
    fetched.push(await fetchDataset(path, langsmith, { endpoint: langsmith.endpoint, env }, tempDir))
  }
  const files = [...local, ...fetched]
  const builder = new DatasetBuilder(
    files.map(({ file }) => file),
    tempDir,
  )
  try {
    const fields = new ExampleFields(needsExpectation)
    const problems: Problem[] = []
    for (const [index, file] of files.entries()) {
      const examples = new FileExamples(file.file, index, { builder, fields, warn })
      await readExamples(file, examples, {
        warn,
        places: { cwd, baseDir, env },
        ...(judgeModel !== undefined && { judgeModel }),
      })
      problems.push(...examples.finish())
    }
    if (problems.length > 0) throw new ConfigurationError(problems)
    return builder.build(name)
  } catch (error) {
    builder.close()
    throw error
  } finally {
    for (const { path } of fetched) rmSync(path, { force: true })
  }
}

async function readExamples(
  file: DatasetFile,
  examples: FileExamples,
  deps: Pick<LoadDeps, 'warn' | 'judgeModel'> & { readonly places: LoadPlaces },
): Promise<void> {
  try {
    const window = openFile(file)
    try {
      const read = await readerOf(file)
      const format = await detectFormat(file)
      if (format === undefined) for (const raw of read(window, examples.report)) examples.add(raw)
      else await (await import('./formats/read-foreign.ts')).readForeign(file, window, format, examples, deps)
    } finally {
      window.close()
    }
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error
    for (const problem of error.problems) examples.report(() => problem)
  }
}
