import { scraped } from '@agent-ci/action-canary-deploy/scraped'
import { UnseenError } from '@agent-ci/delivery/analysis/unseen'
import { expect, test } from '@jest/globals'

const UNSEEN = { what: 'No label tells canary and stable apart', why: 'The metric has no series', mend: 'Add it' }

/** A host whose time goes on only while it sleeps; the oldest pod is `ageMs` old at the start. */
function site(ageMs: number | undefined, seenAfterMs: number) {
  let nowMs = 0
  let asked = 0
  const lines: string[] = []
  const host = {
    now: () => nowMs,
    date: () => new Date(1_700_000_000_000 + nowMs),
    sleep: async (ms: number) => {
      nowMs += ms
    },
    signal: new AbortController().signal,
    info: (line: string) => lines.push(line),
  }
  const ask = async () => {
    asked++
    if (nowMs < seenAfterMs) throw new UnseenError(UNSEEN)
    return 'arms'
  }
  const since = async () => (ageMs === undefined ? undefined : new Date(1_700_000_000_000 - ageMs))
  return { lines, asked: () => asked, now: () => nowMs, found: () => scraped(ask, since, host) }
}

test('pods that are new are waited for until they are scraped', async () => {
  const { lines, found } = site(12_000, 15_000)
  expect(await found()).toBe('arms')
  expect(lines).toEqual([
    'Prometheus has no series of stable yet, whose pods are new (the oldest is 12 s old), as after a promotion: waiting up to 120 s for a scrape',
    'Prometheus has the pods of stable, 16 s later',
  ])
})

test('nothing is said or waited for where they are seen at once', async () => {
  const { lines, asked, found } = site(12_000, 0)
  expect([await found(), asked(), lines]).toEqual(['arms', 1, []])
})

test('new pods that nobody scrapes are refused after two minutes, and the case is named', async () => {
  const { now, found } = site(12_000, Number.POSITIVE_INFINITY)
  await expect(found()).rejects.toThrow(
    'No label tells canary and stable apart, after 120 s of waiting for a scrape. The metric has no series. The pods of stable are new, as right after a promotion: the oldest is 132 s old. See on the targets page of Prometheus that it finds these pods, then run this job again; with a scrape interval above a minute, give it one more.',
  )
  expect(now()).toBe(120_000)
})

test.each([
  ['old', 301_000],
  ['of an unknown age', undefined],
])('pods that are %s are not waited for', async (_, ageMs) => {
  const { now, found } = site(ageMs, Number.POSITIVE_INFINITY)
  await expect(found()).rejects.toThrow('No label tells canary and stable apart. The metric has no series. Add it.')
  expect(now()).toBe(0)
})

test('any other trouble is not waited for', async () => {
  const ask = () => Promise.reject(new Error('connection refused'))
  const host = { now: () => 0, date: () => new Date(0), sleep: async () => undefined, info: () => undefined }
  const { signal } = new AbortController()
  await expect(scraped(ask, async () => new Date(0), { ...host, signal })).rejects.toThrow('connection refused')
})
