import { DESCRIPTION_CHARACTERS, deploymentDescription } from '@agent-ci/reporting/rollout/deployment'
import { expect, test } from '@jest/globals'

test.each([
  [{ kind: 'preparing' }, 'preparing: nothing of the traffic moved'],
  [{ kind: 'smoke' }, 'smoke tests of the canary, no traffic moved'],
  [{ kind: 'step', strategy: 'canary', weight: 25, step: 2, of: 5 }, 'canary 25 % (step 2/5)'],
  [{ kind: 'step', strategy: 'rolling', weight: 33.333, step: 1, of: 3 }, 'rolling 33.3 % (step 1/3)'],
  [{ kind: 'promoting' }, 'promoting: all traffic goes to the release'],
  [{ kind: 'bake' }, 'watching the promoted release'],
  [{ kind: 'rolling-back' }, 'rolling back'],
  [{ kind: 'ended', outcome: 'promoted', weight: 100, reason: '' }, 'promoted'],
  [
    { kind: 'ended', outcome: 'rolled-back', weight: 25, reason: 'error rate 8.1 % against 2.0 %' },
    'rolled back at 25 %: error rate 8.1 % against 2.0 %',
  ],
] as const)('%p is described as %p', (state, text) => {
  expect(deploymentDescription(state)).toBe(text)
})

test.each(['x'.repeat(500), '😀'.repeat(200), 'a\n\u001b[31mb\u0000 '.repeat(100)])(
  'a description is one line of at most 140 characters (%#)',
  (reason) => {
    const text = deploymentDescription({ kind: 'ended', outcome: 'paused', weight: 10, reason })
    expect(text.length).toBeLessThanOrEqual(DESCRIPTION_CHARACTERS)
    expect(text).toMatch(/^paused at 10 %: [^\u0000-\u001f]*…$/u)
    expect(text.isWellFormed()).toBe(true)
  },
)
