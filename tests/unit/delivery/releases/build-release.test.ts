// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the variables under test are those of manifests
import { readFileSync } from 'node:fs'

import { releaseDigest, releaseSchema } from '@agent-ci/core/release'
import { releaseDifference } from '@agent-ci/core/release-difference'
import { buildRelease } from '@agent-ci/delivery/releases/build-release'
import type { ReleasedPrompt, ReleaseInputs } from '@agent-ci/delivery/releases/inputs'
import { describe, expect, test } from '@jest/globals'
import fc from '../../../properties.ts'
import { AGENT_CONFIG, bytes, deployment, GUIDE, guideFile, withAgentConfig, withManifest } from './guide.ts'

const prompt = (name: string, text: string, version = 'v1'): ReleasedPrompt => ({
  name,
  version,
  hash: `${text.length}`.padStart(12, '0'),
  files: [{ path: `prompts/${name}.md`, bytes: bytes(text) }],
})
const FULL: ReleaseInputs = { ...GUIDE, ...withAgentConfig(), prompts: [prompt('support', 'Be kind.')] }
const MOUNTED: ReleaseInputs = {
  ...FULL,
  manifests: [
    {
      path: 'a.yaml',
      text: deployment(`      volumes:
        - {name: config, configMap: {name: agent-service-agent-config}}
        - {name: prompts, configMap: {name: agent-service-prompts}}
`),
    },
  ],
}
const manifest = (text: string): ReleaseInputs => ({ ...GUIDE, manifests: [{ path: 'a.yaml', text }] })
const configMap = (name: string, metadata = '') =>
  `---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n${metadata}data: {a: x}\n`
const USES = (name: string, optional = false) =>
  deployment(`          envFrom: [{configMapRef: {name: ${name}, optional: ${optional}}}]\n`)
const refusal = (message: string) => expect.objectContaining({ message })
const shown = async (inputs: ReleaseInputs) =>
  (await buildRelease(inputs)).findings.map(
    ({ level, message, source }) => `${level} ${source!.file}:${source!.line}: ${message}`,
  )

describe('the release of the guide', () => {
  test('is its manifest with the version and the content name put in, and the marks of the release', async () => {
    const { release, objects } = await buildRelease(GUIDE)
    const [map] = release.config_maps
    expect(map!.name).toMatch(/^agent-config-[0-9a-f]{10}$/)
    expect(objects.configMaps.map(({ metadata, immutable }) => [metadata.name, immutable])).toEqual([[map!.name, true]])
    const { parseAllDocuments } = await import('yaml')
    const written = JSON.stringify(parseAllDocuments(GUIDE.manifests[0]!.text)[0])
      .replace('${VERSION}', '1.4.2')
      .replace('"name":"agent-config"', `"name":"${map!.name}"`)
      .replace('"metadata":{"name":"agent-service","labels":{', '$&"agent-ci.dev/app":"agent-service",')
      .replace('"annotations":{', `$&"agent-ci.dev/release":"${release.id}","agent-ci.dev/config-maps":"${map!.name}",`)
      .replace('"env":[', `$&{"name":"AGENT_CI_RELEASE","value":"${release.id}"},`)
    expect(objects.deployments).toEqual([JSON.parse(written)])
    expect(objects.others).toEqual([])
  })

  test('is a record that the schema takes, whose digest is that of its content', async () => {
    const { release } = await buildRelease(FULL)
    expect(releaseSchema.parse(JSON.parse(JSON.stringify(release)))).toEqual(release)
    expect(releaseDigest(release)).toBe(release.digest)
    expect(release.id).toBe(`r-${release.digest.slice(7, 17)}`)
  })

  test('is the same in another environment, namespace and under another name for its version', async () => {
    const { release } = await buildRelease(FULL)
    const image = ['agent-service:1.4.2']
    const other = { ...FULL, environment: 'staging', namespace: undefined, version: 'candidate', images: image }
    expect((await buildRelease(other)).release.digest).toBe(release.digest)
  })
})

