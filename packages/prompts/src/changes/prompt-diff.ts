import type { Source } from '@agent-ci/core/errors'
import type { Annotation } from '@agent-ci/core/host'
import { forLog } from '@agent-ci/core/untrusted'
import { diffTexts, type Hunk, type TextDiff } from '../diff/text-diff.ts'
import type { PromptChange, PromptSide } from './prompt-changes.ts'

/** How a changed prompt reads before and after, as `<path>@base` and `<path>@head`; a missing side is empty. */
export function diffPrompt(change: PromptChange): TextDiff {
  const base = change.kind === 'added' ? undefined : change.base.prompt
  const head = change.kind === 'deleted' ? undefined : change.head.prompt
  return diffTexts(
    { name: `${base?.path ?? change.path}@base`, text: base?.text ?? '' },
    { name: `${head?.path ?? change.path}@head`, text: head?.text ?? '' },
  )
}

/** Where a line of a prompt's text is in the repository. */
export const sourceOf = ({ prompt, onLine }: PromptSide, line: number): Source => ({
  file: prompt.path,
  line: onLine ?? line,
})

/** The first changed line of a hunk in the candidate's file, for annotations. */
export const sourceOfHunk = (head: PromptSide, hunk: Hunk): Source => sourceOf(head, hunk.changed.start)

/** An error for each variable that was dropped, where it was, and a notice for each that is new. */
export function variableAnnotations(change: PromptChange, diff: TextDiff): Annotation[] {
  if (change.kind === 'added' || change.kind === 'deleted') return []
  const { head, variables } = change
  return [
    ...variables.dropped.map((variable): Annotation => {
      const hunk = diff.hunks.find(({ base }) => variable.line >= base.start && variable.line <= base.end)
      return {
        level: 'error',
        title: `Variable ${variable.name} dropped`,
        message: `The prompt no longer has ${forLog(variable.token, 100)}: what is filled in for ${variable.name} does not reach the model any more`,
        source: hunk ? sourceOfHunk(head, hunk) : sourceOf(head, 1),
      }
    }),
    ...variables.added.map(
      (variable): Annotation => ({
        level: 'notice',
        title: `Variable ${variable.name} added`,
        message: `The prompt has ${forLog(variable.token, 100)} now: every caller must fill it in`,
        source: sourceOf(head, variable.line),
      }),
    ),
  ]
}
