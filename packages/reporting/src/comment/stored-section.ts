import type { Verdict } from '@agent-ci/core/verdict'
import { VERDICTS, worst } from '@agent-ci/core/verdict'
import * as z from 'zod'
import { code, link, MARKS, prose } from '../markdown.ts'
import { countOf } from '../numbers.ts'
import { fitSections, type Section } from '../sections.ts'
import type { Part } from './part.ts'

/** What a comment remembers of each of its sections, in a marker that nobody sees. */
export const sectionFactsSchema = z.object({
  /** Whoever writes under the same key replaces this section. */
  key: z.string().max(500),
  verdict: z.enum(VERDICTS),
  /** The workflow run that wrote it; runs count upwards. */
  run: z.string().regex(/^\d{1,20}$/),
  attempt: z.int().min(1),
  /** The commit that was measured. */
  sha: z
    .string()
    .regex(/^[0-9a-f]{40,64}$/)
    .nullable(),
  /** Where the rest is. */
  url: z.string().max(500),
  /** Of the writer: two with the same key in one run are two matrix legs without names. */
  stamp: z.string().max(64),
})

export type SectionFacts = z.infer<typeof sectionFactsSchema>

/** One action's or matrix leg's share of a comment. */
export interface StoredSection {
  readonly facts: SectionFacts
  readonly markdown: string
}

export interface SectionContent {
  readonly facts: Omit<SectionFacts, 'verdict'>
  /** Each with the file that it comes from. */
  readonly parts: readonly { readonly file: string; readonly part: Part }[]
  /** Sentences of ours for the reader, Markdown. */
  readonly notes: readonly string[]
  /** The page with the run's files; the run's own page is `facts.url`. */
  readonly artifactUrl: string | undefined
}

/** Where the rest is, for a sentence about what was left out. */
const elsewhere = (url: string): string => (url === '' ? 'see the files of the run' : `see ${link('the run', url)}`)

const plain = (before: string, priority: number): Section => ({ before, rows: [], rowName: '', priority })

function headed({ file, part }: SectionContent['parts'][number]): readonly Section[] {
  const title = `#### ${MARKS[part.verdict]} ${part.verdict} — ${code(file, 120)}: ${prose(part.headline, 300)}`
  return [plain(title, 0), ...part.sections]
}

/** `2 of 3 passed, 1 failed` */
function tally(verdicts: readonly Verdict[]): string {
  const counts = VERDICTS.flatMap((verdict) => {
    const count = verdicts.filter((each) => each === verdict).length
    return count === 0 ? [] : [`${count} ${verdict}`]
  })
  return `${countOf(verdicts.length, 'result file')}, ${counts.join(', ')}`
}

/** A section's Markdown, its verdict first, in at most `maxBytes` of UTF-8. */
export function renderSection(content: SectionContent, maxBytes: number): StoredSection {
  const { facts, parts, notes, artifactUrl } = content
  const verdict = worst(parts.map(({ part }) => part.verdict))
  const [only, ...others] = parts
  const reason =
    only && others.length === 0 ? prose(only.part.headline, 300) : tally(parts.map(({ part }) => part.verdict))
  const places = [
    ...(facts.url === '' ? [] : [link('Run', facts.url)]),
    ...(artifactUrl === undefined ? [] : [link('Report and all trials', artifactUrl)]),
    ...(facts.sha === null ? [] : [`commit ${code(facts.sha.slice(0, 12))}`]),
  ]
  const sections = [
    plain(`### ${MARKS[verdict]} ${verdict} — ${code(facts.key, 120)}: ${reason}`, 0),
    ...notes.map((note) => plain(`> ${note}`, 0)),
    ...(others.length === 0 ? (only?.part.sections ?? []) : parts.flatMap(headed)),
    ...(places.length === 0 ? [] : [plain(places.join(' · '), 0)]),
  ]
  const markdown = fitSections(sections, maxBytes, elsewhere(facts.url)).trimEnd()
  return { facts: { ...facts, verdict }, markdown }
}

/**
 * The first lines of a section, cut where no folded part is open, and a sentence on where the rest is. In at most `most` UTF-16 units.
 */
export function cutSection({ facts, markdown }: StoredSection, most: number): string {
  if (markdown.length <= most) return markdown
  const note = `\n\n… and more: ${elsewhere(facts.url)}`
  const lines = markdown.split('\n')
  let depth = 0
  let length = 0
  let taken = 0
  for (const [at, line] of lines.entries()) {
    length += line.length + 1
    if (length - 1 + note.length > most) break
    // Foreign text has no angle brackets: they are entities in it.
    depth += line.split('<details').length - line.split('</details>').length
    if (depth === 0) taken = at + 1
  }
  return lines.slice(0, taken).join('\n').trimEnd() + note
}
