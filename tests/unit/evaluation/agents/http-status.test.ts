import { failureOfStatus, retryAfterMs } from '@agent-ci/evaluation/agents/http-status'
import { describe, expect, test } from '@jest/globals'

const RATE_LIMIT = { of: 'infrastructure', kind: 'rate-limit', retryable: true }
const UNAVAILABLE = { of: 'infrastructure', kind: 'unavailable', retryable: true }
const REFUSED_INPUT = { of: 'agent', kind: 'refused', retryable: false }
const REFUSED = { of: 'infrastructure', kind: 'refused', retryable: false }

test.each([
  [429, RATE_LIMIT],
  [529, RATE_LIMIT],
  [408, UNAVAILABLE],
  [409, UNAVAILABLE],
  [425, UNAVAILABLE],
  [500, UNAVAILABLE],
  [503, UNAVAILABLE],
  [599, UNAVAILABLE],
  [400, REFUSED_INPUT],
  [413, REFUSED_INPUT],
  [422, REFUSED_INPUT],
  [401, REFUSED],
  [403, REFUSED],
  [404, REFUSED],
  [499, REFUSED],
  [302, REFUSED],
])('the status %i is %j', (status, failure) => {
  expect(failureOfStatus(status)).toEqual(failure)
})

describe('Retry-After', () => {
  const date = 'Wed, 25 Nov 2026 12:00:00 GMT'
  test.each([
    ['2', undefined, 2_000],
    [' 1.5 ', null, 1_500],
    ['1.25', undefined, 1_250],
    ['0', undefined, 0],
    ['120', date, 120_000],
    ['Wed, 25 Nov 2026 12:00:30 GMT', date, 30_000],
    ['Wed, 25 Nov 2026 11:59:30 GMT', date, 0],
    ['Wed, 25 Nov 2026 12:00:30 GMT', undefined, undefined],
    ['soon', date, undefined],
    ['x2', date, undefined],
    ['2x', date, undefined],
    ['', date, undefined],
    [null, date, undefined],
    [undefined, date, undefined],
  ])('%j at %j asks for %j ms', (retryAfter, at, ms) => {
    expect(retryAfterMs(retryAfter, at)).toBe(ms)
  })
})
