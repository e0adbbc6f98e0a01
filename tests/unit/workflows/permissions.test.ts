import { basename } from 'node:path'
import { expect, test } from '@jest/globals'
import {
  callable,
  documents,
  examples,
  header,
  type Job,
  jobsOf,
  ownName,
  type Source,
  snippets,
  workflowOf,
  workflows,
} from './files.ts'

type Rights = Readonly<Record<string, string>>

const LEVELS = ['none', 'read', 'write']

/** What GitHub demands of a caller before anything starts: the rights of every nested job, even of one that would be skipped. */
function demandedBy(name: string): Rights {
  const { permissions, jobs } = callable.get(name)!
  const all = Object.values(jobs).map(
    (job): Rights => job.permissions ?? (job.uses ? demandedBy(basename(ownName(job.uses)!)) : (permissions ?? {})),
  )
  const union: Record<string, string> = {}
  for (const [right, level] of all.flatMap((rights) => Object.entries(rights)))
    if (LEVELS.indexOf(level) > LEVELS.indexOf(union[right] ?? 'none')) union[right] = level
  return union
}

const calls = (source: Source): readonly (readonly [string, string, Rights | undefined])[] =>
  jobsOf(source).flatMap((job: Job & { id: string }) => {
    const name = job.uses && ownName(job.uses)
    const own = job.permissions ?? workflowOf(source).permissions
    return name ? [[`${source.path}: ${job.id}`, basename(name), own] as const] : []
  })

test('every workflow that is called shows its callers the rights to give', () => {
  const shown = workflows.flatMap((source) => {
    const text = header(source)
    return text ? calls({ path: source.path, text }).map(([, name]) => name) : []
  })
  expect(shown.toSorted()).toEqual([...callable.keys()].toSorted())
})

const sources = [
  ...workflows.flatMap((source) => {
    const text = header(source)
    return text ? [{ path: `${source.path} (header)`, text }] : []
  }),
  ...examples,
  ...snippets,
]

test.each(sources.flatMap(calls))('%s gives %s exactly the rights that it asks for', (_, name, given) => {
  expect(given).toEqual(demandedBy(name))
})

test('all jobs of a called workflow have the same rights, so that no caller gives one for a job that is skipped', () => {
  const mixed = [...callable].flatMap(([name, { permissions, jobs }]) => {
    const rights = Object.values(jobs).map((job) =>
      JSON.stringify(job.permissions ?? (job.uses ? demandedBy(basename(ownName(job.uses)!)) : permissions)),
    )
    return new Set(rights).size > 1 ? [name] : []
  })
  expect(mixed).toEqual([])
})

test('the table of the document says the same', () => {
  const { text } = documents.find(({ path }) => path === 'docs/pipelines.md')!
  const rows = [...text.matchAll(/^\| `([\w-]+\.yml)` \|[^|]*\|([^|]*)\|/gm)].map(([, name, rights]) => [
    name,
    rights!.trim(),
  ])
  const expected = [...callable.keys()].map((name) => [
    name,
    Object.entries(demandedBy(name))
      .map(([right, level]) => `\`${right}: ${level}\``)
      .join(', '),
  ])
  expect(rows.toSorted()).toEqual(expected.toSorted())
})
