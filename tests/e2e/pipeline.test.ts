import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { installCrds } from '../cluster/crds.ts'
import { appVersion, writeApp } from '../cluster/rollout/agent-app.ts'
import { CanarySite } from '../cluster/rollout/canary-site.ts'
import { wholeRelease } from '../cluster/rollout/whole-release.ts'
import { sharedControlPlane } from '../cluster/shared-control-plane.ts'
import { type ActEnd, act } from './act.ts'
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
  site = await CanarySite.open(cluster, { entry: 'route', perSecond: 100, replicas: 2 })
  sample = Sample.create(directory, appVersion(2), site.namespace)
}, 120_000)
afterAll(async () => {
  await site.close()
  cluster.api.close()
  removeSuite(directory)
})

/** A push to a branch of the sample, as its workflow pipeline-node.yml is started by it. */
const push = (branch: string): Promise<ActEnd> =>
  act({
    sample,
    suite,
    workflow: 'pipeline-node.yml',
    event: 'push',
    payload: { ref: `refs/heads/${branch}`, after: sample.git('rev-parse', 'HEAD') },
    secrets: { PRODUCTION_KUBECONFIG: site.plane.kubeconfig, STAGING_KUBECONFIG: site.plane.kubeconfig },
    vars: {
      PROMETHEUS_URL: site.prometheus.url,
      CANARY_STEPS: '50,100',
      CANARY_STEP_DURATION: '4s',
      CANARY_INTERVAL: '2s',
      CANARY_BAKE: '0s',
    },
  })

const told = ({ jobs, outputs, log }: ActEnd) => ({ jobs, outputs, log })

test('a good change goes through every stage to production', async () => {
  const run = await push('main')
  expect(told(run)).toMatchObject({ outputs: { 'deploy.deploy.outcome': 'promoted' } })
})
