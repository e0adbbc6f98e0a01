import { isJsonObject, type Json, jsonEqual } from '@agent-ci/core/json'
import { join } from './json-path.ts'

/** A place in which two values differ; what one of them lacks is undefined. */
export interface Difference {
  readonly path: string
  readonly recorded: Json | undefined
  readonly asked: Json | undefined
}

/** Where two values differ, leaf by leaf. */
export function differences(recorded: Json | undefined, asked: Json | undefined, path = ''): Difference[] {
  if (recorded !== undefined && asked !== undefined) {
    if (Array.isArray(recorded) && Array.isArray(asked)) {
      const length = Math.max(recorded.length, asked.length)
      return Array.from({ length }, (_, i) => differences(recorded[i], asked[i], join(path, i))).flat()
    }
    if (isJsonObject(recorded) && isJsonObject(asked)) {
      const keys = new Set([...Object.keys(asked), ...Object.keys(recorded)])
      return [...keys].flatMap((key) => differences(recorded[key], asked[key], join(path, key)))
    }
    if (jsonEqual(recorded, asked)) return []
  }
  return recorded === asked ? [] : [{ path, recorded, asked }]
}

const SHOWN_CHARACTERS = 60
/** How much of the equal beginning of two texts is shown before the first difference. */
const CONTEXT_CHARACTERS = 20

const cut = (text: string): string => (text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text)
const show = (value: Json | undefined): string => (value === undefined ? 'nothing' : cut(JSON.stringify(value)))

/** `messages[0].content: recorded "…", asked "…"`. Long texts are shown from where they differ. */
export function formatDifference({ path, recorded, asked }: Difference): string {
  if (typeof recorded !== 'string' || typeof asked !== 'string') {
    return `${path}: recorded ${show(recorded)}, asked ${show(asked)}`
  }
  let same = 0
  while (same < recorded.length && recorded[same] === asked[same]) same++
  const from = Math.max(0, same - CONTEXT_CHARACTERS)
  const tail = (text: string) => show(`${from > 0 ? '…' : ''}${text.slice(from)}`)
  return `${path}: recorded ${tail(recorded)}, asked ${tail(asked)}`
}
