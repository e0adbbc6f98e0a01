import { isJsonObject } from '@agent-ci/core/json'
import { forLog } from '@agent-ci/core/untrusted'
import type * as z from 'zod'
import { describeValue, formatPath } from '../field-check.ts'
import type { Path } from '../raw-example.ts'
import type { ForeignFile, RawRecord } from './foreign.ts'

const valueAt = (value: unknown, path: Path): unknown =>
  path.reduce<unknown>(
    (inner, key) =>
      typeof inner === 'object' && inner !== null && Object.hasOwn(inner, key)
        ? (inner as Record<PropertyKey, unknown>)[key]
        : undefined,
    value,
  )

/** What a record holds, by a schema; undefined where something was refused. `mend` says what to write instead. */
export function readFields<T>(
  schema: z.ZodType<T>,
  record: RawRecord,
  from: ForeignFile,
  mend: string,
  at: Path = [],
): T | undefined {
  const parsed = schema.safeParse(valueAt(record.value, at))
  if (parsed.success) return parsed.data
  for (const { path, message } of parsed.error.issues) {
    const place: Path = [...at, ...path.map((key) => (typeof key === 'number' ? key : String(key)))]
    const found = describeValue(valueAt(record.value, place))
    from.report(() => ({
      what: `${place.length === 0 ? 'The record' : formatPath(place)} is ${found}`,
      why: forLog(message, 200),
      mend,
      source: { file: from.file, line: record.lineOf(place) },
    }))
  }
  return undefined
}

/** The keys of a record that a format does not know. */
export const otherKeys = (value: unknown, known: readonly string[]): readonly string[] =>
  isJsonObject(value) ? Object.keys(value).filter((key) => !known.includes(key)) : []
