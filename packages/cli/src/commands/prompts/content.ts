import { readFile } from 'node:fs/promises'
import { addAbortSignal } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { ConfigurationError } from '@agent-ci/core/errors'
import type { Host } from '@agent-ci/core/host'
import { isJsonObject, type JsonObject } from '@agent-ci/core/json'
import { forLog } from '@agent-ci/core/untrusted'

const MIB = 1_048_576

/** What reaches stdin until its end; an interrupted one is no content, or the first half of a prompt would be saved and used. */
async function readStdin(signal: AbortSignal): Promise<Buffer> {
  if (process.stdin.isTTY) {
    throw new ConfigurationError({
      what: 'There is no content',
      why: 'It comes from --file, or on stdin, which is a terminal here',
      mend: 'Write agent-ci prompts save <name> --file prompt.md',
    })
  }
  const bytes = await buffer(addAbortSignal(signal, process.stdin)).catch((error: unknown) => {
    if (!signal.aborted) throw error
  })
  if (bytes !== undefined && !signal.aborted) return bytes
  throw new ConfigurationError({
    what: 'Nothing was saved',
    why: 'It was interrupted before the content had ended',
    mend: 'Run it again',
  })
}

/**
 * The content to save: from `--file`, or on stdin without it.
 *
 * @throws {ConfigurationError} for what is empty, larger than 1 MiB or not UTF-8
 */
export async function readContent(host: Host): Promise<string> {
  const file = host.input('file')
  const bytes = file === '' ? await readStdin(host.signal) : await readFile(file)
  const refuse = (what: string, mend: string) =>
    new ConfigurationError({
      what: `${file === '' ? 'stdin' : file} ${what}`,
      why: 'A prompt is UTF-8 text of at most 1 MiB, and a saved version is in use at once',
      mend,
    })
  if (bytes.length > MIB) throw refuse(`holds ${bytes.length} bytes`, 'Save the prompt alone')
  let content: string
  try {
    content = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw refuse('is not UTF-8', 'Save it as UTF-8')
  }
  if (content.trim() === '') throw refuse('is empty', 'Write the prompt into it')
  return content
}

/** @throws {ConfigurationError} for anything but a JSON object */
export function parseMetadata(text: string): JsonObject {
  let value: unknown
  try {
    value = text === '' ? {} : JSON.parse(text)
  } catch {
    value = undefined
  }
  if (isJsonObject(value)) return value
  throw new ConfigurationError({
    what: `--metadata is ${forLog(text, 100)}`,
    why: 'Expected a JSON object',
    mend: `Write for example --metadata '{"author":"Ada"}'`,
  })
}

const forTerminal = (content: string): string =>
  content
    .replace(/\r?\n$/, '')
    .split(/\r?\n/)
    .map((line) => `${forLog(line, Number.POSITIVE_INFINITY)}\n`)
    .join('')

/** Byte for byte for a pipe or a file. A terminal would obey control sequences in it. */
export function printContent(content: string): void {
  process.stdout.write(process.stdout.isTTY ? forTerminal(content) : content)
}
