import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { FileHistory } from '@agent-ci/delivery/releases/history/file-history'
import type { NewRecord, ReleaseRecord } from '@agent-ci/delivery/releases/history/record'
import { droppedRecords } from '@agent-ci/delivery/releases/history/retention'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { failed, record, release } from '../../records.ts'

const GUIDE_SCRIPTS = new URL('../../../../fixtures/guide/scripts/', import.meta.url).pathname

let directory: string
let file: string
let history: FileHistory
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'agent-ci-history-'))
  file = join(directory, 'deployments/production/history.json')
  history = new FileHistory(file)
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

const unnumbered = ({ schema_version: _, sequence: __, ...rest }: ReleaseRecord): NewRecord => rest
const add = (wanted: ReleaseRecord) => history.add(unnumbered(wanted))
const put = (path: string, text: string) => {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}
const entries = () => JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>[]

/** Runs Python in the repository of the guide, with its script beside. */
const python = (code: string): unknown =>
  JSON.parse(
    execFileSync(
      'python3',
      ['-c', `import json, rollback\nmanager = rollback.RollbackManager("production")\n${code}`],
      {
        cwd: directory,
        env: { ...process.env, PYTHONPATH: GUIDE_SCRIPTS, PYTHONDONTWRITEBYTECODE: '1' },
        encoding: 'utf8',
      },
    ),
  )
const previous = (stepsBack: number) =>
  python(`target = manager.get_previous_deployment(${stepsBack})\nprint(json.dumps(target and vars(target)))`)

describe("the guide's RollbackManager", () => {
  test('finds in our file what was deployed before', async () => {
    const known = { prompt_version: 'v20260101000000' }
    await add(record(1, 1, { release: release(1, known) }))
    await add(record(2))
    await add(failed(3))
    expect(previous(1)).toEqual({
      version: '1.0.1',
      config_version: release(1).parts.config.slice(7, 17),
      prompt_version: 'v20260101000000',
      timestamp: record(1).at,
    })
    expect(previous(2)).toBeNull()
  })

  test('writes into it, and both go on', async () => {
    await add(record(1))
    python(
      'manager.record_deployment(rollback.RollbackTarget("1.0.1-by-hand", "c", "p", "2026-01-01T12:00:00Z"))\nprint("0")',
    )
    await add(record(2))
    expect(entries().map(({ version }) => version)).toEqual(['1.0.1', '1.0.1-by-hand', '1.0.2'])
    expect(previous(1)).toMatchObject({ version: '1.0.1-by-hand' })
  })

  test('keeps 50, and so do we', async () => {
    for (let sequence = 1; sequence <= 52; sequence++) await add(record(sequence))
    expect(entries().map(({ version }) => version)).toEqual(
      Array.from({ length: 50 }, (_, index) => `1.0.${index + 3}`),
    )
  })
})

describe('the records beside it', () => {
  test('come back whole, oldest first', async () => {
    const all = [record(1), failed(2), record(3, 3, { receipt: { passed: true }, objects: [] })]
    for (const each of all) expect(await add(each)).toEqual(each)
    expect(await history.list()).toEqual(all)
  })

  test('a rollout that has a record already gets that one back', async () => {
    await add(record(1))
    expect(await add(record(1))).toEqual(record(1))
    expect(await history.list()).toHaveLength(1)
  })

  test('count on after the highest number, also when older ones were dropped', async () => {
    for (const each of [record(1), record(2), record(3)]) await add(each)
    await history.remove([record(1), record(2)])
    expect(await add(record(9))).toMatchObject({ sequence: 4 })
  })

  test('what was only begun is not in history.json; once verified it is, once', async () => {
    const begun = record(1, 1, { verified: false, end: null })
    await add(begun)
    expect(readdirSync(dirname(file))).toEqual(['releases'])
    await history.update(record(1))
    await history.update(record(1))
    expect(entries()).toHaveLength(1)
  })

  test('drop by the rules of the cluster, too', async () => {
    for (let sequence = 1; sequence <= 51; sequence++) await add(record(sequence))
    await history.remove(droppedRecords(await history.list(), new Set()))
    expect((await history.list()).map(({ sequence }) => sequence).slice(0, 2)).toEqual([2, 3])
  })

  test('no history yet is an empty one', async () => {
    expect(await history.list()).toEqual([])
  })
})

test.each([
  ['[{"version": 1}]', 'Expected a list of {version, config_version, prompt_version, timestamp}.'],
  ['{', 'cannot be read:'],
])('a history.json that holds %s is refused and left as it is', async (text, expected) => {
  put(file, text)
  await expect(add(record(1))).rejects.toThrow(expected)
  await expect(add(record(1))).resolves.toBeDefined()
  expect(readFileSync(file, 'utf8')).toBe(text)
})

test('a damaged record is refused with its file, what was expected and what to do', async () => {
  await add(record(1))
  const damaged = join(dirname(file), 'releases/000001.json')
  put(damaged, '{"schema_version": 2}')
  await expect(history.list()).rejects.toThrow(`${damaged}:1: ${damaged} cannot be read:`)
  await expect(history.list()).rejects.toThrow(
    'Expected a record of a release. Bring the file back from the repository, or move it away to start a new history.',
  )
})
