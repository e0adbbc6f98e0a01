import { formatProblem, type Problem } from '@agent-ci/core/errors'
import type { NightlyResults } from '@agent-ci/core/nightly/results'
import type { PromptResults } from '@agent-ci/core/prompt-results'
import type { Results } from '@agent-ci/core/results'
import type { RolloutTimeline } from '@agent-ci/core/rollout-timeline'
import type { Verdict } from '@agent-ci/core/verdict'
import { nightlyHeadline } from '../nightly/wording.ts'
import { promptHeadline } from '../prompts/wording.ts'
import type { Section } from '../sections.ts'
import { headline } from '../wording.ts'
import { evaluationSections } from './evaluation.ts'
import { nightlySections } from './nightly.ts'
import { promptSections } from './prompts.ts'
import { rolloutHeadline, rolloutSections } from './rollout.ts'

/** What a result file holds; the files are read by their schemas, and their texts are untrusted. */
export type ResultFile =
  | { readonly kind: 'evaluation'; readonly results: Results }
  | { readonly kind: 'prompts'; readonly results: PromptResults }
  | { readonly kind: 'nightly'; readonly results: NightlyResults }
  | { readonly kind: 'rollout'; readonly timeline: RolloutTimeline }
  | { readonly kind: 'unreadable'; readonly problem: Problem }

/** One result file as a comment shows it. */
export interface Part {
  readonly verdict: Verdict
  /** The verdict's reason, in a sentence: untrusted. */
  readonly headline: string
  readonly sections: readonly Section[]
}

/** @param transcripts whether answers of the agent and error messages are shown: a comment reaches more eyes than a report does */
export function partOf(file: ResultFile, transcripts: boolean): Part {
  switch (file.kind) {
    case 'evaluation':
      return {
        verdict: file.results.verdict,
        headline: headline(file.results),
        sections: evaluationSections(file.results, transcripts),
      }
    case 'prompts':
      return {
        verdict: file.results.verdict,
        headline: promptHeadline(file.results),
        sections: promptSections(file.results, transcripts),
      }
    case 'nightly':
      return {
        verdict: file.results.verdict,
        headline: nightlyHeadline(file.results),
        sections: nightlySections(file.results),
      }
    case 'rollout':
      return {
        verdict: file.timeline.verdict,
        headline: rolloutHeadline(file.timeline),
        sections: rolloutSections(file.timeline),
      }
    case 'unreadable':
      // Where there are no results, nothing was shown to be good.
      return { verdict: 'errored', headline: formatProblem(file.problem), sections: [] }
  }
}
