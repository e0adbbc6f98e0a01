import * as z from 'zod'
import { type Alert, isWorse, SEVERITIES } from './alert.ts'

/** The incidents that people were told of and that are not over: what is kept from one run to the next. */
export const incidentsSchema = z.object({
  schema_version: z.literal(1),
  open: z.array(
    z.object({
      key: z.string(),
      severity: z.enum(SEVERITIES),
      title: z.string(),
      since: z.string(),
      last_seen: z.string(),
    }),
  ),
})

export type Incidents = z.infer<typeof incidentsSchema>
type Incident = Incidents['open'][number]

export const NO_INCIDENTS: Incidents = { schema_version: 1, open: [] }

/** What this run saw. */
export interface Observed {
  /** ISO 8601. */
  readonly at: string
  readonly firing: readonly Omit<Alert, 'kind'>[]
  /** The keys that were measured and are well. A key in neither list was not measured: its incident stays open, silently. */
  readonly healthy: readonly string[]
}

/**
 * Which alerts to send so that people are told once per incident, again when it gets worse, and when it is over. Pure: keep `next` for
 * the following run.
 */
export function incidents(
  previous: Incidents,
  { at, firing, healthy }: Observed,
): { alerts: Alert[]; next: Incidents } {
  const alerts: Alert[] = []
  const open = byKey(previous)
  for (const alert of worstByKey(firing)) {
    const known = open.get(alert.key)
    if (!known || isWorse(alert.severity, known.severity)) alerts.push({ ...alert, kind: 'trigger' })
    open.set(alert.key, {
      key: alert.key,
      // It does not fall until the incident is over, else a severity that wavers would tell people again and again.
      severity: known && !isWorse(alert.severity, known.severity) ? known.severity : alert.severity,
      title: alert.title,
      since: known?.since ?? at,
      last_seen: at,
    })
  }
  const stillFiring = new Set(firing.map(({ key }) => key))
  for (const key of new Set(healthy)) {
    const known = open.get(key)
    if (!known || stillFiring.has(key)) continue
    alerts.push(resolved(known, at))
    open.delete(key)
  }
  return { alerts, next: { schema_version: 1, open: [...open.values()] } }
}

const byKey = ({ open }: Incidents) => new Map<string, Incident>(open.map((incident) => [incident.key, incident]))

function worstByKey(firing: Observed['firing']): Omit<Alert, 'kind'>[] {
  const worst = new Map<string, Omit<Alert, 'kind'>>()
  for (const alert of firing) {
    const known = worst.get(alert.key)
    if (!known || isWorse(alert.severity, known.severity)) worst.set(alert.key, alert)
  }
  return [...worst.values()]
}

const resolved = ({ key, severity, title, since, last_seen }: Incident, at: string): Alert => ({
  key,
  kind: 'resolve',
  severity,
  title,
  text: 'It is well again.',
  facts: [
    { name: 'Since', value: since },
    { name: 'Last seen', value: last_seen },
  ],
  links: [],
  at,
})

/**
 * The state to keep where some alerts reached nobody: their incidents are as they were before, so that the next run tells of them.
 * @param untold the keys of those alerts
 */
export function withoutUntold(previous: Incidents, next: Incidents, untold: readonly string[]): Incidents {
  const open = byKey(next)
  const known = byKey(previous)
  for (const key of untold) {
    const before = known.get(key)
    if (before) open.set(key, before)
    else open.delete(key)
  }
  return { schema_version: 1, open: [...open.values()] }
}
