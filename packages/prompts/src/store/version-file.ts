import { ConfigurationError } from '@agent-ci/core/errors'
import { isJsonObject, type JsonObject } from '@agent-ci/core/json'
import { type PromptVersion, promptHash } from '@agent-ci/core/prompt'
import * as z from 'zod'

const versionFileSchema = z.object({
  version: z.string(),
  content: z.string(),
  hash: z.string(),
  created_at: z.string(),
  /** The guide's class writes null where it was given none. */
  metadata: z.record(z.string(), z.json()).nullish(),
})
const pointerSchema = z.object({ version: z.string() })

/**
 * JSON in ASCII, because the guide's class reads files in the encoding of its locale.
 * Indented by two spaces, so that our files and its are alike.
 */
const asciiJson = (value: JsonObject): string =>
  JSON.stringify(value, null, 2).replaceAll(
    /[\u007f-\uffff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )

export const formatVersionFile = ({ version, content, hash, createdAt, metadata }: PromptVersion): string =>
  `${asciiJson({ version, content, hash, created_at: createdAt, metadata })}\n`

export const formatPointer = (version: string): string => `${asciiJson({ version })}\n`

function refuse(file: string, what: string, mend: string): never {
  throw new ConfigurationError({
    what: `${file} ${what}`,
    why: 'A prompt store holds versions as they were saved, and latest.json names one of them',
    mend,
    source: { file, line: 1 },
  })
}

function parseJson(text: string, file: string): JsonObject {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    refuse(file, `is not JSON: ${(error as Error).message}`, 'Restore the file from git')
  }
  return isJsonObject(value) ? value : refuse(file, 'is not a JSON object', 'Restore the file from git')
}

/** The version that a `latest.json` names, or undefined when the text is no pointer. */
export function pointedVersion(text: string): string | undefined {
  try {
    return pointerSchema.safeParse(JSON.parse(text)).data?.version
  } catch {
    return undefined
  }
}

/** @throws {ConfigurationError} when the text is no pointer */
export const parsePointer = (text: string, file: string): string =>
  pointedVersion(text) ??
  refuse(file, 'names no version', 'Write {"version": "v…"}, or run agent-ci prompts use <name> <version>')

/**
 * A saved version, whose file must be named after it and whose content must have the hash that it was saved with.
 *
 * @throws {ConfigurationError} when the file is damaged or was edited in place
 */
export function parseVersionFile(text: string, file: string, name: string, version: string): PromptVersion {
  const parsed = versionFileSchema.safeParse(parseJson(text, file))
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    refuse(file, `has no valid "${issue?.path.join('.')}": ${issue?.message}`, 'Restore the file from git')
  }
  const { data } = parsed
  if (data.version !== version)
    refuse(file, `says that it is ${JSON.stringify(data.version)}`, 'Restore the file from git')
  const hash = promptHash(data.content)
  if (data.hash !== hash) {
    refuse(
      file,
      `was changed after it was saved: its hash is ${JSON.stringify(data.hash)}, its content has ${hash}`,
      'Restore the file from git, and save changed content as a new version: agent-ci prompts save',
    )
  }
  return { name, version, content: data.content, hash, createdAt: data.created_at, metadata: data.metadata ?? {} }
}
