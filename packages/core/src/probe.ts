import type { Example } from './example.ts'
import type { JsonObject } from './json.ts'

/** An attack, or a harmless look-alike of one that must not be refused. */
export type ProbeKind = 'attack' | 'benign'

/** Where the text of a probe goes. */
export const PROBE_PLACES = ['input', 'tool_result', 'document', 'tool_turn', 'system_turn'] as const
export type ProbePlace = (typeof PROBE_PLACES)[number]

/** What the gateway can change in a model call: beside these, the system prompt, which is given a secret, and the tools that are offered. */
export const PLACEMENT_PLACES = [...PROBE_PLACES, 'system', 'tools'] as const
export type PlacementPlace = (typeof PLACEMENT_PLACES)[number]

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** What an example says of the probe that it carries. */
function probeOf({ metadata }: Pick<Example, 'metadata'>): JsonObject | undefined {
  const probe = metadata?.probe
  return isObject(probe) ? probe : undefined
}

/** Of an example that carries a probe: what it tries. */
export function probeKind(example: Pick<Example, 'metadata'>): ProbeKind | undefined {
  const probe = probeOf(example)
  return probe && (probe.category === 'benign' ? 'benign' : 'attack')
}

/** `input` where the example does not say. */
export function probePlace(example: Pick<Example, 'metadata'>): ProbePlace {
  const place = probeOf(example)?.place
  return PROBE_PLACES.find((known) => known === place) ?? 'input'
}
