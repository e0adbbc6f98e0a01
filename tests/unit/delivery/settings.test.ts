import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readSettings as readDeploySettings } from '@agent-ci/action-canary-deploy/settings'
import { readSettings as readRollbackSettings } from '@agent-ci/action-rollback/settings'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'

let cwd: string
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'agent-ci-settings-'))
})
afterEach(() => rmSync(cwd, { recursive: true, force: true }))

type Inputs = Readonly<Record<string, string>>
const host = (inputs: Inputs) => ({ cwd, env: {}, input: (name: string) => inputs[name] ?? '' })
const deploy = (inputs: Inputs = {}) => readDeploySettings(host(inputs))
const rollback = (inputs: Inputs = {}) => readRollbackSettings(host(inputs))
const configure = (yaml: string) => writeFileSync(join(cwd, 'agent-ci.yaml'), `version: 1\ndelivery:\n${yaml}`)

describe('the place', () => {
  test('has defaults for all but the credentials', async () => {
    expect((await rollback()).place).toEqual({
      app: 'agent-service',
      environment: 'production',
      namespace: 'production',
      historyFile: undefined,
      kubeconfig: '',
      timeoutMs: 300_000,
      apiTimeoutMs: 30_000,
    })
  })

  test('is what the configuration says, and inputs come before it', async () => {
    configure('  app: helper\n  environment: staging\n  namespace: agents\n  history: deployments/history.json\n')
    expect((await rollback()).place).toMatchObject({
      app: 'helper',
      environment: 'staging',
      namespace: 'agents',
      historyFile: join(cwd, 'deployments/history.json'),
    })
    expect((await rollback({ app: 'other', history: 'cluster' })).place).toMatchObject({
      app: 'other',
      historyFile: undefined,
    })
  })

  test.each<[string, Inputs, string]>([
    [
      'an environment that is no namespace',
      { environment: 'EU West' },
      'environment is "EU West". Expected a name as Kubernetes has them: small letters, digits and "-", at most 63 characters. Write for example environment: agent-service.',
    ],
    [
      'an app of capitals',
      { app: 'Agent' },
      'app is "Agent". Expected a name as Kubernetes has them: small letters, digits and "-", at most 40 characters. Write for example app: agent-service.',
    ],
    [
      'an app of 41 characters',
      { app: 'a'.repeat(41) },
      `app is "${'a'.repeat(41)}". Expected a name as Kubernetes has them: small letters, digits and "-", at most 40 characters. Write for example app: agent-service.`,
    ],
    [
      'a namespace that ends with a dash',
      { namespace: 'prod-' },
      'namespace is "prod-". Expected a name as Kubernetes has them: small letters, digits and "-", at most 63 characters. Write for example namespace: agent-service.',
    ],
    [
      'a timeout in words',
      { timeout: 'soon' },
      'timeout is "soon". Expected a duration such as 500ms, 30s or 5m, or a number of seconds. Write for example timeout: 30s.',
    ],
    [
      'no time at all for the pods',
      { timeout: '0' },
      'timeout is "0". Expected a time of more than 0 and at most 24 days. Write for example timeout: 60s.',
    ],
    [
      'a limit of an API call without a number',
      { 'api-timeout': 's' },
      'api-timeout is "s". Expected a duration such as 500ms, 30s or 5m, or a number of seconds. Write for example api-timeout: 30s.',
    ],
  ])('refuses %s', async (_, inputs, message) => {
    await expect(rollback(inputs)).rejects.toThrow(new Error(message))
    await expect(deploy(inputs)).rejects.toThrow(new Error(message))
  })

  test('an environment of any name will do where a namespace is given', async () => {
    expect((await rollback({ environment: 'EU West', namespace: 'prod' })).place).toMatchObject({
      environment: 'EU West',
      namespace: 'prod',
    })
  })
})

describe('rollback', () => {
  test('goes one release back by default', async () => {
    expect(await rollback()).toMatchObject({ to: '', stepsBack: 1, mode: 'apply' })
  })

  test.each<[string, Inputs, string]>([
    [
      'an unknown mode',
      { mode: 'dry' },
      'mode is "dry". Expected one of apply, drill, list. Write for example mode: apply.',
    ],
    [
      'no step back',
      { 'steps-back': '0' },
      'steps-back is "0". Expected a whole number from 1 to 50. Write for example steps-back: 1.',
    ],
    [
      'more steps than the history keeps',
      { 'steps-back': '51' },
      'steps-back is "51". Expected a whole number from 1 to 50. Write for example steps-back: 1.',
    ],
    [
      'two ways to name the release',
      { to: '3', 'steps-back': '2' },
      'Both to and steps-back are given. Each of them names the release to go back to. Leave one of them out.',
    ],
  ])('refuses %s', async (_, inputs, message) => {
    await expect(rollback(inputs)).rejects.toThrow(new Error(message))
  })

  test('names all problems at once', async () => {
    await expect(rollback({ mode: 'x', app: 'X', timeout: 'x' })).rejects.toMatchObject({ problems: { length: 3 } })
  })
})

