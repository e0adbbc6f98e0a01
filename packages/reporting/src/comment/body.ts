import { worst } from '@agent-ci/core/verdict'
import * as z from 'zod'
import { code, MARKS } from '../markdown.ts'
import { countOf } from '../numbers.ts'
import { cutSection, type SectionFacts, type StoredSection, sectionFactsSchema } from './stored-section.ts'

/** GitHub refuses comments of more than 65,536 characters. */
export const COMMENT_CHARACTERS = 60_000

const headSchema = z.object({
  /** The key that sections find their comment by. */
  id: z.string().max(500),
  /** The run that opened it. */
  run: z.string().max(100),
})

export type CommentHead = z.infer<typeof headSchema>

export interface CommentBody {
  readonly head: CommentHead
  readonly sections: readonly StoredSection[]
}

/** Data in an HTML comment: no `-` and no `>`, so that nothing in them ends it. */
const encode = (data: unknown): string => encodeURIComponent(JSON.stringify(data)).replaceAll('-', '%2D')

function decode<T>(text: string, schema: z.ZodType<T>): T | undefined {
  try {
    return schema.safeParse(JSON.parse(decodeURIComponent(text))).data
  } catch {
    return undefined
  }
}

const headMarker = (head: CommentHead): string => `<!-- agent-ci:comment ${encode(head)} -->`
const HEAD = /^<!-- agent-ci:comment (\S+) -->$/
const SECTION = /^<!-- agent-ci:section (\S+) -->$/
const END = '<!-- agent-ci:end -->'

/** What we wrote, read back; undefined where the text is not ours. The author is the caller's to check. */
export function parseComment(text: string): CommentBody | undefined {
  const [first = '', ...lines] = text.replaceAll('\r\n', '\n').split('\n')
  const marker = HEAD.exec(first)?.[1]
  const head = marker === undefined ? undefined : decode(marker, headSchema)
  if (!head) return undefined
  const sections: StoredSection[] = []
  let open: { facts: SectionFacts; lines: string[] } | undefined
  for (const line of lines) {
    const begins = SECTION.exec(line)?.[1]
    if (begins !== undefined || line === END) {
      if (open) sections.push({ facts: open.facts, markdown: open.lines.join('\n').trim() })
      const facts = begins === undefined ? undefined : decode(begins, sectionFactsSchema)
      open = facts && { facts, lines: [] }
    } else open?.lines.push(line)
  }
  if (open) sections.push({ facts: open.facts, markdown: open.lines.join('\n').trim() })
  return { head, sections }
}

/** Whether one run is later than another, or the same one tried again. */
function isLater(a: SectionFacts, b: SectionFacts): boolean {
  const [one, other] = [BigInt(a.run), BigInt(b.run)]
  return one > other || (one === other && a.attempt > b.attempt)
}

/** The sections of several comments, or of several writers, as one list by key; the latest run's where they share a key. */
export function mergeSections(...lists: readonly (readonly StoredSection[])[]): StoredSection[] {
  const byKey = new Map<string, StoredSection>()
  for (const section of lists.flat()) {
    const known = byKey.get(section.facts.key)
    if (!known || !isLater(known.facts, section.facts)) byKey.set(section.facts.key, section)
  }
  return [...byKey.values()].sort((a, b) => (a.facts.key < b.facts.key ? -1 : 1))
}

/** The facts under the key of `own`, where somebody else wrote them and they stand: a later run, or another leg of this one. */
export const standing = (sections: readonly StoredSection[], own: SectionFacts): SectionFacts | undefined => {
  const facts = sections.find((section) => section.facts.key === own.key)?.facts
  return facts && facts.stamp !== own.stamp && !isLater(own, facts) ? facts : undefined
}

/** Sections of the commit that was measured last, and of earlier ones. */
function byCommit(sections: readonly StoredSection[]) {
  const latest = sections.reduce<SectionFacts | undefined>(
    (last, { facts }) => (facts.sha !== null && (!last || isLater(facts, last)) ? facts : last),
    undefined,
  )
  const isCurrent = ({ facts }: StoredSection) => facts.sha === null || facts.sha === latest?.sha
  return { current: sections.filter(isCurrent), earlier: sections.filter((section) => !isCurrent(section)) }
}

const MOST_NAMED = 5

/** `## ❌ failed — 1 of 3 parts: evaluate; 1 part is of an earlier commit` */
function verdictLine(sections: readonly StoredSection[]): string {
  const { current, earlier } = byCommit(sections)
  const verdict = worst(current.map(({ facts }) => facts.verdict))
  const share = current.filter(({ facts }) => facts.verdict === verdict)
  const which = share
    .slice(0, MOST_NAMED)
    .map(({ facts }) => code(facts.key, 80))
    .join(', ')
  const named = share.length === current.length ? '' : `: ${which}${share.length > MOST_NAMED ? ' and others' : ''}`
  const old =
    earlier.length === 0
      ? ''
      : `; ${countOf(earlier.length, 'part')} of an earlier commit ${earlier.length === 1 ? 'does' : 'do'} not count`
  return `## ${MARKS[verdict]} ${verdict} — ${share.length} of ${countOf(current.length, 'part')}${named}${old}`
}

/** How many characters each text gets: the short ones all they need, the long ones an even share of what is left. */
function shares(lengths: readonly number[], room: number): number[] {
  const given = lengths.map(() => 0)
  let left = room
  const order = lengths.map((_, at) => at).sort((a, b) => lengths[a]! - lengths[b]!)
  for (const [at, index] of order.entries()) {
    given[index] = Math.min(lengths[index]!, Math.floor(left / (order.length - at)))
    left -= given[index]!
  }
  return given
}

/** A whole comment: markers, the verdict of all sections where there are several, and the sections in the order of their keys. */
export function renderComment({ head, sections }: CommentBody, most = COMMENT_CHARACTERS): string {
  const { earlier } = byCommit(sections)
  const opening = [headMarker(head), ...(sections.length > 1 ? [verdictLine(sections), ''] : [])].join('\n')
  const frames = sections.map((section) => {
    const old = earlier.includes(section) ? '\nOf an earlier commit:\n' : ''
    return `${old}<!-- agent-ci:section ${encode(section.facts)} -->\n`
  })
  const fixed = opening.length + frames.reduce((sum, frame) => sum + frame.length + END.length + 4, 0)
  const given = shares(
    sections.map(({ markdown }) => markdown.length),
    most - fixed,
  )
  const texts = sections.map((section, at) => `${frames[at]}\n${cutSection(section, given[at]!)}\n\n${END}`)
  return [opening, ...texts].join('\n')
}
