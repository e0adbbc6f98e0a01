import type { Blessing } from '@agent-ci/core/nightly/blessing'
import {
  documentsToWrite,
  isHistoryFile,
  linesToAdd,
  pathOfNight,
  pathsOf,
  readHistory,
} from '@agent-ci/core/nightly/history-files'
import type { Night } from '@agent-ci/core/nightly/night'
import { NO_QUARANTINE } from '@agent-ci/core/nightly/quarantine'
import { outdatedFiles } from '@agent-ci/core/nightly/retention'
import { describe, expect, test } from '@jest/globals'
import fc from '../../../properties.ts'
import { NIGHT, nightOf } from './nights.ts'

const PATH = pathOfNight(NIGHT)
const read = (text: string, path = PATH) => readHistory([{ path, text }], (file) => `data:${file}`)
const nothing = () => undefined

/** Any but the one that zod leaves out of a record. */
const anyName = fc.string().filter((name) => name !== '__proto__')

const anyNight: fc.Arbitrary<Night> = fc.record({
  ...Object.fromEntries(Object.entries(NIGHT).map(([key, value]) => [key, fc.constant(value)])),
  night: fc.constantFrom('2026-01-01', '2026-02-28', '2027-12-31'),
  dataset: fc.string(),
  model: fc.option(fc.string()),
  answered: fc.array(fc.string(), { maxLength: 3 }),
  metrics: fc.dictionary(
    anyName,
    fc.record({ value: fc.option(fc.double({ noNaN: true, noDefaultInfinity: true })), n: fc.nat() }),
  ),
  imperfect: fc.dictionary(anyName, fc.tuple(fc.nat(), fc.nat())),
}) as unknown as fc.Arbitrary<Night>

describe('lines', () => {
  test('any nights come back as they were written, whatever their names hold', () => {
    fc.assert(
      fc.property(fc.array(anyNight, { maxLength: 8 }), (nights) => {
        const files = [...linesToAdd({ nights }, nothing)].map(([path, text]) => ({ path, text }))
        const remembered = readHistory(files, (path) => path)
        expect(remembered.problems).toEqual([])
        // As JSON has them: -0 is 0.
        const plain = (some: readonly Night[]) => some.map((night) => JSON.stringify(night)).sort()
        expect(plain(remembered.nights)).toEqual([...new Set(plain(nights))])
        for (const { path } of files) expect(isHistoryFile(path)).toBe(true)
      }),
      { numRuns: 300 },
    )
  })

  test('any bytes are read without a throw; what is no night is a problem with its line', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(20), (bytes, blank) => {
        const foreign = Buffer.from(bytes).toString()
        const text = `${'\n'.repeat(blank)}${foreign}\n${JSON.stringify(NIGHT)}\n`
        const { nights, problems } = read(text)
        expect(nights).toContainEqual(NIGHT)
        const lines = text.split('\n')
        for (const { what } of problems) {
          const [, line] = /^data:nights\/2026-01\/golden\.jsonl:(\d+) cannot be read: /.exec(what) ?? []
          expect(lines[Number(line) - 1]?.trim()).not.toBe('')
        }
        expect(problems.length + nights.length).toBe(lines.filter((line) => line.trim() !== '').length)
      }),
      { numRuns: 500 },
    )
  })

  test('so are the other files', () => {
    const anyText = fc.oneof(
      fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes).toString()),
      fc.json(),
      fc.json().map((json) => `{"schema_version": 1, "entries": ${json}}`),
    )
    fc.assert(
      fc.property(fc.constantFrom('blessings.jsonl', 'quarantine.json', 'incidents.json'), anyText, (path, text) => {
        const { blessings, quarantine, incidents, problems } = read(text, path)
        if (path === 'incidents.json') expect(problems.length === 0).toBe(incidents !== undefined)
        else if (path === 'quarantine.json') expect(problems.length === 0 || quarantine === NO_QUARANTINE).toBe(true)
        else
          expect(blessings.length + problems.length).toBe(text.split('\n').filter((line) => line.trim() !== '').length)
      }),
      { numRuns: 500 },
    )
  })

  test('a changed, cut or newer line harms no other', () => {
    const line = JSON.stringify(NIGHT)
    fc.assert(
      fc.property(fc.nat(line.length - 1), fc.string(), (at, insert) => {
        const changed = `${line.slice(0, at)}${insert.replaceAll('\n', '')}`
        const { nights } = read(`${line}\n${changed}\n${line}`)
        expect(nights.filter((night) => JSON.stringify(night) === line).length).toBeGreaterThanOrEqual(2)
      }),
      { numRuns: 500 },
    )
    const { nights, problems } = read(JSON.stringify({ ...NIGHT, schema_version: 2 }))
    expect(nights).toEqual([])
    expect(problems).toMatchObject([
      {
        what: expect.stringMatching(/:1 cannot be read: .*schema_version/),
        why: expect.stringMatching(/newer version/),
      },
    ])
  })

  test('are not added twice, and a torn last line stays a line of its own', () => {
    const line = JSON.stringify(NIGHT)
    expect([...linesToAdd({ nights: [NIGHT] }, () => `${line}\n`)]).toEqual([])
    expect([...linesToAdd({ nights: [NIGHT] }, () => line)]).toEqual([])
    expect([...linesToAdd({ nights: [NIGHT] }, () => '{"torn"')]).toEqual([[PATH, `\n${line}\n`]])
    expect([...linesToAdd({ nights: [NIGHT, NIGHT] }, nothing)]).toEqual([[PATH, `${line}\n`]])
  })
})

