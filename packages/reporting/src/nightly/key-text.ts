import type { SeriesKey } from '@agent-ci/core/nightly/night'

/** One text for one series: two series never share theirs. */
export const keyText = ({ dataset, model, prompts, metric }: SeriesKey): string =>
  JSON.stringify([dataset, model, prompts, metric])