describe('the marks of a release', () => {
  test('take the place of those of an earlier one', async () => {
    const { release, objects } = await buildRelease(GUIDE)
    const text = objects.deployments.map((object) => JSON.stringify(object)).join('---\n')
    const again = await buildRelease({
      ...GUIDE,
      version: '1.5',
      manifests: [{ path: 'a.json', text: text.replace('1.4.2', '1.5') }],
    })
    expect(JSON.stringify(again.objects.deployments)).not.toContain(release.id)
    expect(JSON.stringify(again.objects.deployments).match(/AGENT_CI_RELEASE/g)).toHaveLength(1)
  })

  test('are in every Deployment, in the container that kubectl would choose', async () => {
    const worker = deployment('        - {name: sidecar, image: "proxy:1"}\n', 'worker')
    const { release, objects } = await buildRelease(manifest(`${deployment('')}---\n${worker}`))
    const env = [{ name: 'AGENT_CI_RELEASE', value: release.id }]
    expect(objects.deployments.map(({ spec }) => spec)).toMatchObject([
      { template: { spec: { containers: [{ env }] } } },
      { template: { spec: { containers: [{ env }, { name: 'sidecar', image: 'proxy:1' }] } } },
    ])
    expect(JSON.stringify(objects.deployments).match(/AGENT_CI_RELEASE/g)).toHaveLength(2)
  })
})

describe('config and prompts of a release', () => {
  test('change the template even where no pod mounts them', async () => {
    const template = async (inputs: ReleaseInputs) => JSON.stringify((await buildRelease(inputs)).objects.deployments)
    const before = await template(FULL)
    expect(await template({ ...FULL, prompts: [prompt('support', 'Be brief.')] })).not.toBe(before)
    const config = guideFile(AGENT_CONFIG).replace('requests_per_minute: 100', 'requests_per_minute: 50')
    expect(await template({ ...FULL, ...withAgentConfig(config) })).not.toBe(before)
  })

  test('are mounted by their logical names, prompts at their paths', async () => {
    const { release, objects, findings } = await buildRelease(MOUNTED)
    const [config, prompts] = release.config_maps
    expect([config!.logical_name, prompts!.logical_name]).toEqual([
      'agent-service-agent-config',
      'agent-service-prompts',
    ])
    expect(objects.deployments[0]).toMatchObject({
      spec: {
        template: {
          spec: {
            volumes: [
              { configMap: { name: config!.name } },
              {
                configMap: { name: prompts!.name, items: [{ key: 'prompts__support.md', path: 'prompts/support.md' }] },
              },
            ],
          },
        },
      },
    })
    expect(objects.configMaps).toMatchObject([
      { data: { 'production.yaml': guideFile(AGENT_CONFIG) } },
      { data: { 'prompts__support.md': 'Be kind.' } },
    ])
    expect(findings).toEqual([])
  })

  test('that no pod mounts are a notice', async () => {
    expect((await shown(FULL)).filter((line) => line.startsWith('notice'))).toEqual([
      "notice config/production.yaml:1: No pod template names ConfigMap agent-service-agent-config, so pods do not get this release's agent-config from the cluster, only what is in their image. docs/releases.md shows how to mount it",
      "notice prompts/support.md:1: No pod template names ConfigMap agent-service-prompts, so pods do not get this release's prompts from the cluster, only what is in their image. docs/releases.md shows how to mount it",
    ])
  })

  test.each([
    [
      'an agent-config that is wrong',
      { ...FULL, ...withAgentConfig('agent: {}') },
      'config/production.yaml:1: agent.model is missing',
    ],
    [
      'a prompt twice',
      { ...FULL, prompts: [...FULL.prompts, ...FULL.prompts] },
      'The prompt support is there twice. A release has one version of each prompt. Name it once in prompts.',
    ],
    [
      'a prompt outside the repository',
      { ...FULL, prompts: [{ ...prompt('a', 'x'), files: [{ path: '../a.md', bytes: bytes('x') }] }] },
      'The prompt file ../a.md lies outside the repository. Prompts are mounted at their paths below one directory. Name it relative to the repository.',
    ],
    [
      '1 MiB of prompts',
      { ...FULL, prompts: [prompt('a', 'x'), prompt('b', 'x'.repeat(1024 * 1024))] },
      'prompts/a.md:1: ConfigMap agent-service-prompts has 1025 KiB, of which prompts__b.md has 1025. Kubernetes keeps at most 1 MiB in an object, so agent-ci takes at most 900 KiB of data in one ConfigMap. Split it into several ConfigMaps, or put the large files into the image.',
    ],
    [
      'a ConfigMap of the manifests with the name of ours',
      { ...FULL, manifests: [{ path: 'a.yaml', text: deployment('') + configMap('agent-service-prompts') }] },
      'a.yaml:11: ConfigMap agent-service-prompts is among the manifests. agent-ci makes it itself, from prompts. Remove it from the manifests, or leave prompts empty.',
    ],
  ])('%s is refused', async (_, inputs, message) => {
    await expect(buildRelease(inputs)).rejects.toThrow(message)
  })
})