test('a month of a dataset is a file; names that no path can hold get a digest', () => {
  expect(pathOfNight(nightOf(40, 0.9))).toBe('nights/2026-02/golden.jsonl')
  const names = ['Golden', 'golden ', '../../x', 'a/b', 'a-b', '', '.', 'gölden', 'x'.repeat(300)]
  const paths = names.map((dataset) => pathOfNight({ night: '2026-01-01', dataset }))
  expect(new Set(paths).size).toBe(names.length)
  for (const path of paths) expect(path).toMatch(/^nights\/2026-01\/[a-z0-9-]{1,80}\.jsonl$/)
})

describe('documents', () => {
  const incidents = { open: [1] }

  test('are changed upon what is there', () => {
    const { documents, problems } = documentsToWrite(
      { incidents: (current) => ({ was: current ?? null }) },
      () => JSON.stringify(incidents),
      (path) => path,
    )
    expect(problems).toEqual([])
    expect(JSON.parse(documents.get('incidents.json')!)).toEqual({ was: incidents })
  })

  test('that cannot be read are left alone, and told', () => {
    const { documents, problems } = documentsToWrite(
      { incidents: () => null, quarantine: () => NO_QUARANTINE },
      () => 'nonsense',
      (path) => path,
    )
    expect([...documents]).toEqual([])
    expect(problems.map(({ what }) => what.split(' ')[0])).toEqual(['quarantine.json:1', 'incidents.json:1'])
  })

  test('what has to be read to write an addition is known beforehand', () => {
    const addition = { nights: [NIGHT, NIGHT], quarantine: () => NO_QUARANTINE }
    expect(pathsOf(addition)).toEqual([PATH, 'quarantine.json'])
    expect(pathsOf({})).toEqual([])
  })
})

describe('retention', () => {
  const blessing: Blessing = {
    schema_version: 1,
    at: '2026-03-05T00:00:00Z',
    by: 'ada',
    reason: 'new prompts',
    run: '60',
    night: '2026-03-01',
    dataset: '*',
    model: '*',
  }
  const files = (nights: readonly Night[], blessings: readonly Blessing[] = []) =>
    [...linesToAdd({ nights, blessings }, nothing)].map(([path, text]) => ({ path, text }))
  const months = Array.from({ length: 120 }, (_, at) => nightOf(at + 1, 0.9))

  test('keeps the baseline, which a blessing sets free', () => {
    expect(outdatedFiles(files(months), '2026-04-20')).toEqual([
      'nights/2026-02/golden.jsonl',
      'nights/2026-03/golden.jsonl',
    ])
    expect(outdatedFiles(files(months, [blessing]), '2026-04-20')).toEqual([
      'nights/2026-01/golden.jsonl',
      'nights/2026-02/golden.jsonl',
    ])
  })

  test('keeps a file with a line that cannot be read', () => {
    const damaged = files(months).map((file) =>
      file.path.includes('2026-02') ? { ...file, text: `${file.text}{"schema_version": 2}\n` } : file,
    )
    expect(outdatedFiles(damaged, '2026-04-20')).toEqual(['nights/2026-03/golden.jsonl'])
  })

  test('lets go of what is no more looked at', () => {
    expect(outdatedFiles(files(months.slice(0, 20)), '2027-01-01')).toEqual(['nights/2026-01/golden.jsonl'])
  })
})
