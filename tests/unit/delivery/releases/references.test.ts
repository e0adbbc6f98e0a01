import type { JsonObject } from '@agent-ci/core/json'
import { configMapReferences, renameConfigMaps } from '@agent-ci/delivery/releases/references'
import { describe, expect, test } from '@jest/globals'

/** A pod that names a ConfigMap in every place where it can, and other things that look alike. */
const podSpec = (name: string): JsonObject => ({
  initContainers: [{ name: 'init', envFrom: [{ configMapRef: { name } }] }],
  containers: [
    {
      name: 'agent',
      env: [
        { name: 'A', value: 'agent-config' },
        { name: 'B', valueFrom: { configMapKeyRef: { name, key: 'b', optional: true } } },
        { name: 'C', valueFrom: { secretKeyRef: { name: 'agent-config', key: 'c' } } },
      ],
      envFrom: [{ prefix: 'X_', configMapRef: { name } }, { secretRef: { name: 'agent-config' } }],
    },
  ],
  volumes: [
    { name: 'agent-config', configMap: { name, defaultMode: 420 } },
    {
      name: 'v',
      projected: {
        sources: [{ secret: { name: 'agent-config' } }, { configMap: { name, items: [{ key: 'k', path: 'p' }] } }],
      },
    },
  ],
})

const WORKLOADS: [string, (spec: JsonObject) => JsonObject][] = [
  ...['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'Job', 'Rollout'].map(
    (kind): [string, (spec: JsonObject) => JsonObject] => [kind, (spec) => ({ kind, spec: { template: { spec } } })],
  ),
  ['CronJob', (spec) => ({ kind: 'CronJob', spec: { jobTemplate: { spec: { template: { spec } } } } })],
  ['Pod', (spec) => ({ kind: 'Pod', spec })],
]

describe('references to ConfigMaps', () => {
  test.each(WORKLOADS)('of a %s are renamed wherever a pod can name one, and nothing else is', (_, wrap) => {
    const renamed = renameConfigMaps(
      wrap(podSpec('agent-config')),
      new Map([['agent-config', { name: 'agent-config-1' }]]),
    )
    expect(renamed).toEqual(wrap(podSpec('agent-config-1')))
  })

  test('of other ConfigMaps stay', () => {
    const object = WORKLOADS[0]![1](podSpec('other'))
    expect(renameConfigMaps(object, new Map([['agent-config', { name: 'x' }]]))).toEqual(object)
  })

  test('are listed with the keys that they need and whether they can be missing', () => {
    const found = configMapReferences(WORKLOADS[0]![1](podSpec('agent-config')))
    expect(found.map(({ path, as, optional, keys }) => [path.slice(3).join('.'), as, optional, keys])).toEqual([
      ['initContainers.0.envFrom.0.configMapRef', 'variables', false, []],
      ['containers.0.env.1.valueFrom.configMapKeyRef', 'value', true, ['b']],
      ['containers.0.envFrom.0.configMapRef', 'variables', false, []],
      ['volumes.0.configMap', 'files', false, []],
      ['volumes.1.projected.sources.1.configMap', 'files', false, ['k']],
    ])
  })

  test('a volume of files gets their paths, unless it has items of its own', () => {
    const items = [{ key: 'prompts__a.md', path: 'prompts/a.md' }]
    const renamed = renameConfigMaps(WORKLOADS[0]![1](podSpec('p')), new Map([['p', { name: 'p-1', items }]]))
    expect(renamed).toMatchObject({
      spec: {
        template: {
          spec: {
            initContainers: [{ envFrom: [{ configMapRef: { name: 'p-1' } }] }],
            volumes: [
              { configMap: { name: 'p-1', items } },
              { projected: { sources: [{}, { configMap: { name: 'p-1', items: [{ key: 'k', path: 'p' }] } }] } },
            ],
          },
        },
      },
    })
  })

  test('an object without pods has none, whatever its fields are called', () => {
    expect(
      configMapReferences({
        kind: 'Service',
        spec: { template: { spec: { volumes: [{ configMap: { name: 'x' } }] } } },
      }),
    ).toEqual([])
    expect(configMapReferences({ kind: 'Pod', spec: { containers: 'none', volumes: null } })).toEqual([])
  })
})
