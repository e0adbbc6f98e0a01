import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { installCrds } from '../crds.ts'
import { sharedControlPlane } from '../shared-control-plane.ts'
import { CanarySite, GOOD, type Ran } from './canary-site.ts'
import { together } from './together.ts'

const cluster = sharedControlPlane()
beforeAll(() => installCrds(cluster, 'gateway-api'), 120_000)
afterAll(() => cluster.api.close())

const REQUIRED = { 'require-relative': '5', steps: '50,100' }
const told = ({ said }: Ran) => ({ outputs: said.outputs, log: said.log.join('\n') })

test(
  'a comparison that is required decides, and limits alone do not',
  () =>
    together({
      'a good release is promoted once it is shown to be hardly worse than stable': async () => {
        const site = await CanarySite.open(cluster, { entry: 'route', perSecond: 120, replicas: 2 })
        try {
          const ran = await site.deploy(2, REQUIRED)
          expect(told(ran)).toMatchObject({ outputs: { outcome: 'promoted' } })
        } finally {
          await site.close()
        }
      },
      'where nobody fails there is nothing to compare: it pauses, and says why': async () => {
        const flawless = { ...GOOD, errorRate: 0 }
        const site = await CanarySite.open(cluster, { entry: 'route', perSecond: 60, replicas: 2, first: flawless })
        try {
          site.behaviours.set('agent-service:1.0.2', flawless)
          const ran = await site.deploy(2, { ...REQUIRED, 'step-timeout': '15s' })
          expect(told(ran)).toMatchObject({
            outputs: {
              outcome: 'paused',
              verdict: 'inconclusive',
              reason: expect.stringContaining(
                'the comparison with stable has not shown an error rate below 5 times its own, as require-relative asks, evidence 1.0 of 20',
              ),
            },
            log: expect.stringMatching(/Stable had no errors in the last half hour: until somebody fails/),
          })
        } finally {
          await site.close()
        }
      },
    }),
  120_000,
)
