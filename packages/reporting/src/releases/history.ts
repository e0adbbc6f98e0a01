import type { Release } from '@agent-ci/core/release'
import { forLog } from '@agent-ci/core/untrusted'
import { code, link, time } from '../markdown.ts'
import { formatMoment } from '../numbers.ts'
import { changesBetween } from './changes.ts'

/** A record of the history as people see it. */
export interface HistoryEntry {
  readonly sequence: number
  readonly release: Release
  readonly type: 'deploy' | 'rollback' | 'adopted'
  readonly at: string
  readonly by: string
  readonly runUrl: string | null
  readonly verified: boolean
  readonly end: 'succeeded' | 'rolled-back' | 'failed' | null
  /** The release that a rollback took back. */
  readonly rollbackFrom: string | null
  /** The environment is on it. */
  readonly current: boolean
}

function stateOf({ current, verified, end }: HistoryEntry): string {
  if (current) return verified ? 'running' : 'running, not verified'
  if (verified) return 'good'
  return end ?? 'under way'
}

const nameOf = ({ release: { id, version } }: HistoryEntry): string => (version === null ? id : `${id} ${version}`)

const typeOf = ({ type, rollbackFrom }: HistoryEntry): string =>
  type === 'rollback' && rollbackFrom !== null ? `rollback of ${rollbackFrom}` : type

/** How many changes are named; the rest is counted. */
const NAMED = 6

function changesOf(entries: readonly HistoryEntry[], index: number): string[] {
  const changes = changesBetween(entries[index - 1]?.release, entries[index]!.release)
  return changes.length <= NAMED ? changes : [...changes.slice(0, NAMED), `${changes.length - NAMED} more`]
}

const HEADS = ['#', 'release', 'state', 'type', 'when', 'by', 'changed from the one before'] as const

/** The history as a table for a terminal or a log, newest first. `entries` are oldest first. */
export function renderHistoryText(entries: readonly HistoryEntry[]): string[] {
  const rows = entries
    .map((entry, index) => [
      `${entry.current ? '*' : ' '}${entry.sequence}`,
      nameOf(entry),
      stateOf(entry),
      typeOf(entry),
      formatMoment(entry.at),
      entry.by,
      changesOf(entries, index).join('; '),
    ])
    .toReversed()
    .map((row) => row.map((cell) => forLog(cell, 200).replaceAll('\n', ' ')))
  const widths = HEADS.map((head, column) => Math.max(head.length, ...rows.map((row) => row[column]!.length)))
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd()
  return [line(HEADS), ...rows.map(line)]
}

/** The same for the step summary. */
export function renderHistoryMarkdown(entries: readonly HistoryEntry[]): string {
  const rows = entries
    .map((entry, index) => [
      String(entry.sequence),
      code(nameOf(entry), 100),
      entry.current ? `**${stateOf(entry)}**` : stateOf(entry),
      typeOf(entry),
      entry.runUrl === null ? time(formatMoment(entry.at)) : link(time(formatMoment(entry.at)), entry.runUrl),
      code(entry.by, 60),
      changesOf(entries, index)
        .map((change) => code(change, 160))
        .join('<br>'),
    ])
    .toReversed()
  return [
    `| ${HEADS.join(' | ')} |`,
    `|${HEADS.map(() => '---').join('|')}|`,
    ...rows.map((row) => `| ${row.join(' | ')} |`),
    '',
  ].join('\n')
}