describe('ConfigMaps of the manifests', () => {
  test('that no pod names keep theirs, and so do those that ask for it', async () => {
    const annotation = '  annotations: {agent-ci.dev/keep-name: "true"}\n'
    const inputs = manifest(`${USES('kept')}${configMap('kept', annotation)}${configMap('dashboard')}`)
    const { release, objects } = await buildRelease(inputs)
    expect(release.config_maps).toEqual([])
    expect(objects.others.map(({ metadata }) => metadata.name)).toEqual(['kept', 'dashboard'])
    expect(await shown(inputs)).toEqual([
      'notice a.yaml:22: ConfigMap dashboard is named by no pod template: it is applied under its own name, and a rollback leaves it as it is',
      'notice a.yaml:15: ConfigMap kept has agent-ci.dev/keep-name: it is applied under its own name, and a rollback leaves it as it is',
    ])
  })

  test('outside the release are a warning, a notice where the pod starts without', async () => {
    expect(await shown(manifest(USES('elsewhere')))).toEqual([
      'warning a.yaml:10: Deployment agent-service names ConfigMap elsewhere, which is not part of the release: it is neither versioned nor taken back. Add it to the manifests',
    ])
    expect(await shown(manifest(USES('elsewhere', true)))).toEqual([
      'notice a.yaml:10: Deployment agent-service names ConfigMap elsewhere, which is not part of the release: it is neither versioned nor taken back',
    ])
    expect(await shown(manifest(USES('kube-root-ca.crt')))).toEqual([])
  })

  test('without a key that a pod needs are refused, unless it can start without', async () => {
    await expect(
      buildRelease(withManifest((text) => text.replace('key: prompt-version', 'key: prompt-versoin'))),
    ).rejects.toThrow(
      refusal(
        'k8s/production/deployment.yaml:41: Deployment agent-service takes prompt-versoin of ConfigMap agent-config, which does not have it. Its pods could not start. Did you mean "prompt-version"?',
      ),
    )
    const optional = withManifest((text) =>
      text.replace('key: prompt-version', 'key: other\n                  optional: true'),
    )
    await expect(buildRelease(optional)).resolves.toBeDefined()
  })
})

describe('what works against a release', () => {
  test('replicas beside an autoscaler is a warning', async () => {
    const hpa = `---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: agent-service}
spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: agent-service}, maxReplicas: 9}
`
    expect(await shown(withManifest((text) => text + hpa))).toEqual([
      'warning k8s/production/deployment.yaml:9: Deployment agent-service has replicas: 3, and a HorizontalPodAutoscaler sets them too: each deploy would put them back. Remove replicas',
    ])
    expect(await shown(withManifest((text) => text.replace('  replicas: 3\n', '') + hpa))).toEqual([])
  })

  test('a secret that is written out is a warning', async () => {
    const env = (name: string) => deployment(`          env:\n            - {name: ${name}, value: hush}\n`)
    expect(await shown(manifest(env('OPENAI_API_KEY')))).toEqual([
      'warning a.yaml:11: OPENAI_API_KEY is written out, so the history of releases holds it in plain text. Take it from a Secret: valueFrom: secretKeyRef',
    ])
    expect(await shown(manifest(env('TOKENS_PER_MINUTE')))).toEqual([])
  })

  test('a Job that could be applied once only is a warning', async () => {
    const job = USES('c')
      .replace('apps/v1', 'batch/v1')
      .replace('Deployment', 'Job')
      .replace('agent-service}', 'migrate}')
    expect(await shown(manifest(`${deployment('')}---\n${job}${configMap('c')}`))).toEqual([
      'warning a.yaml:13: Job migrate names a ConfigMap of the release, and the pod template of a Job cannot be changed. Give each version its own: metadata.name: migrate-${VERSION}',
    ])
  })
})

