import { DEFAULT_RULES, type FailedRequest, retryDelayMs } from '@agent-ci/github/retry-rules'
import { expect, test } from '@jest/globals'

const NOW = new Date('2026-11-24T03:00:00Z')
const FAILED: FailedRequest = { status: 502, message: 'Bad gateway', headers: {}, code: undefined, repeatable: true }
const delay = (failed: Partial<FailedRequest>, attempt = 0) =>
  retryDelayMs({ ...FAILED, ...failed }, attempt, DEFAULT_RULES, NOW, () => 0.5)

test.each<[string, Partial<FailedRequest>, number | undefined]>([
  ['a gateway that fails', {}, 500],
  ['a gateway that fails where a second request would do it twice', { repeatable: false }, undefined],
  ['a service that is not available', { status: 503, repeatable: false }, 500],
  ['a broken connection', { status: 500, headers: undefined, code: 'ECONNRESET' }, 500],
  ['a broken connection of what must not be done twice', { headers: undefined, repeatable: false }, undefined],
  ['a connection that never was', { headers: undefined, code: 'ECONNREFUSED', repeatable: false }, 500],
  ['429 with a time', { status: 429, headers: { 'retry-after': '7' }, repeatable: false }, 7_500],
  ['403 with a time', { status: 403, headers: { 'retry-after': 7 }, repeatable: false }, 7_500],
  ['a secondary limit without a time', { status: 403, message: 'exceeded a secondary rate limit' }, 60_500],
  [
    'a primary limit that ends soon',
    { status: 403, headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(NOW.getTime() / 1_000 + 20) } },
    20_500,
  ],
  [
    'a primary limit that ended by our clock',
    { status: 403, headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '0' } },
    500,
  ],
  [
    'a primary limit that ends in an hour',
    {
      status: 403,
      headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(NOW.getTime() / 1_000 + 3_600) },
    },
    undefined,
  ],
  ['a time that we do not wait', { status: 429, headers: { 'retry-after': '600' } }, undefined],
  ['a permission that is missing', { status: 403, message: 'Resource not accessible by integration' }, undefined],
  ['what is not there', { status: 404 }, undefined],
  ['what is wrong', { status: 422 }, undefined],
])('%s', (_, failed, expected) => {
  expect(delay(failed)).toBe(expected)
})

test('waiting grows, and ends', () => {
  expect([0, 1, 2, 3].map((attempt) => delay({}, attempt))).toEqual([500, 1_000, 2_000, undefined])
})