describe('canary-deploy', () => {
  test('reads the manifests of the environment by default', async () => {
    expect(await deploy({ environment: 'staging' })).toMatchObject({
      operation: 'deploy',
      strategy: 'canary',
      forceConflicts: false,
      onInterrupted: 'rollback',
      release: { manifests: [join(cwd, 'k8s/staging')], images: [], agentConfig: undefined, prompts: { globs: [] } },
    })
  })

  test('takes lists over lines and commas, and variables by line', async () => {
    const { release } = await deploy({
      manifests: 'a.yaml, b\n',
      image: 'agent:1\nsidecar=proxy:2',
      variables: 'REGION=eu-west-1\nQUERY=a=b\n',
      'agent-config': 'config/production.yaml',
    })
    expect(release).toMatchObject({
      manifests: [join(cwd, 'a.yaml'), join(cwd, 'b')],
      images: ['agent:1', 'sidecar=proxy:2'],
      variables: { REGION: 'eu-west-1', QUERY: 'a=b' },
      agentConfig: join(cwd, 'config/production.yaml'),
    })
  })

  test.each<[string, Inputs, string]>([
    [
      'a variable without a value',
      { variables: 'REGION' },
      'variables has the line "REGION". Expected NAME=value, one a line. Write for example REGION=eu-west-1.',
    ],
    [
      'what is neither true nor false',
      { 'force-conflicts': 'yes' },
      'force-conflicts is "yes". Expected true or false. Write for example force-conflicts: true.',
    ],
    [
      'an unknown way to go on',
      { 'on-interrupted': 'ask' },
      'on-interrupted is "ask". Expected one of rollback, resume. Write for example on-interrupted: rollback.',
    ],
  ])('refuses %s', async (_, inputs, message) => {
    await expect(deploy(inputs)).rejects.toThrow(new Error(message))
  })

  test.each<[string, Inputs, string]>([
    [
      'steps that fall',
      { steps: '50,25,100' },
      'steps is "50,25,100". Expected percentages that rise, up to 100. Write for example steps: 10,25,50,75,100.',
    ],
    [
      'steps that do not end at all traffic',
      { steps: '10,50' },
      'steps is "10,50". Expected percentages that rise, up to 100. Write for example steps: 10,25,50,75,100.',
    ],
    [
      'steps beyond all traffic',
      { steps: '50,100,150' },
      'steps is "50,100,150". Expected percentages that rise, up to 100. Write for example steps: 10,25,50,75,100.',
    ],
    [
      'steps in words',
      { steps: 'half,100' },
      'steps is "half,100". Expected percentages that rise, up to 100. Write for example steps: 10,25,50,75,100.',
    ],
    [
      'a step of nothing',
      { steps: '0,100' },
      'steps is "0,100". Expected percentages that rise, up to 100. Write for example steps: 10,25,50,75,100.',
    ],
    [
      'an unknown way to move traffic',
      { traffic: 'dns' },
      'traffic is "dns". Expected one of gateway-api, istio, nginx, replicas, argo-rollouts, command. Write for example traffic: gateway-api.',
    ],
    [
      'a route that is not named',
      { traffic: 'istio' },
      'traffic is istio, and there is no route. The object whose weights move the traffic has to be named. Give the input route the name of your HTTPRoute, VirtualService or Ingress.',
    ],
    [
      'a rate above all',
      { 'max-error-rate': '500%' },
      'max-error-rate is "500%". Expected a fraction from 0 to 1 or a percentage. Write for example max-error-rate: 0.85.',
    ],
    [
      'a latency in words',
      { 'max-latency-p95': 'slow' },
      'max-latency-p95 is "slow". Expected a duration such as 500ms, 30s or 5m, or a number of milliseconds. Write for example max-latency-p95: 30s.',
    ],
    [
      'an interval without a number',
      { interval: 'often' },
      'interval is "often". Expected a duration such as 500ms, 30s or 5m, or a number of seconds. Write for example interval: 30s.',
    ],
    [
      'an unknown end of a step that showed nothing',
      { 'on-inconclusive': 'wait' },
      'on-inconclusive is "wait". Expected one of pause, fail, pass. Write for example on-inconclusive: pause.',
    ],
    [
      'looks without a pause',
      { interval: '0s' },
      'interval is "0s". Expected a time of more than 0 and at most 24 days. Write for example interval: 60s.',
    ],
    [
      'a limit that every request would break',
      { 'max-latency-p95': '0' },
      'max-latency-p95 is "0". Expected a time of more than 0 and at most 24 days. Write for example max-latency-p95: 60s.',
    ],
    [
      'a comparison that nothing could pass',
      { 'require-relative': '1' },
      'require-relative is "1". Expected a number above 1: no canary can be shown to be as good as stable to the last digit. Write for example require-relative: 3.',
    ],
    [
      'a comparison of what is never there at the same time',
      { 'require-relative': '3', strategy: 'blue-green' },
      'require-relative is 3, and strategy is blue-green. The release and stable never have traffic at the same time, so that they cannot be compared. Use strategy: canary with a step below 100, or leave require-relative out.',
    ],
    [
      'a comparison that a step could do without',
      { 'require-relative': '3', 'on-inconclusive': 'pass' },
      'require-relative is 3, and on-inconclusive is pass. A step that showed nothing would pass all the same. Write on-inconclusive: pause or fail.',
    ],
    [
      'a health-url that is no address',
      { 'health-url': 'agent/health' },
      'health-url is "agent/health". Expected an address that begins with http:// or https://. Write for example health-url: https://agent-canary.example/health.',
    ],
    [
      'smoke examples for nobody',
      { 'smoke-dataset': 'smoke.jsonl' },
      'smoke-dataset is given without smoke-url. It is not known where the examples are to be sent: of a canary it is its own address, not what users reach. Give smoke-url the address of the release, such as that of its own Service.',
    ],
    [
      'a Rollout that would not be led by steps',
      { traffic: 'argo-rollouts', strategy: 'blue-green' },
      'traffic is argo-rollouts, and strategy is blue-green. The steps of the Rollout are those of a canary. Leave strategy out, or write strategy: canary.',
    ],
    [
      'a receipt that may be anything',
      { 'receipt-accepts': 'failed' },
      'receipt-accepts is "failed". Expected one of inconclusive, replayed, alias. Write for example receipt-accepts: inconclusive.',
    ],
  ])('refuses %s', async (_, inputs, message) => {
    await expect(deploy(inputs)).rejects.toThrow(new Error(message))
  })

  test('names every script that traffic: command lacks', async () => {
    await expect(deploy({ traffic: 'command' })).rejects.toMatchObject({
      problems: [
        { what: 'There is no canary-command', mend: expect.stringContaining('--canary {weight}') },
        { what: 'There is no promote-command' },
        { what: 'There is no rollback-command' },
      ],
    })
  })

  test('watches as the guide says by default', async () => {
    expect(await deploy()).toMatchObject({
      steps: [10, 25, 50, 75, 100],
      traffic: { provider: 'replicas', route: '', service: 'agent-service', commands: undefined },
      onInconclusive: 'pause',
      watch: {
        metrics: 'http',
        thresholds: {},
        intervalMs: 10_000,
        stepMs: 300_000,
        stepTimeoutMs: 1_800_000,
        bakeMs: 300_000,
      },
      checks: { healthUrl: undefined, smoke: undefined },
      receipt: { path: undefined, require: false, accepts: [], maxAgeMs: undefined },
    })
  })

  test('a route is a gateway’s unless something else is said, and a step never has less time than it must last', async () => {
    const read = await deploy({ route: 'agent', 'step-duration': '2h', 'step-timeout': '5m', metrics: 'my.yaml' })
    expect(read).toMatchObject({
      traffic: { provider: 'gateway-api', route: 'agent' },
      watch: { stepMs: 7_200_000, stepTimeoutMs: 7_200_000, metrics: { file: join(cwd, 'my.yaml') } },
    })
  })

  test('limits of latency are milliseconds where no unit is given', async () => {
    const { watch } = await deploy({
      'max-latency-p95': '800',
      'max-latency-p99': '2s',
      'max-error-rate': '2%',
      'max-spend-usd': '5',
    })
    expect(watch.thresholds).toEqual({
      maxErrorRate: 0.02,
      maxLatencyP95Seconds: 0.8,
      maxLatencyP99Seconds: 2,
      maxSpendUsd: 5,
    })
  })

  test.each(['operation', 'strategy'])('refuses an unknown %s with the known ones', async (name) => {
    await expect(deploy({ [name]: 'dance' })).rejects.toThrow(`${name} is "dance". Expected one of `)
  })
})
