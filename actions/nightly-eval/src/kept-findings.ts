import { heldDigest } from '@agent-ci/core/nightly/comparable'
import type { Detection } from '@agent-ci/core/nightly/detect'
import type { Finding } from '@agent-ci/core/nightly/finding'
import type { Confirmation, KeptFinding } from '@agent-ci/core/nightly/kept-finding'
import type { Night } from '@agent-ci/core/nightly/night'
import type { NightlyResults } from '@agent-ci/core/nightly/results'
import { seriesId } from '@agent-ci/core/nightly/series'
import type { AlertKeys } from './alerts.ts'

const TOLD: ReadonlySet<Finding['state']> = new Set(['regressed', 'suspect', 'improved'])

/** What later nights, and the page, are to know of a night: every finding that is not simply steady, and where an incident began or ended. */
export function keptFindings(
  { night, series, incidents, finished_at }: NightlyResults,
  tonight: readonly Night[],
  { lasting }: Pick<Detection, 'lasting'>,
  keys: AlertKeys,
): KeptFinding[] {
  const kinds = new Map(incidents.map(({ key, kind }) => [key, kind]))
  return series.flatMap((finding) => {
    const { dataset, model, prompts, metric, state, cause } = finding
    const kind = kinds.get(keys.of(finding))
    const incident = kind === 'trigger' ? 'opened' : kind === 'resolve' ? 'closed' : null
    if (!TOLD.has(state) && incident === null) return []
    const confirmed = lasting.get(seriesId(finding)) ?? confirmationOf(finding, night, tonight)
    return [
      { schema_version: 1, night, dataset, model, prompts, metric, state, cause, confirmed, incident, finished_at },
    ]
  })
}

function confirmationOf(
  { state, confirmed, baseline, ...key }: Finding,
  night: string,
  tonight: readonly Night[],
): Confirmation | null {
  const leg = tonight.find(
    ({ dataset, model, prompts }) => dataset === key.dataset && model === key.model && prompts === key.prompts,
  )
  if (state !== 'regressed' || !confirmed || !baseline || !leg) return null
  return { night, ...confirmed, baseline_from: baseline.from, held: heldDigest(leg) }
}
