import type { Example } from '@agent-ci/core/example'
import type { Lost } from './foreign.ts'

type Field = 'expected_tools' | 'trajectory' | 'tags' | 'critical' | 'group' | 'scorers' | 'metadata'

const isSet: Readonly<Record<Field, (example: Example) => boolean>> = {
  expected_tools: ({ expectedTools }) => expectedTools !== undefined,
  trajectory: ({ trajectory }) => trajectory !== undefined,
  tags: ({ tags }) => tags.length > 0,
  critical: ({ critical }) => critical,
  group: ({ group }) => group !== undefined,
  scorers: ({ scorers }) => scorers !== undefined,
  metadata: ({ metadata }) => metadata !== undefined && Object.keys(metadata).length > 0,
}

/** Names every field of an example that the other side has no place for. `places` says where else it stands there. */
export function tellLosses(
  example: Example,
  lost: Lost,
  kept: readonly Field[],
  record: string,
  places: Readonly<Partial<Record<Field, string>>> = {},
): void {
  for (const field of Object.keys(isSet) as Field[]) {
    if (!kept.includes(field) && isSet[field](example)) {
      lost(field, example, places[field] ?? `${record} has no place for it`)
    }
  }
}
