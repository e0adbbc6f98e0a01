import { blessingOf } from '@agent-ci/core/nightly/blessing'
import { detect } from '@agent-ci/core/nightly/detect'
import type { Finding } from '@agent-ci/core/nightly/finding'
import type { Remembered } from '@agent-ci/core/nightly/history'
import { seriesOf } from '@agent-ci/core/nightly/series'
import { forLog } from '@agent-ci/core/untrusted'
import { alignColumns } from '@agent-ci/reporting/columns'
import { formatValue } from '@agent-ci/reporting/numbers'

const short = (text: string | null): string => (text === null ? '-' : forLog(text, 60))

/** What the last night says of each series; nothing is run again, so that what is flagged stays `suspect`. */
export function findingsOf({ nights, blessings }: Remembered): { night: string; findings: readonly Finding[] } {
  const night = nights.at(-1)?.night ?? ''
  return { night, findings: detect(seriesOf(nights), { night, blessings }).findings }
}

/** One line for each series: its pinned nights, and since when. */
export function baselineTable(remembered: Remembered, findings: readonly Finding[]): string[] {
  const rows = findings.map((finding) => {
    const { dataset, model, prompts, metric, unit, baseline, state } = finding
    const blessing = blessingOf(remembered.blessings, finding)
    return [
      short(dataset),
      short(model),
      short(prompts),
      short(metric),
      state,
      baseline ? `${formatValue(baseline.mean, unit)} ± ${formatValue(baseline.sd, unit)}` : '-',
      baseline ? `${baseline.from} … ${baseline.to} (${baseline.nights})` : '-',
      blessing ? `run ${short(blessing.run)} by ${short(blessing.by)}` : 'the first nights',
    ]
  })
  return alignColumns([['dataset', 'model', 'prompts', 'metric', 'state', 'baseline', 'nights', 'since'], ...rows])
}

/** Every blessing of a dataset, and what its series say in sentences. */
export function baselineStory(remembered: Remembered, findings: readonly Finding[], dataset: string): string[] {
  const blessings = remembered.blessings.filter((blessing) => [dataset, '*'].includes(blessing.dataset))
  return [
    ...blessings.map(
      ({ at, by, run, night, model, reason }) =>
        `${at.slice(0, 10)}: ${short(by)} blessed run ${short(run)} of ${night}${model === '*' ? '' : ` for ${short(model)}`}: ${forLog(reason, 500)}`,
    ),
    ...findings
      .filter((finding) => finding.dataset === dataset)
      .map(
        ({ model, prompts, metric, state, reason }) =>
          `${[model, prompts]
            .filter((part) => part !== null)
            .map(short)
            .join(
              ', ',
            )}${model === null && prompts === null ? '' : ': '}${short(metric)} is ${state}${reason === '' ? '' : `: ${forLog(reason, 1_000)}`}`,
      ),
  ]
}
