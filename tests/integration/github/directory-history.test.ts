import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { NO_QUARANTINE } from '@agent-ci/core/nightly/quarantine'
import { DirectoryHistory } from '@agent-ci/github/history/directory-history'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { NIGHT, nightOf } from '../../unit/core/nightly/nights.ts'

const MONTH = 'nights/2026-01/golden.jsonl'

let directory: string
let history: DirectoryHistory
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'history-'))
  history = new DirectoryHistory(join(directory, 'kept', 'here'))
})
afterEach(() => rmSync(directory, { recursive: true }))

const file = (path: string) => join(directory, 'kept/here', path)

test('a directory that is not there is an empty history, and is made by the first write', async () => {
  expect((await history.read()).nights).toEqual([])
  await history.append({ nights: [NIGHT] }, 'First')
  await history.append({ nights: [NIGHT, nightOf(2, 0.9)], incidents: (current) => [current ?? null] }, 'Second')
  await history.append({ incidents: (current) => [current ?? null] }, 'Third')
  expect(await history.read()).toMatchObject({
    nights: [NIGHT, nightOf(2, 0.9)],
    incidents: [[null]],
    quarantine: NO_QUARANTINE,
    problems: [],
  })
  expect(readdirSync(file('')).toSorted()).toEqual(['incidents.json', 'nights'])
})

test('writers at once lose no line', async () => {
  const models = Array.from({ length: 20 }, (_, at) => `model-${at}`)
  await Promise.all(
    models.map((model) => new DirectoryHistory(file('')).append({ nights: [nightOf(1, 0.9, { model })] }, model)),
  )
  const { nights, problems } = await history.read()
  expect(nights.map(({ model }) => model).toSorted()).toEqual(models.toSorted())
  expect(problems).toEqual([])
})

test('what is no history is not looked at; what is broken is told by its file and kept', async () => {
  await history.append({ nights: [NIGHT] }, 'First')
  writeFileSync(file('README.md'), 'ours')
  mkdirSync(file('nights/2025-12'))
  writeFileSync(file('nights/2025-12/golden.jsonl'), 'nonsense')
  appendFileSync(file(MONTH), '{"torn": ')
  await history.append({ nights: [nightOf(2, 0.9)] }, 'Second')
  expect(readFileSync(file(MONTH), 'utf8').split('\n')[1]).toBe('{"torn": ')
  const { nights, problems } = await history.read()
  expect(nights).toHaveLength(2)
  expect(problems.map(({ what }) => what.split(' cannot')[0])).toEqual([
    `${file('nights/2025-12/golden.jsonl')}:1`,
    `${file(MONTH)}:2`,
  ])
})

test('old months go, the baseline stays', async () => {
  await history.append({ nights: Array.from({ length: 120 }, (_, at) => nightOf(at + 1, 0.9)) }, 'Four months')
  const { files } = await history.prune('2026-04-01')
  expect(files).toEqual(['nights/2026-02/golden.jsonl', 'nights/2026-03/golden.jsonl'])
  expect(
    (await history.read()).nights
      .map(({ night }) => night.slice(0, 7))
      .filter((month, at, all) => month !== all[at - 1]),
  ).toEqual(['2026-01', '2026-04'])
})

test('a directory that cannot be used is a sentence', async () => {
  writeFileSync(join(directory, 'file'), '')
  const blocked = new DirectoryHistory(join(directory, 'file'))
  await expect(blocked.append({ nights: [NIGHT] }, 'First')).rejects.toThrow(
    /^The history in directory .*file cannot be written: .*Check the path behind dir:/,
  )
  if (process.getuid?.() === 0) return
  mkdirSync(file(''), { recursive: true })
  chmodSync(file(''), 0o500)
  await expect(history.append({ nights: [NIGHT] }, 'First')).rejects.toThrow(/EACCES/)
})
