import { pinBaseline } from './baseline.ts'
import { DETECTOR_DEFAULTS } from './detector-settings.ts'
import { FINDINGS, type HistoryFile, NIGHTS, readHistory } from './history-files.ts'
import type { Night } from './night.ts'
import { seriesOf } from './series.ts'

/**
 * The files of nights and of findings that may go: every line can be read and is of a night before the one given, and none is a night of a baseline that is
 * still looked at. Else the age of a baseline would move it, which only a blessing may.
 */
export function outdatedFiles(files: readonly HistoryFile[], before: string): string[] {
  const { nights, blessings } = readHistory(files, (path) => path)
  const metrics = [...new Set(nights.flatMap((night) => Object.keys(night.metrics)))]
  const pinned = new Set<string>()
  for (const series of seriesOf(nights, { metrics })) {
    const last = series.points.findLast(({ value }) => value !== null)
    if (!last || last.night < before) continue
    const baseline = pinBaseline(series, '9999-12-31', blessings, DETECTOR_DEFAULTS)
    for (const { night } of baseline.nights)
      pinned.add(JSON.stringify([series.key.dataset, series.key.model, series.key.prompts, night]))
  }
  const isPinned = ({ dataset, model, prompts, night }: Night) =>
    pinned.has(JSON.stringify([dataset, model, prompts, night]))
  return files
    .filter((file) => {
      if (!file.path.startsWith(NIGHTS) && !file.path.startsWith(FINDINGS)) return false
      const { nights: own, findings, problems } = readHistory([file], (path) => path)
      return (
        problems.length === 0 &&
        own.every((night) => night.night < before && !isPinned(night)) &&
        findings.every(({ night }) => night < before)
      )
    })
    .map(({ path }) => path)
    .sort()
}
