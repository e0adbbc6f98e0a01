import type { NightlyResults } from '@agent-ci/core/nightly/results'
import {
  incidentsSection,
  legsSection,
  notesSections,
  quarantineSection,
  regressedSection,
  suspectSection,
  unjudgedSection,
} from '../nightly/sections.ts'
import { nightlyCounts } from '../nightly/wording.ts'
import { plain, type Section } from '../sections.ts'
import { COMMENT_STYLE } from './evaluation.ts'

/** A night for a comment, without its headline. */
export const nightlySections = (results: NightlyResults): Section[] => [
  plain(nightlyCounts(results), 1),
  ...notesSections(results),
  ...regressedSection(results, COMMENT_STYLE),
  ...suspectSection(results),
  ...unjudgedSection(results),
  ...legsSection(results, COMMENT_STYLE),
  ...incidentsSection(results, COMMENT_STYLE),
  ...quarantineSection(results),
]
