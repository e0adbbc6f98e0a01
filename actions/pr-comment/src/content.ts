import type { Host } from '@agent-ci/core/host'
import type { Subject } from '@agent-ci/github/pull-request'
import type { RunIdentity } from '@agent-ci/github/run-identity'
import {
  COMMENT_CHARACTERS,
  type CommentBody,
  mergeSections,
  parseComment,
  renderComment,
  standing,
} from '@agent-ci/reporting/comment/body'
import { partOf, type ResultFile } from '@agent-ci/reporting/comment/part'
import {
  renderSection,
  type SectionContent,
  type SectionFacts,
  type StoredSection,
} from '@agent-ci/reporting/comment/stored-section'
import type { CommentSettings } from './settings.ts'

export interface NamedResult {
  readonly path: string
  readonly file: ResultFile
}

/** What this run has to say: its section, and the comment that it becomes a part of. */
export interface Content {
  readonly commentId: string
  /** Of the run that reports. */
  readonly run: string
  readonly mode: CommentSettings['mode']
  readonly section: SectionContent
}

/** Markers and the line above the sections. */
const FRAME_CHARACTERS = 1_500

export function contentOf(
  results: readonly NamedResult[],
  settings: CommentSettings,
  { run, subject, notes }: { run: RunIdentity; subject: Subject | undefined; notes: readonly string[] },
  host: Pick<Host, 'env' | 'random'>,
): Content {
  const measured = subject?.measured ?? { id: run.runId ?? '0', attempt: run.attempt }
  const server = (host.env.GITHUB_SERVER_URL || 'https://github.com').replace(/\/+$/, '')
  const pages = run.local ? undefined : `${server}/${run.repository}/actions/runs/${measured.id}`
  const facts = {
    key: settings.section,
    run: run.runId ?? '0',
    attempt: run.attempt,
    sha: subject?.sha ?? null,
    url: pages === undefined ? '' : `${pages}/attempts/${measured.attempt}`,
    stamp: host.random().toString(36).slice(2, 14),
  }
  const artifactUrl =
    pages === undefined
      ? undefined
      : settings.artifactId === undefined
        ? `${pages}#artifacts`
        : `${pages}/artifacts/${settings.artifactId}`
  const parts = results.map(({ path, file }) => ({ file: path, part: partOf(file, settings.transcripts) }))
  const fork = subject?.fork
    ? ['Measured by code of a fork, which could have written any result: read the change before you trust it.']
    : []
  return {
    commentId: settings.commentId,
    run: `${facts.run}/${facts.attempt}`,
    mode: settings.mode,
    section: { facts, parts, notes: [...fork, ...notes], artifactUrl },
  }
}

const read = (bodies: readonly string[]): CommentBody[] => bodies.flatMap((body) => parseComment(body) ?? [])

/** What of other writers stands under our key in a comment. */
export const standingIn = (body: string, { section }: Content): SectionFacts | undefined =>
  standing(parseComment(body)?.sections ?? [], factsOf(section))

const factsOf = ({ facts }: SectionContent): SectionFacts => ({ ...facts, verdict: 'errored' })

/** Whether somebody of a later run has reported under our key. */
const isLaterRun = ({ run, attempt }: SectionFacts, { section: { facts } }: Content): boolean =>
  run !== facts.run || attempt !== facts.attempt

/** The comment with our section in it; undefined where a later run has reported already. */
export function bodyOf(content: Content, bodies: readonly string[]): string | undefined {
  const comments = read(bodies)
  const others = mergeSections(...comments.map(({ sections }) => sections))
  const stands = standing(others, factsOf(content.section))
  if (stands && isLaterRun(stands, content)) return undefined
  const [oldest] = comments
  const head = {
    id: content.commentId,
    run: content.mode === 'update' ? (oldest?.head.run ?? content.run) : content.run,
  }
  return renderComment({ head, sections: mergeSections(others, [ownSection(content, others)]) })
}

/** With as much room as the others leave, and never less than an even share. */
function ownSection({ section }: Content, others: readonly StoredSection[]): StoredSection {
  const neighbours = others.filter(({ facts }) => facts.key !== section.facts.key)
  const frames = FRAME_CHARACTERS * (neighbours.length + 1)
  const taken = neighbours.reduce((sum, { markdown }) => sum + markdown.length, 0)
  const even = (COMMENT_CHARACTERS - frames) / (neighbours.length + 1)
  return renderSection(section, Math.floor(Math.max(COMMENT_CHARACTERS - frames - taken, even)))
}

export const isOurs = (body: string, { commentId }: Content): boolean => parseComment(body)?.head.id === commentId

export const isOfThisRun = (body: string, { run }: Content): boolean => parseComment(body)?.head.run === run

/** Whether our section is in a comment, or one that stands in its place. */
export function holds(body: string, content: Content): boolean {
  const { key, stamp } = content.section.facts
  const found = parseComment(body)?.sections.some(({ facts }) => facts.key === key && facts.stamp === stamp)
  return found === true || standingIn(body, content) !== undefined
}
