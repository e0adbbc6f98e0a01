import * as z from 'zod'
import { groupBy } from '../group-by.ts'
import { type FlakySettings, flakyExamples } from './flaky.ts'
import type { Night } from './night.ts'

/** `quarantine.json` of the history: examples that flip from night to night. They inform and do not block, until they expire. */
export const quarantineSchema = z.object({
  schema_version: z.literal(1),
  entries: z.array(
    z.object({
      dataset: z.string(),
      id: z.string(),
      /** The chance that two nights in a row disagree; 0.5 is a coin. */
      flip_rate: z.number().min(0).max(1),
      /** Who mends it. */
      owner: z.string().nullable(),
      since: z.iso.date(),
      /** The first night on which it blocks again. */
      until: z.iso.date(),
    }),
  ),
})

export type Quarantine = z.infer<typeof quarantineSchema>
export type QuarantineEntry = Quarantine['entries'][number]

export const NO_QUARANTINE: Quarantine = { schema_version: 1, entries: [] }

/** The entries that hold on a night. */
export const activeEntries = ({ entries }: Quarantine, night: string): QuarantineEntry[] =>
  entries.filter(({ since, until }) => since <= night && night < until)

/** The examples that do not count on a night, by dataset: what `seriesOf` and `confirm` leave out. */
export function quarantinedExamples(quarantine: Quarantine, night: string): Map<string, Set<string>> {
  const examples = groupBy(activeEntries(quarantine, night), ({ dataset }) => dataset)
  return new Map([...examples].map(([dataset, entries]) => [dataset, new Set(entries.map(({ id }) => id))]))
}

export interface QuarantineSettings extends FlakySettings {
  /** How long an entry holds. */
  readonly days: number
  /** The largest share of a dataset's examples that may be quarantined. */
  readonly maxShare: number
}

export const QUARANTINE_DEFAULTS: QuarantineSettings = { flipRate: 0.2, leastPairs: 7, days: 30, maxShare: 0.1 }

/** Whether a dataset has too many flaky examples to be trusted. */
export interface QuarantineGate {
  readonly dataset: string
  readonly passed: boolean
  readonly reason: string
}

export interface QuarantineUpdate {
  readonly next: Quarantine
  readonly added: readonly QuarantineEntry[]
  /** How many were kept out because their dataset is closed. */
  readonly refused: number
  /** Those that held once, and block again. */
  readonly expired: readonly QuarantineEntry[]
  /** One for each dataset of the nights. */
  readonly gates: readonly QuarantineGate[]
}

const dayAfter = (night: string, days: number): string =>
  new Date(Date.parse(`${night}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10)

/**
 * Puts flaky examples into quarantine, the worst first, as many as are allowed. An example whose entry has expired blocks again, and comes
 * back only for what it did since. Pure.
 */
export function updateQuarantine(
  current: Quarantine,
  nights: readonly Night[],
  {
    night,
    owner = () => null,
    settings: given = {},
    closed = new Set(),
  }: {
    readonly night: string
    readonly owner?: (dataset: string, id: string) => string | null
    readonly settings?: Partial<QuarantineSettings>
    /** Datasets that nothing more is taken from. */
    readonly closed?: ReadonlySet<string>
  },
): QuarantineUpdate {
  const settings = { ...QUARANTINE_DEFAULTS, ...given }
  const idOf = (dataset: string, id: string) => JSON.stringify([dataset, id])
  const known = new Map(current.entries.map((entry) => [idOf(entry.dataset, entry.id), entry]))
  const flaky = flakyExamples(nights, settings, (dataset, id) => known.get(idOf(dataset, id))?.until)
  const added: QuarantineEntry[] = []
  const gates: QuarantineGate[] = []
  let refused = 0
  for (const [dataset, runs] of groupBy(nights, (each) => each.dataset)) {
    const { examples } = runs.reduce((last, each) => (each.night >= last.night ? each : last))
    const active = activeEntries(current, night).filter((entry) => entry.dataset === dataset)
    const candidates = flaky.filter((one) => one.dataset === dataset && !active.some(({ id }) => id === one.id))
    const most = Math.floor(settings.maxShare * examples)
    const room = Math.max(0, most - active.length)
    const taken = closed.has(dataset) ? [] : candidates.slice(0, room)
    if (closed.has(dataset)) refused += Math.min(room, candidates.length)
    for (const { id, rate } of taken) {
      const entry = { dataset, id, flip_rate: rate, owner: owner(dataset, id), since: night }
      added.push({ ...entry, until: dayAfter(night, settings.days) })
    }
    gates.push(gateOf(dataset, active.length + candidates.length, most, examples))
  }
  const replaced = new Set(added.map(({ dataset, id }) => idOf(dataset, id)))
  const kept = current.entries.filter(({ dataset, id }) => !replaced.has(idOf(dataset, id)))
  const expired = kept.filter(({ until }) => until <= night)
  return { next: { schema_version: 1, entries: [...kept, ...added] }, added, refused, expired, gates }
}

function gateOf(dataset: string, flaky: number, most: number, examples: number): QuarantineGate {
  const passed = flaky <= most
  const sentence = `${flaky} of ${examples} examples flip from night to night though nothing was changed; ${most} may be quarantined`
  return { dataset, passed, reason: passed ? sentence : `${sentence}: mend the examples, the scorer or the agent` }
}
