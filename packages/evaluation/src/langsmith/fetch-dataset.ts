import { randomUUID } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { LangsmithConfig } from '@agent-ci/core/config/langsmith'
import { ConfigurationError, messageOf } from '@agent-ci/core/errors'
import { cut } from '@agent-ci/core/untrusted'
import type { DatasetFile } from '../datasets/dataset-files.ts'
import { KEY_VARIABLE, type LangsmithAccess, openClient } from './client.ts'
import { type LangsmithExample, mapExample } from './example-mapping.ts'
import { formatReference, parseReference } from './reference.ts'

const isTime = (version: string): boolean => /^\d{4}-\d{2}-\d{2}/.test(version)

/**
 * Fetches a dataset of LangSmith into a file of ours in `tempDir`, which the caller removes; the file's name in messages and reports is the dataset's with the exact
 * version that was fetched.
 * @throws ConfigurationError where it can't be had: without a key, when LangSmith does not answer, when there is no such dataset
 */
export async function fetchDataset(
  path: string,
  config: LangsmithConfig,
  access: LangsmithAccess,
  tempDir: string,
): Promise<DatasetFile> {
  const reference = parseReference(path)
  const client = await openClient(access)
  if (!client) {
    throw new ConfigurationError({
      what: `The dataset is ${path}`,
      why: `${KEY_VARIABLE} is not set or is empty`,
      mend: `Set it on the step: env: { ${KEY_VARIABLE}: \${{ secrets.${KEY_VARIABLE} }} }. A pull request from a fork has no secrets: give it a file`,
    })
  }
  const examples: LangsmithExample[] = []
  let version: string
  try {
    const { id: datasetId } = await client.readDataset({ datasetName: reference.name })
    // Asked for first, so that what is added meanwhile is in none of the pages.
    const { version: wanted = 'latest' } = reference
    version = (await client.readDatasetVersion({ datasetId, ...(isTime(wanted) ? { asOf: wanted } : { tag: wanted }) }))
      .as_of
    for await (const example of client.listExamples({ datasetId, asOf: version })) {
      examples.push(example as unknown as LangsmithExample)
    }
  } catch (error) {
    throw new ConfigurationError({
      what: `The dataset ${path} cannot be loaded`,
      why: `LangSmith says: ${cut(messageOf(error), 300)}`,
      mend: `Check its name and version, ${KEY_VARIABLE}, and LANGSMITH_WORKSPACE_ID and LANGSMITH_ENDPOINT where you need them`,
    })
  }
  const file = formatReference({ name: reference.name, version })
  // The API gives the newest first; examples that were added together have one time.
  const order = ({ created_at = '', id }: LangsmithExample) => `${created_at} ${id}`
  examples.sort((a, b) => (order(a) < order(b) ? -1 : 1))
  const copy = join(tempDir, `langsmith-${randomUUID()}.jsonl`)
  writeFileSync(copy, examples.map((example) => `${JSON.stringify(mapped(example, config, file))}\n`).join(''))
  return { path: copy, file }
}

function mapped(example: LangsmithExample, config: LangsmithConfig, file: string) {
  try {
    return mapExample(example, config)
  } catch (error) {
    throw new ConfigurationError({
      what: `The example ${example.id} of ${file} does not fit the keys of langsmith in agent-ci.yaml`,
      why: messageOf(error),
      mend: 'Write the keys that all its examples have, or leave them out',
    })
  }
}
