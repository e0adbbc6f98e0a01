import { type ScorerConfig, type ScorerType, scorerEntrySchema, scorerSchemas } from '@agent-ci/core/config/scorers'
import { suggestName } from '@agent-ci/core/nearest'
import { forLog } from '@agent-ci/core/untrusted'
import { describeValue, formatPath, type Refuse } from './field-check.ts'

/** Examples usually share a few overrides. */
const MOST_KNOWN = 1_000
const MEND = 'Write for example "scorers": ["exact"], or [{"type": "contains", "value": "refund"}]'

const memberOf = (value: unknown, key: PropertyKey): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Record<PropertyKey, unknown>)[key]
    : undefined

/** Checks the `scorers` of examples, each distinct entry once. */
export class ScorerOverrides {
  private readonly known = new Map<string, ScorerConfig>()

  /** What was refused is left out. */
  read(entries: readonly unknown[], refuse: Refuse): readonly ScorerConfig[] {
    if (entries.length === 0) {
      refuse(['scorers'], 'scorers is an empty list', 'Nothing would be judged', 'Name a scorer, or leave the key out')
    }
    return entries.flatMap((entry, i) => this.readEntry(entry, i, refuse) ?? [])
  }

  private readEntry(entry: unknown, index: number, refuse: Refuse): ScorerConfig | undefined {
    const text = JSON.stringify(entry)
    const known = this.known.get(text)
    if (known) return known
    const type = typeof entry === 'string' ? entry : memberOf(entry, 'type')
    if (typeof type !== 'string' || !Object.hasOwn(scorerSchemas, type)) {
      const path = type === entry || type === undefined ? ['scorers', index] : ['scorers', index, 'type']
      refuse(
        path,
        `${formatPath(path)} is ${describeValue(type ?? entry)}`,
        'Expected the name of a scorer, or an object with its type',
        typeof type === 'string' ? suggestName(type, Object.keys(scorerSchemas)) : MEND,
      )
      return undefined
    }
    const parsed = scorerEntrySchema.safeParse(entry)
    if (!parsed.success) {
      for (const issue of parsed.error.issues) {
        const inner = issue.path.map((key) => (typeof key === 'number' ? key : String(key)))
        const path = ['scorers', index, ...inner]
        const known = Object.keys(scorerSchemas[type as ScorerType].shape)
        const mend = issue.code === 'unrecognized_keys' ? suggestName(issue.keys[0] ?? '', known) : MEND
        refuse(
          path,
          `${formatPath(path)} is ${describeValue(inner.reduce(memberOf, entry))}`,
          forLog(issue.message, 200),
          mend,
        )
      }
      return undefined
    }
    if (this.known.size < MOST_KNOWN) this.known.set(text, parsed.data)
    return parsed.data
  }
}
