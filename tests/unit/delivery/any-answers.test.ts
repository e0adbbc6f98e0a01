import type { Json } from '@agent-ci/core/json'
import { parseAnswer, type Shape } from '@agent-ci/delivery/analysis/prometheus/answer'
import { PrometheusError } from '@agent-ci/delivery/analysis/prometheus/failure'
import { readPayload } from '@agent-ci/delivery/analysis/prometheus/wire'
import { deploymentProgress, replicaFailure } from '@agent-ci/delivery/kubernetes/deployment-progress'
import { formatTrouble, podTroubles } from '@agent-ci/delivery/kubernetes/pod-trouble'
import type { Deployment, Pod } from '@agent-ci/delivery/kubernetes/workload'
import { recordSchema } from '@agent-ci/delivery/releases/history/record'
import { chooseTarget } from '@agent-ci/delivery/rollout/target'
import { type ArgoRollout, argoPhase, isPromoted, weightReached } from '@agent-ci/delivery/traffic/argo-status'
import { type GatewayRoute, gatewayAcceptance, gatewayPairs } from '@agent-ci/delivery/traffic/gateway-route'
import { recordPairs, shareOfPair, weightDrift, weightPatch } from '@agent-ci/delivery/traffic/weighted-route'
import { renderHistoryMarkdown, renderHistoryText } from '@agent-ci/reporting/releases/history'
import { describe, expect, test } from '@jest/globals'
import { bytesNear, jsonNear, typedNear } from '../../foreign.ts'
import fc, { PATIENCE_MS, RUNS } from '../../properties.ts'
import { failed, record, wayBack } from './records.ts'

const VECTOR = {
  status: 'success',
  data: { resultType: 'vector', result: [{ metric: { pod: 'a' }, value: [1_764_000_000.5, '0.25'] }] },
  warnings: ['PromQL info: x', 'slow'],
}
const MATRIX = {
  status: 'success',
  data: {
    resultType: 'matrix',
    result: [
      {
        metric: { pod: 'a' },
        values: [
          [1, '1'],
          [2, '+Inf'],
          [3, 'NaN'],
        ],
      },
      { metric: {}, histograms: [[1, {}]] },
    ],
  },
}
const REFUSED = { status: 'error', errorType: 'bad_data', error: 'parse error at char 3' }

describe('whatever a server answers in the place of Prometheus is read, or is an error of its own kind', () => {
  const read = (data: string, shape: Shape, status: number, type: string): void => {
    try {
      const { series } = parseAnswer(
        readPayload({ status, headers: { 'content-type': type }, data }, 'http://p'),
        shape,
      )
      for (const { samples } of series) {
        for (const { atMs, value } of samples) {
          expect(Number.isFinite(atMs)).toBe(true)
          expect(typeof value).toBe('number')
        }
      }
    } catch (error) {
      if (!(error instanceof PrometheusError)) throw error
      expect(error.message.length).toBeLessThan(700)
    }
  }
  const answer = fc.oneof(
    ...[VECTOR, MATRIX, REFUSED].flatMap((good) => [
      jsonNear(good).map((value) => JSON.stringify(value)),
      bytesNear(JSON.stringify(good)).map((bytes) => bytes.toString()),
    ]),
  )

  test(
    'of any status',
    () => {
      fc.assert(
        fc.property(
          answer,
          fc.constantFrom<Shape>('instant', 'range'),
          fc.constantFrom(200, 200, 200, 204, 302, 400, 401, 422, 503),
          fc.constantFrom('application/json', 'text/html; charset=utf-8'),
          read,
        ),
        { numRuns: RUNS },
      )
    },
    PATIENCE_MS,
  )
})

