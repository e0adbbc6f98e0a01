import { Coverage, isCovered } from '@agent-ci/core/coverage'
import { exitStatus, ON_INCONCLUSIVE, VERDICTS, worst } from '@agent-ci/core/verdict'
import { describe, expect, test } from '@jest/globals'

describe('the worst of some verdicts', () => {
  test('is the later one in the order passed, inconclusive, failed, errored', () => {
    for (const [rank, verdict] of VERDICTS.entries())
      for (const better of VERDICTS.slice(0, rank + 1)) {
        expect(worst([verdict, better])).toBe(verdict)
        expect(worst([better, verdict])).toBe(verdict)
      }
  })
  test('of none is errored: no data is never a pass', () => {
    expect(worst([])).toBe('errored')
  })
})

describe('the exit status', () => {
  test('of what was decided asks nobody', () => {
    for (const rule of ON_INCONCLUSIVE)
      for (const pointMet of [true, false]) {
        expect(exitStatus('passed', rule, pointMet)).toBe(0)
        expect(exitStatus('failed', rule, pointMet)).toBe(1)
        expect(exitStatus('errored', rule, pointMet)).toBe(1)
      }
  })
  test.each([
    ['point', true, 0],
    ['point', false, 1],
    ['fail', true, 1],
    ['fail', false, 1],
    ['pass', true, 0],
    ['pass', false, 0],
  ] as const)('of inconclusive under %s, the plain rule met: %s, is %i', (rule, pointMet, status) => {
    expect(exitStatus('inconclusive', rule, pointMet)).toBe(status)
  })
})

describe('the coverage', () => {
  test.each([
    [4, 5, 0.8, true],
    [3, 5, 0.8, false],
    // 0.07 * 100 is 7.000000000000001 in doubles.
    [7, 100, 0.07, true],
    [6, 100, 0.07, false],
  ])('%i of %i reach %f: %s', (measured, asked, least, reached) => {
    expect(isCovered(measured, asked, least)).toBe(reached)
  })
  test('counts all that were asked, and those that were measured', () => {
    const coverage = new Coverage()
    for (const measured of [true, false, true, true]) coverage.count(measured)
    expect(coverage).toMatchObject({ asked: 4, measured: 3 })
    expect(coverage.reaches(0.75)).toBe(true)
    expect(coverage.reaches(0.76)).toBe(false)
  })
})
