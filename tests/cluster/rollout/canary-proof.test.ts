import { writeFileSync } from 'node:fs'
import { request as ask, createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { receiptDigest } from '@agent-ci/core/receipt'
import { afterAll, expect, test } from '@jest/globals'
import { receipt } from '../../unit/core/receipts.ts'
import { startApiProxy } from '../api-proxy.ts'
import { installCrds } from '../crds.ts'
import { isReady, type Pod } from '../pod.ts'
import { loopbackAddress } from '../pod-address.ts'
import { sharedControlPlane } from '../shared-control-plane.ts'
import { appVersion } from './agent-app.ts'
import { canaryWeights, holding } from './canary-invariants.ts'
import { leftovers } from './canary-leftovers.ts'
import { CanarySite, GOOD, type Ran, type SiteChoice } from './canary-site.ts'
import { together } from './together.ts'
import { wholeRelease } from './whole-release.ts'

const cluster = sharedControlPlane()
const CRDS = installCrds(cluster, 'gateway-api')
afterAll(() => cluster.api.close())
const VERSIONS = [1, 2, 3].map(appVersion)
const QUICK = { metrics: 'none', steps: '50,100', 'step-duration': '1s', interval: '500ms' }

async function opened<T>(more: Partial<SiteChoice>, work: (site: CanarySite) => Promise<T>): Promise<T> {
  await CRDS
  const site = await CanarySite.open(cluster, { entry: 'route', perSecond: 20, replicas: 2, ...more })
  try {
    return await work(site)
  } finally {
    await site.close()
  }
}

const told = ({ said }: Ran) => ({ outputs: said.outputs, log: said.log.join('\n') })

/** The canary's own address, as an Ingress or a port-forward gives it: any ready pod of it. */
async function canaryAddress(site: CanarySite): Promise<Server & { url: string; asked: string[] }> {
  const asked: string[] = []
  const server = createServer(async (incoming, response) => {
    const pods = (await cluster.api.list(`/api/v1/namespaces/${site.namespace}/pods`)) as unknown as Pod[]
    const pod = pods.find((each) => each.metadata.labels?.['agent-ci.dev/track'] === 'canary' && isReady(each))
    asked.push(`${incoming.method} ${incoming.url}`)
    if (!pod?.status.podIP) return void response.writeHead(503).end()
    const { method, url, headers } = incoming
    const onward = ask(
      { host: loopbackAddress(pod.status.podIP), port: 8080, method, path: url, headers },
      (answer) => {
        response.writeHead(answer.statusCode ?? 500, answer.headers)
        answer.pipe(response)
      },
    )
    onward.once('error', () => response.destroy())
    incoming.pipe(onward)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return Object.assign(server, { url, asked })
}

const smokeFile = (directory: string) =>
  writeFileSync(
    join(directory, 'smoke.jsonl'),
    ['refund', 'order']
      .map((id) => JSON.stringify({ id, input: `Is the ${id} possible?`, expected: 'yes' }))
      .join('\n'),
  )

test(
  'what a release must show before it gets traffic',
  () =>
    together({
      'its health and the smoke examples, asked of the canary itself': () =>
        opened({}, async (site) => {
          site.behaviours.set('agent-service:1.0.2', { ...GOOD, errorRate: 0 })
          site.behaviours.set('agent-service:1.0.3', { ...GOOD, errorRate: 1 })
          const canary = await canaryAddress(site)
          const checks = {
            ...QUICK,
            'health-url': `${canary.url}/health`,
            'smoke-dataset': 'smoke.jsonl',
            'smoke-url': canary.url,
          }
          const good = await holding(site, () => site.deploy(2, checks, { files: smokeFile }))
          expect(told(good.result)).toMatchObject({ outputs: { outcome: 'promoted' } })
          expect(canary.asked[0]).toBe('GET /health')
          expect(canary.asked.filter((each) => each.startsWith('POST'))).toHaveLength(2)
          expect(good.problems).toEqual([])

          const bad = await holding(site, () => site.deploy(3, checks, { files: smokeFile }))
          expect(told(bad.result)).toMatchObject({
            outputs: { outcome: 'rolled-back', reason: expect.stringMatching(/^smoke examples: /) },
          })
          expect(canaryWeights(bad.observer)).toEqual([0])
          expect(bad.problems).toEqual([])
          expect(await wholeRelease(cluster, site.namespace, VERSIONS)).toBe(1)
          expect(await leftovers(cluster, site.namespace)).toEqual([])
          canary.close()
        }),

      'a receipt, where one is required: nothing is touched without it, and the part that differs is named': () =>
        opened({ perSecond: 0, measured: false }, async (site) => {
          const proxy = await startApiProxy(cluster.kubeconfig, cluster.serving)
          const through = { kubeconfig: proxy.kubeconfig }
          const required = { ...QUICK, 'require-receipt': 'true' }
          const touched = () => proxy.writes.map(({ method, url }) => `${method} ${url}`)
          await expect(site.deploy(2, required, through)).rejects.toThrow(/receipt/)
          const put = (changes: object) => (directory: string) => {
            const content = { ...receipt, ...changes }
            writeFileSync(
              join(directory, 'receipt.json'),
              JSON.stringify({
                ...content,
                digest: receiptDigest(content as unknown as Parameters<typeof receiptDigest>[0]),
              }),
            )
          }
          const given = { ...required, receipt: 'receipt.json' }
          const other = site.deploy(2, given, { ...through, files: put({}) })
          await expect(other).rejects.toMatchObject({
            problems: expect.arrayContaining([
              expect.objectContaining({ what: expect.stringMatching(/config/i) }),
              expect.objectContaining({ what: expect.stringMatching(/prompt/i) }),
            ]),
          })
          await expect(site.deploy(2, given, { ...through, files: put({ verdict: 'failed' }) })).rejects.toThrow(
            /failed/,
          )
          expect(touched()).toEqual([])
          expect(await wholeRelease(cluster, site.namespace, VERSIONS)).toBe(0)
          await proxy.stop()
        }),
    }),
  180_000,
)
