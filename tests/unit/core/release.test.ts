import { digestOf } from '@agent-ci/core/json'
import { type Release, type ReleaseContent, releaseDigest, releaseSchema, sealRelease } from '@agent-ci/core/release'
import { releaseDifference } from '@agent-ci/core/release-difference'
import { describe, expect, test } from '@jest/globals'
import fc from '../../properties.ts'

type ConfigMap = Release['config_maps'][number]
const configMap = (
  logical_name: string,
  keys: Record<string, string>,
  role: ConfigMap['role'] = 'config',
): ConfigMap => ({
  logical_name,
  name: `${logical_name}-0`,
  role,
  digest: digestOf(JSON.stringify(keys)),
  keys,
})
const CONTENT: ReleaseContent = {
  schema_version: 1,
  app: 'agent-service',
  environment: 'production',
  namespace: 'production',
  version: '1.4.2',
  images: { 'agent-service/agent': 'agent:1.4.2', 'agent-service/proxy': 'proxy:1' },
  model: { primary: 'sonnet', fallback: 'haiku', temperature: 0.7, max_tokens: 4096 },
  prompt_version: 'v1',
  prompts: { support: { version: 'v1', hash: 'a' }, sales: { version: 'v7', hash: 'b' } },
  agent_config: {
    digest: digestOf('c'),
    settings: { rate_limits: { requests_per_minute: 100 }, tools: { enabled: ['x'] } },
  },
  config_maps: [
    configMap('flags', { a: '1', b: '2' }),
    configMap('agent-service-agent-config', { 'production.yaml': '1' }, 'agent-config'),
    configMap('agent-service-prompts', { 'support.md': '1' }, 'prompts'),
  ],
  workloads: [
    { kind: 'Deployment', name: 'agent-service', template: digestOf('t') },
    { kind: 'Deployment', name: 'worker', template: digestOf('w') },
  ],
}
const changed = (change: Partial<ReleaseContent>) => sealRelease({ ...CONTENT, ...change })

describe('a release', () => {
  test('has an id and a digest that follow from its content', () => {
    const release = sealRelease(CONTENT)
    expect(release.id).toBe(`r-${release.digest.slice('sha256:'.length).slice(0, 10)}`)
    expect(releaseSchema.parse(release)).toEqual(release)
    expect(releaseDigest(release)).toBe(release.digest)
  })

  test.each<[string, Partial<ReleaseContent>]>([
    ['where it runs', { environment: 'staging', namespace: null }],
    ['what its version is called', { version: 'candidate' }],
  ])('is the same whatever %s', (_, change) => {
    expect(changed(change).digest).toBe(sealRelease(CONTENT).digest)
  })

  test('has one digest in whatever order it is written', () => {
    const shuffled = <T>(list: readonly T[]) => fc.shuffledSubarray([...list], { minLength: list.length })
    const keys = <T>(record: Readonly<Record<string, T>>) => shuffled(Object.entries(record)).map(Object.fromEntries<T>)
    fc.assert(
      fc.property(
        fc.record({
          images: keys(CONTENT.images),
          prompts: keys(CONTENT.prompts),
          config_maps: shuffled(CONTENT.config_maps),
          workloads: shuffled(CONTENT.workloads),
        }),
        (order) => {
          expect(changed(order).digest).toBe(sealRelease(CONTENT).digest)
        },
      ),
    )
  })

  test('of another app is another release', () => {
    expect(changed({ app: 'other' }).digest).not.toBe(sealRelease(CONTENT).digest)
  })
})

