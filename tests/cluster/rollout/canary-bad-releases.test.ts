import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from '@jest/globals'
import { installCrds } from '../crds.ts'
import { sharedControlPlane } from '../shared-control-plane.ts'
import { type Stage, stageLabel } from '../stages.ts'
import { appVersion } from './agent-app.ts'
import type { Behaviour } from './agent-program.ts'
import { holding } from './canary-invariants.ts'
import { leftovers } from './canary-leftovers.ts'
import { CanarySite, GOOD } from './canary-site.ts'
import { together } from './together.ts'
import { wholeRelease } from './whole-release.ts'

const cluster = sharedControlPlane()
const CRDS = installCrds(cluster, 'gateway-api')
afterAll(() => cluster.api.close())
const VERSIONS = [1, 2, 3, 4].map(appVersion)

interface Bad {
  readonly name: string
  readonly behaviour?: Behaviour
  readonly stable?: Behaviour
  readonly stage?: Stage
  readonly inputs?: Readonly<Record<string, string>>
  /** The metric's name, or what jest matches it by; null where no metric found it. */
  readonly metric: unknown
  readonly reason: RegExp
}

const MODEL_DRIFT = {
  packs: ['http'],
  metrics: [
    {
      kind: 'empty',
      name: 'model-drift',
      query: drift('$c', 'unless'),
      evidence: `count(${drift('$c', 'or')})`,
      finding: 'models answer for the canary that stable does not use',
    },
  ],
}

function drift(arm: string, operator: 'unless' | 'or'): string {
  const models = (place: string) =>
    `count by (gen_ai_response_model) (gen_ai_client_operation_duration_seconds_count{${place}})`
  return `${models(arm)} ${operator} on (gen_ai_response_model) ${models('$s')}`
}

const CASES: readonly Bad[] = [
  {
    name: 'fails 8 % of its requests, where stable fails 2 %',
    behaviour: { errorRate: 0.08, seconds: 0.3 },
    metric: 'error-rate',
    // All three are right, and which comes first is chance.
    reason: /requests failed on the canary, .* on stable|error rate is (?:above its limit of 5.0|far above 10.0) %/,
  },
  { name: 'fails them all', behaviour: { errorRate: 1, seconds: 0.3 }, metric: 'error-rate', reason: /./ },
  {
    name: 'is twice as slow',
    behaviour: { errorRate: 0.02, seconds: 0.6 },
    // Evidence of one check is capped: it takes four with traffic on both sides, and the first ones may have little.
    inputs: { 'step-duration': '12s' },
    metric: 'latency',
    reason: /^the canary is [\d.]+ times as slow: p95 [\d.]+ s against [\d.]+ s/,
  },
  {
    name: 'is forty times as slow',
    behaviour: { errorRate: 0.02, seconds: 12 },
    // Its first answers come after 6 s, when the limit has as much to go by as the comparison.
    metric: expect.stringMatching(/^latency/),
    reason: /slow|p9/,
  },
  {
    name: 'answers with another model',
    stable: { ...GOOD, model: 'model-a' },
    behaviour: { ...GOOD, model: 'model-b' },
    inputs: { metrics: 'metrics.json' },
    metric: 'model-drift',
    reason: /^model-drift: .*models answer for the canary that stable does not use/,
  },
  { name: 'crashes', stage: 'crash-loop-back-off', metric: null, reason: /CrashLoopBackOff: restarted \d+ times/ },
  { name: 'has no image', stage: 'image-pull-back-off', metric: null, reason: /ImagePullBackOff|ErrImagePull/ },
  {
    name: 'is never ready',
    stage: 'never-ready',
    inputs: { timeout: '8s' },
    metric: null,
    reason: /after \d+ s agent-service-canary/,
  },
  { name: 'runs out of memory', stage: 'oom-killed', metric: null, reason: /OOMKilled/ },
]

async function isTakenBack({ behaviour, stable, stage, inputs, metric, reason }: Bad): Promise<void> {
  await CRDS
  // Pods that do not start need no load: what is wrong with them is seen before there is any.
  const measured = stage === undefined
  const site = await CanarySite.open(cluster, {
    entry: 'route',
    perSecond: measured ? 120 : 0,
    replicas: 2,
    ...(!measured && { measured: false }),
    ...(stable && { first: stable }),
  })
  try {
    if (behaviour) site.behaviours.set('agent-service:1.0.2', behaviour)
    const files = (directory: string) => writeFileSync(join(directory, 'metrics.json'), JSON.stringify(MODEL_DRIFT))
    const shape = { podLabels: stage ? stageLabel(stage) : {} }
    const { result, problems } = await holding(site, () =>
      site.deploy(2, { steps: '50,100', ...inputs }, { files, shape }),
    )
    const { said } = result
    expect({ log: said.log.join('\n'), outputs: said.outputs }).toMatchObject({
      outputs: {
        verdict: 'failed',
        outcome: 'rolled-back',
        weight: 0,
        'failed-metric': metric,
        reason: expect.stringMatching(reason),
      },
    })
    expect(problems).toEqual([])
    expect(await wholeRelease(cluster, site.namespace, VERSIONS)).toBe(0)
    expect(await leftovers(cluster, site.namespace)).toEqual([])
  } finally {
    await site.close()
  }
}

test(
  'a bad release is taken back, and the reason says what is wrong with it',
  () => together(Object.fromEntries(CASES.map((each) => [`one that ${each.name}`, () => isTakenBack(each)]))),
  300_000,
)
