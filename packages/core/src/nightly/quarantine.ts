import * as z from 'zod'

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
