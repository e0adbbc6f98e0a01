import type { RolloutTimeline } from '@agent-ci/core/rollout-timeline'
import { changesSection, metricsSection, rolloutFacts, stepsSection } from '../rollout/summary.ts'
import { outcomeWords } from '../rollout/wording.ts'
import type { Section } from '../sections.ts'
import { plain } from './evaluation.ts'

/** `support in production rolled back at 25 %: error rate 8.1 % …`. May quote names: untrusted. */
export const rolloutHeadline = (timeline: RolloutTimeline): string =>
  `${timeline.app} in ${timeline.environment} ${outcomeWords(timeline)}: ${timeline.reason}`

/** A rollout for a comment, without its headline. */
export const rolloutSections = (timeline: RolloutTimeline): Section[] => [
  plain(rolloutFacts(timeline), 1),
  stepsSection(timeline, '####'),
  ...metricsSection(timeline, '####'),
  ...changesSection(timeline, '####'),
]
