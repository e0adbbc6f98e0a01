import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { installCrds } from '../crds.ts'
import { sharedControlPlane } from '../shared-control-plane.ts'
import { runAction } from './action-process.ts'
import { appVersion, deployInputs, writeApp } from './agent-app.ts'
import type { Behaviour } from './agent-program.ts'
import { CanarySite, GOOD, type Ran } from './canary-site.ts'
import { together } from './together.ts'

const cluster = sharedControlPlane()
beforeAll(() => installCrds(cluster, 'gateway-api'), 120_000)
afterAll(() => cluster.api.close())

const STABLE: Behaviour = { ...GOOD, model: 'model-a' }
const INPUTS = { metrics: 'genai', steps: '50,100', 'step-timeout': '20s' }
const told = ({ said }: Ran) => ({ outputs: said.outputs, log: said.log.join('\n') })

async function opened(work: (site: CanarySite) => Promise<void>): Promise<void> {
  const site = await CanarySite.open(cluster, { entry: 'route', perSecond: 80, replicas: 2, first: STABLE })
  try {
    await work(site)
  } finally {
    await site.close()
  }
}

/** What a canary of this behaviour comes to. */
const canary = (behaviour: Behaviour, outputs: object, log: RegExp) => () =>
  opened(async (site) => {
    site.behaviours.set('agent-service:1.0.2', behaviour)
    const ran = await site.deploy(2, INPUTS)
    expect(told(ran)).toMatchObject({ outputs, log: expect.stringMatching(log) })
  })

/** Makes a process say at its end how much memory it had. */
const PEAK = `data:text/javascript,process.on('exit',()=>process.stderr.write('peak:'+process.resourceUsage().maxRSS+'.'))`

test(
  'a canary is watched by the names of OpenTelemetry',
  () =>
    together({
      'errors of model calls': canary(
        { ...STABLE, errorRate: 0.3 },
        {
          outcome: 'rolled-back',
          'failed-metric': 'error-rate',
          reason: expect.stringMatching(/requests failed on the canary|of \d+ requests/),
        },
        /requests -> gen_ai_client_operation_duration_seconds\n(.*\n)*tokens -> gen_ai_client_token_usage\n(.*\n)*prices -> llm_price_usd_per_token/,
      ),
      'their latency': canary(
        { ...STABLE, seconds: 12 },
        { outcome: 'rolled-back', 'failed-metric': expect.stringMatching(/^latency/) },
        /requests -> gen_ai_client_operation_duration_seconds/,
      ),
      'another model: a person decides': canary(
        { ...STABLE, model: 'model-b' },
        {
          outcome: 'paused',
          reason: expect.stringMatching(
            /model-drift: .*models answer for the canary that stable does not use: model-b/,
          ),
        },
        /model-drift/,
      ),
      'twice the tokens, and so twice the cost: a person decides': canary(
        { ...STABLE, tokens: 200 },
        {
          outcome: 'paused',
          reason: expect.stringMatching(
            /(output-tokens-per-request|cost-per-request) .* against stable's .* is more than 1\.[25] times/,
          ),
        },
        /cost-per-request|output-tokens-per-request/,
      ),
      'a model without a price: its cost would vanish': canary(
        { ...STABLE, model: 'model-c' },
        { outcome: 'paused' },
        /unpriced-models|model-drift/,
      ),
      'what it may spend ends it': () =>
        opened(async (site) => {
          site.behaviours.set('agent-service:1.0.2', STABLE)
          const ran = await site.deploy(2, { ...INPUTS, 'max-spend-usd': '0.01' })
          expect(told(ran)).toMatchObject({ outputs: { outcome: 'rolled-back', 'failed-metric': 'spend' } })
        }),
      'and a good one is promoted, as a process of its own': () =>
        opened(async (site) => {
          const directory = mkdtempSync(join(tmpdir(), 'agent-ci-canary-'))
          writeApp(directory, appVersion(2), { replicas: 2 })
          site.behaviours.set('agent-service:1.0.2', { ...STABLE, errorRate: 0 })
          const { status, log } = await runAction({
            action: 'canary-deploy',
            directory,
            kubeconfig: cluster.kubeconfig,
            namespace: site.namespace,
            inputs: {
              ...deployInputs(appVersion(2)),
              ...INPUTS,
              'prometheus-url': site.prometheus.url,
              route: 'agent',
              'step-duration': '4s',
              'step-timeout': '60s',
              interval: '2s',
              bake: '0s',
            },
            env: { NODE_OPTIONS: `--import=${PEAK}` },
          })
          rmSync(directory, { recursive: true, force: true })
          expect({ status, log }).toMatchObject({ status: 0, log: expect.stringMatching(/promoted: r-/) })
          const [, kib] = /peak:(\d+)\./.exec(log) ?? []
          console.info(`peak memory of a canary of two steps: ${Math.round(Number(kib) / 1024)} MiB`)
          expect(Number(kib)).toBeGreaterThan(0)
          expect(Number(kib)).toBeLessThan(400 * 1024)
        }),
    }),
  240_000,
)