describe('the Deployment of the app', () => {
  const named = (...names: string[]) => names.map((name) => deployment('', name)).join('---\n')
  const stamped = async (text: string) =>
    (await buildRelease({ ...manifest(text), images: ['agent-service:9'] })).objects.deployments
      .filter((object) => JSON.stringify(object).includes('agent-service:9'))
      .map(({ metadata }) => metadata.name)

  test('is that of its name, else the one labelled so, else the only one', async () => {
    expect(await stamped(named('worker', 'agent-service'))).toEqual(['agent-service'])
    expect(await stamped(named('a', 'b').replace('{name: b}', '{name: b, labels: {app: agent-service}}'))).toEqual([
      'b',
    ])
    expect(await stamped(named('only'))).toEqual(['only'])
  })

  test.each([
    [
      'several that could be it',
      manifest(named('a', 'b')),
      'a.yaml:3: app is "agent-service", and no Deployment is called so. There are several, and which of them the agent runs in cannot be told. Give app one of their names: a, b.',
    ],
    [
      'none with containers',
      manifest(
        'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec: {template: {spec: {containers: []}}}\n',
      ),
      'a.yaml:4: Deployment a has no containers. It would run nothing. Write spec.template.spec.containers.',
    ],
    [
      'an app that is no name',
      { ...GUIDE, app: 'Agent!' },
      'app is "Agent!". Expected a name as Kubernetes has them: small letters, digits, "-" and ".". Write for example agent-service.',
    ],
  ])('%s is refused', async (_, inputs, message) => {
    await expect(buildRelease(inputs)).rejects.toThrow(refusal(message))
  })
})

