import { type ObserveRules, observeStep, type Trouble } from '@agent-ci/delivery/rollout/observe'
import type { Staging } from '@agent-ci/delivery/rollout/staging'
import type { Look, StepWeight } from '@agent-ci/delivery/rollout/watch'
import type { RouteState } from '@agent-ci/delivery/traffic/router'
import { describe, expect, test } from '@jest/globals'

const STEP: StepWeight = { index: 1, asked: 25, real: 25 }
const INTERVAL_MS = 10_000
const STEP_TIMEOUT_MS = 60_000

const NO_ARM = { requests: null, errors: null, error_rate: null, p50_ms: null, p95_ms: null, p99_ms: null }
const look = (decision: Look['decision'], metric: string | null = null): Look => ({
  check: {
    at: '2026-11-24T00:00:00.000Z',
    step: 1,
    weight: { asked: 25, route: 25, served: 25 },
    canary: NO_ARM,
    stable: NO_ARM,
    evidence: { value: null, limit: 20 },
    metrics: [],
  },
  decision,
  reason: `the numbers say ${decision}`,
  metric,
})

interface Played {
  /** What the looks come to, one after another; the last one goes on. */
  readonly looks?: readonly Look[]
  readonly routes?: readonly RouteState[]
  readonly troubles?: readonly (Trouble | undefined)[]
  readonly onInconclusive?: Staging['onInconclusive']
  readonly moves?: Staging['router']['moves']
  readonly rules?: ObserveRules
  readonly keep?: () => Promise<void>
  readonly checkLead?: () => void
  /** How long a look takes. */
  readonly lookMs?: number
}

/** Observes a step on a clock of its own; what was done, and when. */
async function observed(played: Played) {
  let now = 0
  const did: string[] = []
  const at = <T>(all: readonly T[], index: number): T | undefined => all[Math.min(index, all.length - 1)]
  const counts = { looks: 0, routes: 0, troubles: 0 }
  const router = {
    moves: played.moves ?? 'weight',
    verify: async () => at(played.routes ?? [{ state: 'accepted' } as const], counts.routes++),
    set: async (weight: number) => void did.push(`set ${weight}`),
  }
  const watch = {
    intervalMs: INTERVAL_MS,
    begin: async () => undefined,
    state: () => `learnt by ${counts.looks}`,
    look: async () => {
      did.push(`look at ${now / 1_000} s`)
      now += played.lookMs ?? 0
      return at(played.looks ?? [look('hold')], counts.looks++)
    },
  }
  const silent = () => undefined
  const follower = {
    begin: silent,
    phase: silent,
    step: silent,
    look: silent,
    decision: (text: string) => did.push(text),
    problem: silent,
  }
  const staging = {
    router,
    watch,
    follower,
    stepTimeoutMs: STEP_TIMEOUT_MS,
    onInconclusive: played.onInconclusive ?? 'pause',
  } as unknown as Staging
  const end = await observeStep(
    {
      now: () => now,
      sleep: async (ms) => {
        now += ms
      },
      signal: new AbortController().signal,
      warn: (message) => did.push(`warning: ${message}`),
      checkLead: played.checkLead ?? (() => undefined),
      trouble: async () => at(played.troubles ?? [undefined], counts.troubles++),
      keep: played.keep ?? (async (analysis) => void did.push(`kept: ${analysis}`)),
    },
    staging,
    STEP,
    played.rules ?? { patienceMs: 15_000 },
  )
  return { end, did, seconds: now / 1_000 }
}

