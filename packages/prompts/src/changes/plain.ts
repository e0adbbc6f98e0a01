import { ConfigurationError } from '@agent-ci/core/errors'
import { formatOf } from '../files/format.ts'
import { promptFromText, readPromptFile } from '../files/prompt-file.ts'
import { compareVariables } from '../variables/variables.ts'
import type { Ignored } from './entries.ts'
import type { PromptChange, PromptSide } from './prompt-changes.ts'
import type { BlobText } from './texts.ts'

/** A base that is not in its format is compared as text: the change may be what mends it. */
async function baseSide(path: string, text: string): Promise<PromptSide> {
  try {
    return { prompt: await readPromptFile(path, text) }
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error
    return { prompt: promptFromText(path, text) }
  }
}

/**
 * What changed of a prompt that is a file; ignored is what is no text on either side.
 *
 * @param basePath where base has the file
 * @throws {ConfigurationError} when the candidate's file cannot be read as what its name says
 */
export async function plainChange(
  basePath: string,
  before: BlobText | undefined,
  path: string,
  after: BlobText | undefined,
): Promise<PromptChange | Ignored> {
  const base = before?.kind === 'text' ? await baseSide(basePath, before.text) : undefined
  if (after?.kind === 'unreadable') {
    if (formatOf(path).kind === 'other' && !base) return { path, reason: after.reason }
    // Ignored, a prompt would go untested for one odd byte in it.
    throw new ConfigurationError({
      what: `The prompt cannot be read: it is ${after.reason}`,
      why: 'A prompt is UTF-8 text of at most 1 MiB',
      mend: `Save it as text, or exclude it from prompts with ${JSON.stringify(`!${path}`)}`,
      source: { file: path, line: 1 },
    })
  }
  if (after) {
    const head: PromptSide = { prompt: await readPromptFile(path, after.text) }
    if (!base) return { kind: 'added', path, head }
    const variables = compareVariables(base.prompt.variables, head.prompt.variables)
    return { kind: path === basePath ? 'modified' : 'renamed', path, base, head, variables }
  }
  if (base) return { kind: 'deleted', path, base }
  return { path, reason: before?.kind === 'unreadable' ? before.reason : 'in neither of the two commits' }
}
