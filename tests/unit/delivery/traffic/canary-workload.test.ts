import type { Deployment } from '@agent-ci/delivery/kubernetes/workload'
import { canaryDeployment, canaryPodLabels, selects, suffixed } from '@agent-ci/delivery/traffic/canary-workload'
import { expect, test } from '@jest/globals'
import fc from '../../../properties.ts'

const TRACK = 'agent-ci.dev/track'

test.each([
  ['the only label', { app: 'agent', tier: 'web' }, { app: 'agent' }, { app: 'agent-canary', tier: 'web' }],
  [
    'the instance before the name, which dashboards group by',
    { 'app.kubernetes.io/name': 'agent', 'app.kubernetes.io/instance': 'prod' },
    { 'app.kubernetes.io/name': 'agent', 'app.kubernetes.io/instance': 'prod' },
    { 'app.kubernetes.io/name': 'agent', 'app.kubernetes.io/instance': 'prod-canary' },
  ],
  [
    'none but the track where it is selected',
    { app: 'agent', [TRACK]: 'stable' },
    { app: 'agent', [TRACK]: 'stable' },
    { app: 'agent' },
  ],
])('where a route decides, the stable Service does not select the canary: %s', (_, labels, selector, expected) => {
  expect(canaryPodLabels(labels, { keep: [], leave: [selector] })).toEqual({ ...expected, [TRACK]: 'canary' })
})

test('where pods decide, all labels stay', () => {
  expect(canaryPodLabels({ app: 'agent' }, { keep: [{ app: 'agent' }], leave: [] })).toEqual({
    app: 'agent',
    [TRACK]: 'canary',
  })
})

test('what must stay and change at once is refused, with what to write', () => {
  expect(() => canaryPodLabels({ app: 'agent' }, { keep: [{ app: 'agent' }], leave: [{ app: 'agent' }] })).toThrow(
    'The selector app=agent has no label that may differ. Canary pods and stable pods could not be told apart. Give the pods and the selector of the stable side one more label, such as agent-ci.dev/track: stable.',
  )
  const stable = { [TRACK]: 'stable' }
  expect(() => canaryPodLabels(stable, { keep: [stable], leave: [] })).toThrow('selects agent-ci.dev/track=stable')
})

test('any labels: what must select the canary does, what must not does not', () => {
  const labels = fc.dictionary(fc.constantFrom('app', 'tier', 'version', 'team'), fc.constantFrom('a', 'b'), {
    minKeys: 1,
  })
  fc.assert(
    fc.property(labels, fc.array(fc.constantFrom('app', 'tier', 'version', 'team'), { minLength: 1 }), (all, keys) => {
      const selector = Object.fromEntries(keys.flatMap((key) => (all[key] === undefined ? [] : [[key, all[key]]])))
      fc.pre(Object.keys(selector).length > 0)
      const canary = canaryPodLabels(all, { keep: [], leave: [selector] })
      expect(selects(selector, all)).toBe(true)
      expect(selects(selector, canary)).toBe(false)
      expect(Object.keys(all).filter((key) => all[key] !== canary[key])).toHaveLength(1)
    }),
  )
})

test('names and values that would be too long are shortened and stay different', () => {
  const [a, b] = [`${'x'.repeat(63)}`, `${'x'.repeat(62)}y`].map((text) => suffixed(text, 'canary', 63))
  expect(a).toHaveLength(63)
  expect(a).toMatch(/^x+-[0-9a-f]{6}-canary$/)
  expect(a).not.toBe(b)
})

test("the canary's Deployment: its own name and selector, everything else as the app's, without what owns the app's", () => {
  const stable: Deployment = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name: 'agent',
      namespace: 'shop',
      uid: 'u',
      resourceVersion: '7',
      labels: { team: 'web', 'app.kubernetes.io/instance': 'shop', 'app.kubernetes.io/managed-by': 'Helm' },
      annotations: { 'argocd.argoproj.io/tracking-id': 'x', note: 'kept', 'deployment.kubernetes.io/revision': '3' },
    },
    spec: {
      replicas: 4,
      progressDeadlineSeconds: 90,
      selector: {
        matchLabels: { app: 'agent' },
        matchExpressions: [{ key: 'app', operator: 'In', values: ['agent'] }],
      },
      template: {
        metadata: { labels: { app: 'agent' }, annotations: { scrape: 'true' } },
        spec: { containers: [{ name: 'agent', image: 'agent:2' }] },
      },
    },
    status: { replicas: 4 },
  }
  const labels = { app: 'agent-canary', [TRACK]: 'canary' }
  expect(canaryDeployment(stable, labels, { app: 'agent', replicas: 1 })).toEqual({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name: 'agent-canary',
      namespace: 'shop',
      labels: { team: 'web', 'agent-ci.dev/app': 'agent', 'app.kubernetes.io/managed-by': 'agent-ci' },
      annotations: { note: 'kept' },
    },
    spec: {
      replicas: 1,
      progressDeadlineSeconds: 90,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels, annotations: { scrape: 'true' } },
        spec: { containers: [{ name: 'agent', image: 'agent:2' }] },
      },
    },
  })
})
