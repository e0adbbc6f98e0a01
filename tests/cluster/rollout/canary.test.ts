import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { installCrds } from '../crds.ts'
import { sharedControlPlane } from '../shared-control-plane.ts'
import { appVersion } from './agent-app.ts'
import { CanarySite } from './canary-site.ts'
import { wholeRelease } from './whole-release.ts'

const cluster = sharedControlPlane()
beforeAll(() => installCrds(cluster, 'gateway-api'), 120_000)
afterAll(() => cluster.api.close())
const VERSIONS = [1, 2, 3, 4].map(appVersion)

test('a good release goes up in steps and is promoted; a bad one after it is taken back', async () => {
  const site = await CanarySite.open(cluster, { entry: 'route', perSecond: 150, replicas: 3 })
  try {
    const good = await site.deploy(2)
    console.info(good.said.log.join('\n'))
    expect({ outputs: good.said.outputs, log: good.said.log }).toMatchObject({
      outputs: { outcome: 'promoted', weight: 100 },
    })
    expect(await wholeRelease(cluster, site.namespace, VERSIONS)).toBe(1)

    site.behaviours.set('agent-service:1.0.3', { errorRate: 0.08, seconds: 0.3 })
    const bad = await site.deploy(3)
    console.info(bad.said.log.join('\n'))
    expect(bad.said.outputs).toMatchObject({ outcome: 'rolled-back', 'failed-metric': 'error-rate' })
    expect(await wholeRelease(cluster, site.namespace, VERSIONS)).toBe(1)
  } finally {
    await site.close()
  }
}, 240_000)
