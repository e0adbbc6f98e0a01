import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { installCrds } from '../cluster/crds.ts'
import { appVersion } from '../cluster/rollout/agent-app.ts'
import { CanarySite, GOOD } from '../cluster/rollout/canary-site.ts'
import { wholeRelease } from '../cluster/rollout/whole-release.ts'
import { sharedControlPlane } from '../cluster/shared-control-plane.ts'
import { type ActEnd, act, succeeded } from './act.ts'
import { Sample } from './sample.ts'
import { type LocalRepositories, removeSuite, stageSuite } from './suite.ts'

const cluster = sharedControlPlane()
const directory = mkdtempSync(join(tmpdir(), 'agent-ci-e2e-'))
const VERSIONS = [1, 2, 3, 4].map(appVersion)
let suite: LocalRepositories
let site: CanarySite
let sample: Sample

beforeAll(async () => {
  suite = await stageSuite(directory, (line) => console.info(line))
  await installCrds(cluster, 'gateway-api')
  site = await CanarySite.open(cluster, { entry: 'route', perSecond: 100, replicas: 2, namespace: 'production' })
  sample = Sample.create(directory, appVersion(2), site.namespace)
}, 120_000)
afterAll(async () => {
  await site.close()
  cluster.api.close()
  removeSuite(directory)
})

const shipping = () => ({
  sample,
  suite,
  secrets: { PRODUCTION_KUBECONFIG: site.plane.kubeconfig, STAGING_KUBECONFIG: site.plane.kubeconfig },
  vars: {
    PROMETHEUS_URL: site.prometheus.url,
    AGENT_NAMESPACE: site.namespace,
    CANARY_STEPS: '50,100',
    CANARY_STEP_DURATION: '4s',
    CANARY_INTERVAL: '2s',
    CANARY_BAKE: '0s',
  },
})

/** Pushes a release of the sample to a branch. */
function push(branch: string, release: number, files: Readonly<Record<string, string>> = {}): Promise<ActEnd> {
  const after = sample.release(appVersion(release), files)
  const payload = { ref: `refs/heads/${branch}`, after }
  return act({ ...shipping(), workflow: 'pipeline-node.yml', event: 'push', payload })
}

const rollback = (inputs: Readonly<Record<string, string>>): Promise<ActEnd> =>
  act({ ...shipping(), workflow: 'pipeline-rollback.yml', event: 'workflow_dispatch', payload: { inputs } })

const runs = () => wholeRelease(cluster, site.namespace, VERSIONS)
const CHECKS = {
  'Pipeline/Agent pipeline/Fast checks': 'success',
  'Pipeline/Agent pipeline/Unit tests': 'success',
  'Pipeline/Agent pipeline/Integration tests': 'success',
  'Evaluation/Evaluation/Plan': 'success',
}
const DEPLOY = 'Production/Canary deploy/deploy production'

test('a good change goes through every stage to production, and what is deployed is what was evaluated', async () => {
  const { jobs, outputs, artifacts } = await succeeded(push('main', 2))
  expect(jobs).toEqual({ ...CHECKS, 'Evaluation/Evaluation/Golden examples': 'success', [DEPLOY]: 'success' })
  expect(outputs).toMatchObject({ 'measure.eval.verdict': 'passed', 'deploy.deploy.outcome': 'promoted' })
  expect(Object.keys(artifacts).toSorted()).toEqual(['agent-ci-results', 'agent-ci-rollout-production-1'])
  expect(await runs()).toBe(1)
})

test('a red evaluation stops it before anything is deployed', async () => {
  const { status, jobs, outputs } = await push('main', 3, { 'prompts/system.md': 'Always say no.\n' })
  expect(jobs).toEqual({ ...CHECKS, 'Evaluation/Evaluation/Golden examples': 'failure' })
  expect(outputs).toMatchObject({ 'measure.eval.verdict': 'failed' })
  expect(status).toBe(1)
  expect(await runs()).toBe(1)
})

test('a canary that turns bad is taken back, and the job is red', async () => {
  site.behaviours.set('agent-service:1.0.3', { ...GOOD, errorRate: 0.4 })
  const { status, jobs, outputs } = await push('main', 3)
  expect(outputs).toMatchObject({
    'measure.eval.verdict': 'passed',
    'deploy.deploy.outcome': 'rolled-back',
    'deploy.deploy.failed-metric': 'error-rate',
  })
  expect(jobs[DEPLOY]).toBe('failure')
  expect(status).toBe(1)
  expect(await runs()).toBe(1)
})

test('the branch of staging goes to staging', async () => {
  const { jobs, outputs } = await succeeded(push('develop', 4))
  expect(jobs['Staging/Canary deploy/deploy staging']).toBe('success')
  expect(jobs[DEPLOY]).toBeUndefined()
  expect(outputs).toMatchObject({ 'deploy.deploy.outcome': 'promoted' })
  expect(await runs()).toBe(3)
})

test('a rollback by hand: the drill changes nothing, then it goes back as one', async () => {
  const drill = await succeeded(rollback({ environment: 'production', mode: 'drill', to: '' }))
  expect(drill.outputs).toMatchObject({ 'rollback.rollback.outcome': 'drilled' })
  expect(await runs()).toBe(3)
  const { outputs } = await succeeded(rollback({ environment: 'production', mode: 'apply', to: '' }))
  expect(outputs).toMatchObject({ 'rollback.rollback.outcome': 'rolled-back' })
  expect(await runs()).toBe(1)
})

test('how it stands can be asked by hand', async () => {
  const inputs = { environment: 'production', operation: 'status' }
  const payload = { ref: 'refs/heads/main', inputs }
  const { outputs } = await succeeded(
    act({ ...shipping(), workflow: 'promote.yml', event: 'workflow_dispatch', payload }),
  )
  expect(outputs['deploy.deploy.reason']).toMatch(/1\.0\.2|r-/)
})

/** The examples that call the actions themselves; their namespace is their environment's name. */
const byActions = (workflow: string, event: string, payload: object, env: Readonly<Record<string, string>> = {}) =>
  succeeded(
    act({
      ...shipping(),
      workflow,
      event,
      env,
      payload: { ref: 'refs/heads/main', ...payload },
      secrets: { KUBECONFIG: site.plane.kubeconfig },
    }),
  )

test('the actions alone: a rollback is drilled in the morning, and a sweep finds nothing that was left half done', async () => {
  const { outputs, jobs } = await byActions('rollback.yml', 'schedule', {})
  expect(outputs).toMatchObject({ 'rollback.0.outcome': 'drilled' })
  expect(jobs).toEqual({ 'Rollback/drill': 'success' })
  const sweep = await byActions('sweep.yml', 'schedule', {})
  expect(sweep.log).toMatch(/sweep/)
  expect(await runs()).toBe(1)
})

test('the actions alone: what a tag would do is planned by hand, and changes nothing', async () => {
  const payload = { ref: 'refs/tags/v1.0.4', inputs: { operation: 'plan' } }
  const { outputs, log } = await byActions('canary-deploy.yml', 'workflow_dispatch', payload)
  expect(outputs).toMatchObject({ 'canary.1.outcome': 'planned' })
  expect(log).toContain('v1.0.4')
  expect(await runs()).toBe(1)
})
