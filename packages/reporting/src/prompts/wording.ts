import type { ChangedPrompt, PromptResults, RegressedExample } from '@agent-ci/core/prompt-results'
import { comparisonPhrase } from '../comparison.ts'
import { countOf, formatCount, formatPercent } from '../numbers.ts'

/** The verdict and what is behind it. May quote paths, ids and errors: untrusted. */
export function promptHeadline(results: PromptResults): string {
  const { comparison, verdict, reason } = results
  if (!comparison || verdict === 'errored') return reason
  const dropped = results.changed_prompts.flatMap(({ variables_dropped }) => variables_dropped)
  const parts = [
    dropped.length > 0 && `${countOf(dropped.length, 'template variable')} dropped`,
    verdict === 'failed' ? failedBy(results) : phrase(results),
  ]
  return parts.filter(Boolean).join('; ')
}

const phrase = ({ comparison }: PromptResults): string => {
  const text = comparisonPhrase(comparison!)
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`
}

function failedBy(results: PromptResults): string {
  const { comparison, kept, regressed } = results
  if (comparison!.verdict === 'failed') return phrase(results)
  if (kept && kept.still_passed < kept.needed) return keptText(results)
  return regressed.length > 0 ? `${countOf(regressed.length, 'example')} regressed` : phrase(results)
}

/** `46 of 50 examples that passed before still pass; at least 45 must`. */
export function keptText({ kept }: PromptResults): string {
  if (!kept) return ''
  return `${formatCount(kept.still_passed)} of ${countOf(kept.passed_before, 'example')} that passed before still pass; at least ${formatCount(kept.needed)} must (threshold ${kept.threshold})`
}

/** What was run, in a sentence of plain characters. */
export function promptCounts({ counts, base, candidate, dataset, repeats, changed_prompts }: PromptResults): string {
  const prompts = `${countOf(changed_prompts.length, 'prompt')} changed`
  if (!candidate || !dataset) return `${prompts}; nothing was run.`
  const share = (arm: typeof base) => (arm?.accuracy == null ? 'unknown' : formatPercent(arm.accuracy))
  const parts = [
    prompts,
    `${formatCount(counts.measured)} of ${countOf(counts.planned, 'planned trial')} measured${repeats && repeats > 1 ? ` (${formatCount(repeats)} repeats${base ? ' with each prompt' : ''})` : ''}`,
    base
      ? `${share(base)} of the trials passed before, ${share(candidate)} now`
      : `${share(candidate)} of the trials passed`,
    counts.errored > 0 && `${countOf(counts.errored, 'trial')} lost to errors`,
    counts.replayed > 0 && `${formatCount(counts.replayed)} replayed from recordings`,
  ]
  return `${parts.filter(Boolean).join('; ')}.`
}

/** `modified`, `renamed from prompts/old.md`, and the variables that came or went. Untrusted. */
export function changeText({ change, base_path, variables_dropped, variables_added }: ChangedPrompt): string {
  const parts = [
    base_path === undefined ? change : `${change} from ${base_path}`,
    variables_dropped.length > 0 && `variables dropped: ${variables_dropped.join(', ')}`,
    variables_added.length > 0 && `variables added: ${variables_added.join(', ')}`,
  ]
  return parts.filter(Boolean).join('; ')
}

/** `at step 2: lookup_order({"id":"1042"}) before, nothing now`; empty where they do not part. Untrusted. */
export function partingText({ parts_at }: RegressedExample): string {
  if (!parts_at) return ''
  const call = (step: typeof parts_at.before) => (step ? `${step.name}(${step.args})` : 'no further tool call')
  return `at step ${parts_at.step}: ${call(parts_at.before)} before, ${call(parts_at.after)} now`
}