describe('the digest of a release', () => {
  const parts = async (inputs: ReleaseInputs) =>
    releaseDifference((await buildRelease(FULL)).release, (await buildRelease(inputs)).release).parts

  test.each<[string, ReleaseInputs, string[]]>([
    ['the image changes the code', { ...FULL, version: '1.5' }, ['code']],
    ['a prompt changes the prompts', { ...FULL, prompts: [prompt('support', 'Be brief.')] }, ['prompts']],
    [
      'a limit changes the config',
      { ...FULL, ...withAgentConfig(guideFile(AGENT_CONFIG).replace('100000', '5')) },
      ['config'],
    ],
    [
      'the model changes the model and the file that holds it',
      { ...FULL, ...withAgentConfig(guideFile(AGENT_CONFIG).replace('claude-haiku-3', 'claude-haiku-4')) },
      ['config', 'model'],
    ],
    [
      'a probe changes the config',
      { ...FULL, manifests: withManifest((text) => text.replace('periodSeconds: 10', 'periodSeconds: 5')).manifests },
      ['config'],
    ],
    [
      'replicas change nothing: a rollback does not touch them',
      { ...FULL, manifests: withManifest((text) => text.replace('replicas: 3', 'replicas: 9')).manifests },
      [],
    ],
    [
      'comments and the order of keys change nothing',
      {
        ...FULL,
        manifests: withManifest((text) =>
          text.replace('  name: agent-config\ndata:', '  # theirs\n  name: agent-config\ndata:'),
        ).manifests,
      },
      [],
    ],
  ])('%s', async (_, inputs, expected) => {
    expect(await parts(inputs)).toEqual(expected)
  })

  test('has the model of the app apart from its template, and that of another container in it', async () => {
    const text = deployment(`          env: [{name: MODEL_VERSION, value: x}]
        - {name: judge, image: "judge:1", env: [{name: MODEL_VERSION, value: claude-sonnet-4-20250514}]}
`)
    const build = async (model: string) => {
      const config = guideFile(AGENT_CONFIG).replace('claude-sonnet-4-20250514', model)
      return (await buildRelease({ ...manifest(text), ...withAgentConfig(config) })).release
    }
    const difference = releaseDifference(await build('claude-sonnet-4-20250514'), await build('claude-opus-5'))
    expect(difference.workloads).toEqual([])
    expect(difference.model).toEqual([{ name: 'primary', from: 'claude-sonnet-4-20250514', to: 'claude-opus-5' }])
  })

  test('changes with every single value of the pod template and of the ConfigMap', async () => {
    const { parseAllDocuments } = await import('yaml')
    const { release } = await buildRelease(GUIDE)
    const seen = new Set([release.digest])
    let values = 0
    for (const [document, below] of [
      [0, 'spec.template'],
      [1, 'data'],
    ] as const) {
      for (const path of leafPaths(parseAllDocuments(GUIDE.manifests[0]!.text)[document]!.toJS() as unknown)) {
        const isReference = path.join('.').includes('configMapKeyRef')
        if (!path.join('.').startsWith(below) || isReference) continue
        const documents = parseAllDocuments(GUIDE.manifests[0]!.text)
        documents[document]!.setIn(path, `${String(documents[document]!.getIn(path))}1`)
        seen.add((await buildRelease(withManifest(() => documents.map(String).join('')))).release.digest)
        values++
      }
    }
    expect(values).toBeGreaterThan(25)
    expect(seen.size).toBe(values + 1)
  })

  test('does not depend on the order of files, documents, keys and prompts', async () => {
    const documents = [
      deployment(`          envFrom: [{configMapRef: {name: a}}, {configMapRef: {name: b}}]\n`),
      deployment('', 'worker'),
      configMap('a'),
      configMap('b'),
    ].map((text) => text.replace(/^---\n/, ''))
    const reversed = documents.map((text) => JSON.stringify(reverseKeys(parse(text))))
    const prompts = ['x', 'y', 'z'].map((name) => prompt(name, name))
    const build = (texts: readonly string[], order: readonly ReleasedPrompt[], split: number) =>
      buildRelease({
        ...FULL,
        prompts: order,
        manifests: [texts.slice(0, split), texts.slice(split)].map((some, i) => ({
          path: `${i}.yaml`,
          text: some.join('\n---\n'),
        })),
      })
    const { release } = await build(documents, prompts, 2)
    const index = fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4 })
    await fc.assert(
      fc.asyncProperty(
        index,
        fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
        fc.shuffledSubarray(prompts, { minLength: 3 }),
        fc.nat(4),
        async (order, turned, some, split) => {
          const texts = order.map((i) => (turned[i] ? reversed[i]! : documents[i]!))
          expect((await build(texts, some, split)).release).toEqual(release)
        },
      ),
      { numRuns: 60 },
    )
  })
})

describe('docs/releases.md', () => {
  const page = readFileSync(new URL('../../../../docs/releases.md', import.meta.url), 'utf8')
  const examples = [...page.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text]) => text!)

  test('shows what becomes of the guide', async () => {
    const { release, objects } = await buildRelease(GUIDE)
    expect(examples[1]).toContain(release.id)
    expect(examples[1]).toContain(release.config_maps[0]!.name)
    const [container] = (parse(examples[1]!) as { containers: object[] }).containers
    expect(objects.deployments[0]).toMatchObject({
      spec: { template: { spec: { containers: [{ ...container, env: expect.anything() }] } } },
    })
  })

  test('shows a manifest that mounts configuration and prompts', async () => {
    const { findings, objects } = await buildRelease({ ...FULL, manifests: [{ path: 'a.yaml', text: examples[2]! }] })
    expect(findings).toEqual([])
    const [deployed] = objects.deployments
    expect(JSON.stringify(deployed)).toContain('{"name":"MODEL_VERSION","value":"claude-sonnet-4-20250514"}')
    expect(JSON.stringify(deployed)).toContain('{"key":"prompts__support.md","path":"prompts/support.md"}')
  })
})

const { parse } = await import('yaml')
const reverseKeys = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(reverseKeys)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, inner]) => [key, reverseKeys(inner)]),
  )
}

function leafPaths(value: unknown, path: readonly (string | number)[] = []): (string | number)[][] {
  if (typeof value !== 'object' || value === null) return [[...path]]
  const keys = Array.isArray(value) ? [...value.keys()] : Object.keys(value)
  return keys.flatMap((key) => leafPaths((value as Record<string | number, unknown>)[key], [...path, key]))
}
