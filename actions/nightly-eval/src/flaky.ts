import type { Finding } from '@agent-ci/core/nightly/finding'
import type { Remembered } from '@agent-ci/core/nightly/history'
import type { Night } from '@agent-ci/core/nightly/night'
import { activeEntries, type Quarantine, updateQuarantine } from '@agent-ci/core/nightly/quarantine'
import type { NightlyResults } from '@agent-ci/core/nightly/results'
import { countOf } from '@agent-ci/reporting/numbers'
import type { NightlySettings } from './settings.ts'

/** What is found of examples that flip from night to night. They count again for nothing from the next night on. */
export interface FlakyExamples {
  readonly quarantined: NightlyResults['quarantined']
  readonly notes: readonly string[]
  /** Of each dataset that has more of them than the configuration allows; empty where it sets no limit. */
  readonly tooMany: readonly string[]
  /** What is to be remembered, from what is remembered when it is written; undefined where nothing came into quarantine. */
  readonly next: ((current: Quarantine) => Quarantine) | undefined
}

export function findFlaky(
  remembered: Pick<Remembered, 'nights' | 'quarantine'>,
  tonight: readonly Night[],
  night: string,
  findings: readonly Finding[],
  { quarantine: { owner, settings } }: Pick<NightlySettings, 'quarantine'>,
): FlakyExamples {
  const nights = [...remembered.nights, ...tonight]
  // What is not well yet would be hidden by taking its examples out.
  const unwell = new Set(
    findings.filter(({ state }) => state === 'regressed' || state === 'suspect').map(({ dataset }) => dataset),
  )
  const update = (current: Quarantine) =>
    updateQuarantine(current, nights, { night, owner: () => owner, settings, closed: unwell })
  const { next, added, refused: held, expired, gates } = update(remembered.quarantine)
  const [first] = added
  const refused = gates.filter(({ passed }) => !passed).map(({ dataset, reason }) => `${dataset}: ${reason}`)
  const back = expired.filter(({ until }) => until === night)
  return {
    quarantined: activeEntries(next, night).map(({ dataset, id, flip_rate, owner: who, until }) => ({
      dataset,
      id,
      flip_rate,
      owner: who,
      until,
    })),
    notes: [
      ...(first
        ? [
            `${countOf(added.length, 'example')} came into quarantine, until ${first.until}: they flip from night to night`,
          ]
        : []),
      ...(held > 0
        ? [
            `${countOf(held, 'flaky example')} did not come into quarantine: a regression of its dataset could hide there`,
          ]
        : []),
      ...(settings.maxShare === undefined ? refused : []),
      ...(back.length > 0 ? [`The quarantine of ${countOf(back.length, 'example')} is over: they count again`] : []),
    ],
    tooMany: settings.maxShare === undefined ? [] : refused,
    next: first && ((current) => update(current).next),
  }
}
