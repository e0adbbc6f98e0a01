import { forLog } from '@agent-ci/core/untrusted'
import { countOf } from '../numbers.ts'

/** A changed prompt and how it reads before and after. All of it may be anybody's: untrusted. */
export interface PromptDiff {
  readonly path: string
  readonly change: string
  /** In the unified format; empty where the text is the same. */
  readonly unified: string
}

const MOST_LINE = 400

/** The lines of a diff, without what would change how they are read, and how many were left out. */
export function diffLines(unified: string, most: number): { lines: string[]; left: number } {
  const all = unified.replace(/\n$/, '').split('\n')
  // A line may still hold a carriage return, which is made a line break.
  const lines = all.slice(0, most).map((line) => forLog(line, MOST_LINE).replaceAll('\n  ', ' ↵ '))
  return { lines, left: Math.max(0, all.length - most) }
}

/** A diff as a block of code in Markdown. No line of it can end the block: its fence is longer than any run of backticks inside. */
export function fencedDiff({ unified }: PromptDiff, most: number): string {
  if (unified === '') return 'The text is the same.'
  const { lines, left } = diffLines(unified, most)
  const longest = Math.max(2, ...lines.flatMap((line) => [...line.matchAll(/`+/g)].map(([run]) => run.length)))
  const fence = '`'.repeat(longest + 1)
  const rest = left > 0 ? `\n\n… and ${countOf(left, 'more line')}: see \`prompts.diff\`` : ''
  return `${fence}diff\n${lines.join('\n')}\n${fence}${rest}`
}