describe('what changed between two releases', () => {
  const NOTHING = {
    parts: [],
    images: [],
    model: [],
    promptVersion: null,
    prompts: [],
    settings: [],
    configKeys: [],
    workloads: [],
  }
  test.each<[string, Partial<ReleaseContent>, object]>([
    ['nothing', { environment: 'staging' }, {}],
    [
      'images',
      { images: { 'agent-service/agent': 'agent:2', 'agent-service/new': 'new:1' } },
      {
        parts: ['code'],
        images: [
          { name: 'agent-service/agent', from: 'agent:1.4.2', to: 'agent:2' },
          { name: 'agent-service/new', from: null, to: 'new:1' },
          { name: 'agent-service/proxy', from: 'proxy:1', to: null },
        ],
      },
    ],
    [
      'the model',
      { model: { primary: 'opus', fallback: null, temperature: 0.7, max_tokens: 8192 } },
      {
        parts: ['model'],
        model: [
          { name: 'fallback', from: 'haiku', to: null },
          { name: 'max_tokens', from: 4096, to: 8192 },
          { name: 'primary', from: 'sonnet', to: 'opus' },
        ],
      },
    ],
    [
      'a model that is not known any more',
      { model: null },
      {
        parts: ['model'],
        model: [
          { name: 'fallback', from: 'haiku', to: null },
          { name: 'max_tokens', from: 4096, to: null },
          { name: 'primary', from: 'sonnet', to: null },
          { name: 'temperature', from: 0.7, to: null },
        ],
      },
    ],
    [
      'prompts and their version',
      { prompt_version: 'v2', prompts: { support: { version: 'v2', hash: 'c' } } },
      {
        parts: ['prompts'],
        promptVersion: { name: 'prompt_version', from: 'v1', to: 'v2' },
        prompts: [
          { name: 'sales', from: { version: 'v7', hash: 'b' }, to: null },
          { name: 'support', from: { version: 'v1', hash: 'a' }, to: { version: 'v2', hash: 'c' } },
        ],
      },
    ],
    [
      'keys of ConfigMaps',
      {
        config_maps: [
          configMap('flags', { b: '3', c: '4' }),
          configMap('agent-service-agent-config', { 'production.yaml': '1' }, 'agent-config'),
          configMap('agent-service-prompts', { 'support.md': '2' }, 'prompts'),
        ],
      },
      {
        parts: ['config', 'prompts'],
        configKeys: [
          { configMap: 'flags', key: 'a', change: 'removed' },
          { configMap: 'flags', key: 'b', change: 'changed' },
          { configMap: 'flags', key: 'c', change: 'added' },
        ],
      },
    ],
    [
      "settings of the agent's configuration",
      {
        agent_config: {
          digest: digestOf('d'),
          settings: { rate_limits: { requests_per_minute: 50 }, tools: { enabled: ['x', 'y'] } },
        },
      },
      {
        parts: ['config'],
        settings: [
          { name: 'rate_limits.requests_per_minute', from: 100, to: 50 },
          { name: 'tools.enabled', from: ['x'], to: ['x', 'y'] },
        ],
      },
    ],
    [
      'the settings of a configuration that is gone',
      { agent_config: null },
      {
        parts: ['config'],
        settings: [
          { name: 'rate_limits.requests_per_minute', from: 100, to: null },
          { name: 'tools.enabled', from: ['x'], to: null },
        ],
      },
    ],
    [
      'pod templates',
      { workloads: [{ kind: 'Deployment', name: 'agent-service', template: digestOf('u') }, CONTENT.workloads[1]!] },
      {
        parts: ['config'],
        workloads: [{ name: 'Deployment/agent-service', from: digestOf('t'), to: digestOf('u') }],
      },
    ],
  ])('names %s', (_, change, expected) => {
    expect(releaseDifference(sealRelease(CONTENT), changed(change))).toEqual({ ...NOTHING, ...expected })
  })

  test('names the settings of a configuration that is new', () => {
    expect(releaseDifference(changed({ agent_config: null }), sealRelease(CONTENT)).settings).toEqual([
      { name: 'rate_limits.requests_per_minute', from: null, to: 100 },
      { name: 'tools.enabled', from: null, to: ['x'] },
    ])
  })
})