const DEPLOYMENT: Json = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'agent', namespace: 'shop', generation: 3 },
  spec: {
    replicas: 3,
    paused: false,
    progressDeadlineSeconds: 60,
    selector: {},
    template: { spec: { containers: [] } },
  },
  status: {
    observedGeneration: 3,
    replicas: 3,
    updatedReplicas: 3,
    availableReplicas: 3,
    conditions: [
      { type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' },
      { type: 'ReplicaFailure', status: 'True', message: 'exceeded quota' },
    ],
  },
}
const waiting = { reason: 'CrashLoopBackOff', message: 'back-off' }
const POD: Json = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'agent-1', namespace: 'shop' },
  spec: { containers: [{ name: 'agent', image: 'agent:1' }] },
  status: {
    phase: 'Running',
    conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/3 nodes' }],
    containerStatuses: [
      { name: 'agent', ready: false, restartCount: 4, state: { waiting }, lastState: { terminated: { exitCode: 1 } } },
    ],
  },
}
const ROUTE: Json = {
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'HTTPRoute',
  metadata: { name: 'agent', namespace: 'shop', generation: 2 },
  spec: {
    parentRefs: [{ name: 'edge' }],
    rules: [
      {
        matches: [{ path: { value: '/' } }],
        backendRefs: [
          { name: 'agent', port: 80, weight: 90 },
          { name: 'agent-canary', weight: 10 },
        ],
      },
      { backendRefs: [{ name: 'other' }] },
    ],
  },
  status: {
    parents: [
      {
        parentRef: { name: 'edge' },
        conditions: [
          { type: 'Accepted', status: 'True', observedGeneration: 2 },
          { type: 'ResolvedRefs', status: 'False', observedGeneration: 2, reason: 'BackendNotFound' },
        ],
      },
    ],
  },
}
const ARGO: Json = {
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'Rollout',
  metadata: { name: 'agent', namespace: 'shop', generation: 2 },
  spec: { strategy: { canary: { steps: [{ setWeight: 10 }, { pause: {} }, { setWeight: 50 }] } } },
  status: { phase: 'Paused', observedGeneration: '2', currentStepIndex: 1, stableRS: 'a', currentPodHash: 'b' },
}

/** The API server and the schemas of the CRDs see to it that these are there. */
const REQUIRED = ['metadata', 'spec', 'name', 'parentRef', 'type', 'status', 'restartCount']
const REMARKS = /undefined|NaN|\[object/

describe('whatever an object of the cluster lacks or says, it is read into a state and words for it', () => {
  test.each<[string, Json, (object: unknown) => string]>([
    [
      'a Deployment',
      DEPLOYMENT,
      (object) =>
        `${JSON.stringify(deploymentProgress(object as Deployment))} ${replicaFailure(object as Deployment) ?? ''}`,
    ],
    [
      'a pod',
      POD,
      (object) =>
        podTroubles([object as Pod])
          .map(formatTrouble)
          .join('\n'),
    ],
    [
      'a route',
      ROUTE,
      (object) => {
        const route = object as GatewayRoute
        const pairs = gatewayPairs(route, { stable: 'agent', canary: 'agent-canary' })
        for (const pair of pairs) {
          const share = shareOfPair(pair)
          if (share !== undefined && Math.abs(pair.stable.weight) < 1e15) expect(Number.isNaN(share)).toBe(false)
        }
        recordPairs(pairs, [])
        if (pairs.every(({ canary }) => canary)) weightPatch(pairs, 25)
        return `${JSON.stringify(gatewayAcceptance(route))} ${weightDrift(pairs, 25) ?? ''}`
      },
    ],
    [
      'a Rollout of Argo',
      ARGO,
      (object) => {
        const rollout = object as ArgoRollout
        return `${argoPhase(rollout)} ${isPromoted(rollout)} ${weightReached(rollout)}`
      },
    ],
  ])(
    '%s',
    (_, good, read) => {
      expect(read(good)).not.toMatch(REMARKS)
      fc.assert(
        fc.property(typedNear(good, REQUIRED), (object) => {
          read(object)
        }),
        { numRuns: RUNS },
      )
    },
    PATIENCE_MS,
  )
})

test(
  'a history in which anything was changed holds records or what is none, and a way back is chosen or refused with its reason',
  () => {
    const good = JSON.parse(JSON.stringify([record(1), record(2), failed(3), wayBack(4, 2, 1)])) as Json
    let read = 0
    fc.assert(
      fc.property(jsonNear(good), (list) => {
        const records = (Array.isArray(list) ? list : []).flatMap((value) => recordSchema.safeParse(value).data ?? [])
        read += records.length
        const target = chooseTarget(records, { current: 4, underway: undefined }, { to: '', stepsBack: 1 })
        if (target.record) expect(records).toContain(target.record)
        else expect(target.why).not.toBe('')
        const shown = records.map((each) => ({
          ...each,
          runUrl: each.run_url,
          rollbackFrom: each.rollback_from,
          current: false,
        }))
        expect(renderHistoryMarkdown(shown)).not.toMatch(/<script|<img|javascript:|\u202e/)
        expect(renderHistoryText(shown).join('\n')).not.toMatch(/^\s*::|##\[|\u202e/m)
      }),
      { numRuns: RUNS },
    )
    expect(read).toBeGreaterThan(RUNS)
  },
  PATIENCE_MS,
)
