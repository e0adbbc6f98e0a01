import type { Progress } from '@agent-ci/core/host'
import { formatDuration, formatUsd } from './numbers.ts'

/** How far a run is, in one line: `412/1000 (41 %) · 389 passed, 20 failed, 3 errored · 48/s · $0.12 · 12 s left`. */
export function renderProgressLine(progress: Progress): string {
  const { planned, passed, failed, errored, costUsd, elapsedMs, resumed } = progress
  const ended = passed + failed + errored
  const perMs = elapsedMs > 0 ? (ended - resumed) / elapsedMs : 0
  const parts = [
    `${ended}/${planned} (${Math.floor((100 * ended) / planned)} %)`,
    `${passed} passed, ${failed} failed${errored > 0 ? `, ${errored} errored` : ''}`,
    ...(perMs > 0 ? [`${(perMs * 1_000).toPrecision(2).replace(/e.*/, '')}/s`] : []),
    ...(costUsd === undefined ? [] : [formatUsd(costUsd)]),
    ...(perMs > 0 && ended < planned ? [`${formatDuration((planned - ended) / perMs)} left`] : []),
  ]
  return parts.join(' · ')
}
