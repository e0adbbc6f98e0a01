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

  test.each(['operation', 'strategy'])('refuses an unknown %s with the known ones', async (name) => {
    await expect(deploy({ [name]: 'dance' })).rejects.toThrow(`${name} is "dance". Expected one of `)
  })
})
