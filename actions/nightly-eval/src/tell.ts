import type { Host } from '@agent-ci/core/host'
import type { Json } from '@agent-ci/core/json'
import { blessingOf } from '@agent-ci/core/nightly/blessing'
import type { Remembered } from '@agent-ci/core/nightly/history'
import type { SeriesKey } from '@agent-ci/core/nightly/night'
import type { NightlyResults } from '@agent-ci/core/nightly/results'
import { issueTracker } from '@agent-ci/github/issue-tracker'
import { openOctokit } from '@agent-ci/github/octokit'
import { type Incidents, incidents, incidentsSchema, NO_INCIDENTS, withoutUntold } from '@agent-ci/notify/incidents'
import { notify, untoldKeys } from '@agent-ci/notify/notify'
import { alertKeys, observe } from './alerts.ts'
import type { NightlySettings } from './settings.ts'

/** What became of a night's alerts. */
export interface Told {
  /** For the results. */
  readonly incidents: NightlyResults['incidents']
  /** What is to be remembered, from what is remembered when it is written; undefined where nothing was or is open. */
  readonly next: ((current: Json | undefined) => Json) | undefined
  /** The first issue that was opened, updated or closed. */
  readonly issueNumber: number | undefined
}

/**
 * Tells people of what began or ended tonight, once an incident. An alert that nobody took is a warning, and is sent again the next
 * night; nothing else is lost by it.
 */
export async function tell(
  results: NightlyResults,
  remembered: Pick<Remembered, 'incidents' | 'blessings'>,
  { targets, githubToken, trendUrl }: Pick<NightlySettings, 'targets' | 'githubToken' | 'trendUrl'>,
  repository: string | undefined,
  host: Host,
): Promise<Told> {
  const keys = alertKeys(repository)
  const previous = readIncidents(remembered.incidents, host)
  const since = new Map(previous.open.map((incident) => [incident.key, incident.since]))
  const blessed = (series: SeriesKey) => {
    const blessing = blessingOf(remembered.blessings, series)
    const began = since.get(keys.of(series))
    return blessing !== undefined && began !== undefined && blessing.at > began
  }
  const observed = observe(results, keys, blessed, trendUrl)
  const { alerts, next } = incidents(previous, observed)
  const open = () => openOctokit(githubToken, host)
  const issues = githubToken !== '' && repository !== undefined ? { issues: issueTracker(open, repository) } : {}
  const deliveries = await notify(alerts, targets, host, issues)
  const untold = untoldKeys(deliveries)
  const told = new Map(alerts.map(({ key, kind }) => [key, kind]))
  const resolved = previous.open.filter(({ key }) => told.get(key) === 'resolve')
  const remember = (current: Json | undefined): Json => {
    const before = readIncidents(current, host)
    return withoutUntold(before, incidents(before, observed).next, untold)
  }
  return {
    incidents: [
      ...next.open.map(({ key, title, since: began }) => ({
        key,
        title,
        since: began,
        kind: told.get(key) ?? ('open' as const),
      })),
      ...resolved.map(({ key, title, since: began }) => ({ key, title, since: began, kind: 'resolve' as const })),
    ],
    next: previous.open.length + next.open.length === 0 ? undefined : remember,
    issueNumber: deliveries.find(({ issueNumber }) => issueNumber !== undefined)?.issueNumber,
  }
}

/** Tells by its key whether people were told of an incident that is not over. */
export function openIncidents(
  { incidents: kept }: Pick<Remembered, 'incidents'>,
  host: Pick<Host, 'warn'>,
): (key: string) => boolean {
  const keys = new Set(readIncidents(kept, host).open.map(({ key }) => key))
  return (key) => keys.has(key)
}

/** A damaged state begins anew: people are told once too often rather than not at all. */
function readIncidents(kept: Json | undefined, host: Pick<Host, 'warn'>): Incidents {
  if (kept === undefined) return NO_INCIDENTS
  const parsed = incidentsSchema.safeParse(kept)
  if (parsed.success) return parsed.data
  host.warn('History', 'The open incidents in the history cannot be read: they begin anew')
  return NO_INCIDENTS
}
