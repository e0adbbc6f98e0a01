import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { installCrds } from '../crds.ts'
import { sharedControlPlane } from '../shared-control-plane.ts'
import { until } from '../until.ts'
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

    // The pods of stable are as new as the promotion: the next rollout waits for Prometheus to scrape them.
    site.prometheus.scrape(false)
    await site.prometheus.above('absent(agent_requests_total)', 0)
    site.behaviours.set('agent-service:1.0.3', { errorRate: 0.08, seconds: 0.3 })
    const following = site.deploy(3)
    const waits = () => site.said?.log.some((line) => line.includes('waiting up to 120 s for a scrape')) === true
    await until(waits, { what: 'the next rollout to wait' })
    site.prometheus.scrape(true)
    const bad = await following
    expect(bad.said.log.join('\n')).toMatch(
      /whose pods are new \(the oldest is \d+ s old\), as after a promotion: waiting up to 120 s for a scrape\nPrometheus has the pods of stable, \d+ s later/,
    )
    console.info(bad.said.log.join('\n'))
    expect(bad.said.outputs).toMatchObject({ outcome: 'rolled-back', 'failed-metric': 'error-rate' })
    expect(await wholeRelease(cluster, site.namespace, VERSIONS)).toBe(1)
  } finally {
    await site.close()
  }
}, 240_000)
