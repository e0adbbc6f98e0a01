import { createHash } from 'node:crypto'
import type { SeriesKey } from '@agent-ci/core/nightly/night'
import { keyText } from './key-text.ts'

/** A series' place on the trend page, the same in every night: what stands behind `#` in a link to it. */
export const seriesAnchor = (key: SeriesKey): string =>
  `series-${createHash('sha256').update(keyText(key)).digest('hex').slice(0, 12)}`
