import { readFileSync } from 'node:fs'
import { extname, relative, sep } from 'node:path'
import { ConfigurationError, type Source } from '@agent-ci/core/errors'
import { isJsonObject } from '@agent-ci/core/json'
import { filesOf } from './glob.ts'
import { readRecords, readYamlFile } from './located.ts'
import type { Unmapped } from './unmapped.ts'

export interface Prompt {
  /** What tests name it by. */
  readonly label: string
  readonly id?: string
  readonly text: string
}

const CODE = /\.(?:js|cjs|mjs|ts|cts|mts|py|rb|go|sh|bash|exe|bat|cmd|ps1|pl)(?::\w+)?$/
const FILE = /\.(?:txt|md|json|jsonl|ya?ml|csv|j2)$/
const REMOTE = /^(?:portkey|langfuse|helicone):\/\//

const isPath = (raw: string): boolean =>
  !raw.includes('\n') && !/\{\{/.test(raw) && (raw.startsWith('file://') || FILE.test(raw) || CODE.test(raw))

/** The prompts in a file: a text file has several between lines of `---`. */
function textsOf(path: string, file: string, source: Source): string[] {
  const text = () => readFileSync(path, 'utf8')
  switch (extname(path).toLowerCase()) {
    case '.txt':
      return text()
        .split(/^[ \t]*---[ \t]*\r?$/m)
        .map((part) => part.trim())
        .filter((part) => part !== '')
    case '.jsonl':
      return text()
        .split(/\r?\n/)
        .filter((line) => line !== '')
    case '.csv': {
      const { records } = readRecords(path, file, source)
      const prompts = records.flatMap(({ value }) =>
        isJsonObject(value) && typeof value.prompt === 'string' ? [value.prompt] : [],
      )
      return prompts.length > 0
        ? prompts
        : text()
            .split(/\r?\n/)
            .filter((line) => line.trim() !== '')
    }
    case '.yaml':
    case '.yml':
      return [JSON.stringify(readYamlFile(path, file, source).value)]
    default:
      return [text()]
  }
}

interface Given {
  readonly raw: string
  readonly label?: string
  readonly id?: string
}

/** `a text`, `{raw, label, id}`, or `{id: file://…}`; undefined for anything else. */
function given(value: unknown): Given | undefined {
  if (typeof value === 'string') return { raw: value }
  if (!isJsonObject(value)) return undefined
  const raw = value.raw ?? value.id
  if (typeof raw !== 'string') return undefined
  return {
    raw,
    ...(typeof value.label === 'string' && { label: value.label }),
    ...(typeof value.id === 'string' && { id: value.id }),
  }
}

/** The prompts of a configuration; those that are code are told of. */
export function readPrompts(
  value: unknown,
  directory: string,
  cwd: string,
  sourceOf: (path: readonly (string | number)[]) => Source,
  unmapped: Unmapped,
): Prompt[] {
  const isMap = isJsonObject(value)
  const list: readonly unknown[] = isMap
    ? Object.entries(value).map(([raw, label]) => ({ raw, label }))
    : Array.isArray(value)
      ? value
      : [value]
  return list.flatMap((item, i) => {
    const source = sourceOf(Array.isArray(value) ? ['prompts', i] : ['prompts'])
    const one = given(item)
    if (one === undefined || one.raw.trim() === '') {
      throw new ConfigurationError({
        what: `prompts[${i}] is no prompt`,
        why: 'Expected a text, file://… or {label, raw}',
        mend: "Write for example - 'Answer: {{question}}'",
        source,
      })
    }
    const { raw, label, id } = one
    const named = { ...(id !== undefined && { id }) }
    if (raw.startsWith('exec:') || (isPath(raw) && CODE.test(raw)) || REMOTE.test(raw)) {
      unmapped(
        `prompt ${raw}`,
        source,
        REMOTE.test(raw) ? 'It is kept by a service' : 'It is made by code: write the prompt as a text file',
      )
      return []
    }
    if (!isPath(raw) && !/^[^\s{}]*\*[^\s{}]*$/.test(raw)) return [{ label: label ?? raw, text: raw, ...named }]
    const path = raw.replace(/^file:\/\//, '')
    const files = filesOf(path, directory)
    if (files.length === 0) {
      throw new ConfigurationError({
        what: `The prompt ${raw} names no file`,
        why: 'Expected a path relative to the configuration',
        mend: 'Correct the path',
        source,
      })
    }
    return files.flatMap((found) => {
      const file = relative(cwd, found).replaceAll(sep, '/')
      const texts = textsOf(found, file, source)
      return texts.map((text, n) => ({
        label: label ?? (texts.length > 1 ? `${path} ${n + 1}` : path),
        text,
        ...named,
      }))
    })
  })
}