describe('a step', () => {
  test('looks after each interval, keeps what was learnt, and ends as soon as the canary is shown to be good', async () => {
    const { end, did } = await observed({ looks: [look('hold'), look('advance')] })
    expect(end).toEqual({ end: 'advance' })
    expect(did).toEqual([
      'look at 10 s',
      'kept: learnt by 1',
      'look at 20 s',
      'kept: learnt by 2',
      'step 2 (25 %): the numbers say advance',
    ])
  })

  test('ends at once with the metric that a bad canary fails by', async () => {
    const { end, seconds } = await observed({ looks: [look('rollBack', 'error-rate')] })
    expect(end).toEqual({ end: 'failed', reason: 'the numbers say rollBack', metric: 'error-rate' })
    expect(seconds).toBe(10)
  })

  test('keeps its pace although looks take time', async () => {
    const { did } = await observed({ looks: [look('hold'), look('hold'), look('advance')], lookMs: 4_000 })
    expect(did.filter((each) => each.startsWith('look'))).toEqual(['look at 10 s', 'look at 20 s', 'look at 30 s'])
  })

  test.each([
    ['pause', { end: 'paused', reason: expect.stringContaining('showed nothing either way in its time') }],
    ['fail', { end: 'failed', reason: expect.stringContaining('showed nothing either way in its time'), metric: null }],
    ['pass', { end: 'advance' }],
  ] as const)('that showed nothing in its time ends as on-inconclusive says: %s', async (onInconclusive, wanted) => {
    const { end, seconds } = await observed({ onInconclusive })
    expect(end).toEqual(wanted)
    expect(seconds).toBe(60)
  })

  test('says what was missing when it pauses', async () => {
    const { end } = await observed({})
    expect(end).toEqual({
      end: 'paused',
      reason: 'step 2 (25 %) showed nothing either way in its time: the numbers say hold',
    })
  })

  test('goes on although what was learnt could not be kept', async () => {
    const { end, did } = await observed({
      looks: [look('advance')],
      keep: () => Promise.reject(new Error('the API server is away')),
    })
    expect(end).toEqual({ end: 'advance' })
    expect(did).toContain('warning: What the analysis learnt was not kept: the API server is away')
  })

  test('stops where this run no longer leads', async () => {
    const checkLead = () => {
      throw new Error('the lock was taken over')
    }
    await expect(observed({ checkLead })).rejects.toThrow('the lock was taken over')
  })
})

describe('pods in trouble', () => {
  const stubborn = { text: 'pod a: OOMKilled', fatal: false }

  test('that waiting cannot mend end the step at once', async () => {
    const { end, seconds } = await observed({ troubles: [{ text: 'pod a: CrashLoopBackOff', fatal: true }] })
    expect(end).toEqual({ end: 'failed', reason: 'pod a: CrashLoopBackOff', metric: 'pods' })
    expect(seconds).toBe(10)
  })

  test('that may pass are given some time, and end it after that', async () => {
    const { end, seconds } = await observed({ troubles: [stubborn] })
    expect(end).toEqual({ end: 'failed', reason: 'pod a: OOMKilled', metric: 'pods' })
    expect(seconds).toBe(30)
  })

  test('that passed are forgotten', async () => {
    const { end } = await observed({
      troubles: [stubborn, undefined, stubborn, undefined],
      looks: [look('hold'), look('hold'), look('hold'), look('advance')],
    })
    expect(end).toEqual({ end: 'advance' })
  })
})

describe('a weight that somebody else changed', () => {
  const lost = {
    state: 'lost',
    why: 'rule 1 has the weights 90 and 10, not 75 and 25: argocd changed it after us',
  } as const

  test('is written again, and nothing is held against the canary', async () => {
    const { end, did } = await observed({
      routes: [lost, { state: 'accepted' }],
      looks: [look('hold'), look('advance')],
    })
    expect(end).toEqual({ end: 'advance' })
    expect(did.slice(0, 2)).toEqual([`warning: ${lost.why}; the weight is written again`, 'set 25'])
  })

  test('again and again has a person decide', async () => {
    const { end, did } = await observed({ routes: [lost] })
    expect(end).toEqual({ end: 'paused', reason: `somebody else keeps changing the weight: ${lost.why}` })
    expect(did.filter((each) => each === 'set 25')).toHaveLength(3)
  })

  test.each([{ moves: 'release' as const }, { rules: { patienceMs: 15_000, baking: true } }])(
    'is not looked for where there is none to look after: %j',
    async (played) => {
      const { did } = await observed({ routes: [lost], ...played })
      expect(did).not.toContain('set 25')
    },
  )
})

test('a promoted release is watched for the whole time, however good it looks', async () => {
  const { end, seconds, did } = await observed({
    looks: [look('advance')],
    rules: { patienceMs: 15_000, baking: true },
  })
  expect({ end, seconds }).toEqual({ end: { end: 'advance' }, seconds: 60 })
  expect(did.at(-1)).toBe('the promoted release: the numbers say advance')
})
