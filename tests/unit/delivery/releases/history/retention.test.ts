import type { ReleaseRecord } from '@agent-ci/delivery/releases/history/record'
import { droppedRecords, KEPT_RECORDS } from '@agent-ci/delivery/releases/history/retention'
import { expect, test } from '@jest/globals'
import fc from '../../../../properties.ts'
import { failed, record } from '../../records.ts'

const numbers = (records: readonly ReleaseRecord[]) => records.map(({ sequence }) => sequence)
const upTo = (count: number, make: (sequence: number) => ReleaseRecord = record) =>
  Array.from({ length: count }, (_, index) => make(index + 1))

test('50 are kept', () => {
  expect(KEPT_RECORDS).toBe(50)
  expect(droppedRecords(upTo(50), new Set())).toEqual([])
})

test('the 51st pushes out the oldest', () => {
  expect(numbers(droppedRecords(upTo(51), new Set()))).toEqual([1])
})

test('failed ones go first, the oldest of them before the others', () => {
  const records = upTo(53, (sequence) => (sequence === 20 || sequence === 40 ? failed(sequence) : record(sequence)))
  expect(numbers(droppedRecords(records, new Set()))).toEqual([20, 40, 1])
})

test('failed releases do not push out the last good one', () => {
  const records = [record(1), record(2), ...upTo(60, (sequence) => failed(sequence + 2))]
  const dropped = droppedRecords(records, new Set())
  expect(dropped).toHaveLength(12)
  expect(dropped.every(({ verified }) => !verified)).toBe(true)
})

test('the newest verified one stays even where it is the oldest of all', () => {
  const records = [record(1), ...upTo(3, (sequence) => failed(sequence + 1))]
  expect(numbers(droppedRecords(records, new Set(), 0))).toEqual([2, 3, 4])
})

test('what is in use stays, however old', () => {
  const records = upTo(52)
  expect(numbers(droppedRecords(records, new Set([records[0]!.release.id])))).toEqual([2, 3])
})

test('for any history: never too few, the newest verified and what is in use stay, and the failed go before the verified', () => {
  const histories = fc
    .array(fc.record({ verified: fc.boolean(), tag: fc.integer({ min: 1, max: 12 }) }), { maxLength: 80 })
    .map((items) =>
      items.map(({ verified, tag }, index) => (verified ? record(index + 1, tag) : failed(index + 1, tag))),
    )
  fc.assert(
    fc.property(histories, fc.array(fc.nat(79), { maxLength: 4 }), fc.nat(60), (records, used, keep) => {
      const inUse = new Set(used.flatMap((index) => records[index]?.release.id ?? []))
      const dropped = droppedRecords(records, inUse, keep)
      const left = records.filter((each) => !dropped.includes(each))
      const mayGo = (each: ReleaseRecord) =>
        !inUse.has(each.release.id) && each !== records.findLast(({ verified }) => verified)
      expect(new Set(dropped).size).toBe(dropped.length)
      expect(dropped.every((each) => records.includes(each) && mayGo(each))).toBe(true)
      expect(left.length).toBeGreaterThanOrEqual(Math.min(keep, records.length))
      // More than asked for stay only where none of them may go.
      if (left.length > keep) expect(left.some(mayGo)).toBe(false)
      if (dropped.some(({ verified }) => verified))
        expect(left.some((each) => mayGo(each) && !each.verified)).toBe(false)
    }),
  )
})
