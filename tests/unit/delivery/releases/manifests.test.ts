// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the variables under test are those of manifests
import { ConfigurationError } from '@agent-ci/core/errors'
import { parseManifests } from '@agent-ci/delivery/releases/manifests'
import { describe, expect, test } from '@jest/globals'
import { deployment } from './guide.ts'

const parse = (text: string, path = 'a.yaml') =>
  parseManifests([{ path, text }], { variables: { VERSION: '2' }, namespace: 'production' })
const GOOD = deployment('')
const namesOf = async (text: string, path?: string) =>
  (await parse(text, path)).manifests.map(({ kind, name, sourceOf }) => `${kind} ${name} ${sourceOf([]).line}`)

describe('reading manifests', () => {
  test('documents, lists in lists and JSON give one object each, with its line', async () => {
    expect(
      await namesOf(`# a comment alone
---
${GOOD}
---
apiVersion: v1
kind: List
items:
  - {apiVersion: v1, kind: Service, metadata: {name: s}}
  - apiVersion: v1
    kind: List
    items:
      - {apiVersion: v1, kind: ConfigMap, metadata: {name: c}}
---
`),
    ).toEqual(['Deployment agent-service 3', 'Service s 17', 'ConfigMap c 21'])
    const json = JSON.stringify({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'a' } }, null, '\t')
    expect(await namesOf(json, 'a.json')).toEqual(['Deployment a 1'])
  })

  test('YAML is read as Kubernetes reads it: octal modes, merges, dates and times as texts', async () => {
    const { manifests } = await parse(
      'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nbase: &b {x: 1}\nspec: {<<: *b, mode: 0644, on: yes, at: 2025-12-15, port: 22:22}\n',
    )
    expect(manifests[0]!.object.spec).toEqual({ x: 1, mode: 0o644, true: true, at: '2025-12-15', port: '22:22' })
  })

  test('what only the server writes is left out of exported objects', async () => {
    const { manifests } = await parse(`apiVersion: apps/v1
kind: Deployment
metadata:
  name: a
  uid: u
  resourceVersion: "7"
  creationTimestamp: null
  annotations: {kubectl.kubernetes.io/last-applied-configuration: "{}", keep: me}
status: {replicas: 1}
`)
    expect(manifests[0]!.object).toEqual({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'a', annotations: { keep: 'me' } },
    })
  })

  test('the target namespace may be written, also as a variable', async () => {
    const text = 'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a, namespace: "${NAMESPACE}"}\n'
    const { manifests } = await parseManifests([{ path: 'a.yaml', text }], {
      variables: { NAMESPACE: 'production' },
      namespace: 'production',
    })
    expect(manifests).toHaveLength(1)
  })

  test.each([
    [
      'a Secret',
      'apiVersion: v1\nkind: Secret\nmetadata: {name: s}\n',
      'a.yaml:2: Secret s is among the manifests. Releases are kept in the history, where everyone who may read ConfigMaps could read it. Take it out and create it apart (kubectl create secret, External Secrets, Sealed Secrets); pods go on naming it.',
    ],
    [
      'another namespace',
      'apiVersion: v1\nkind: Service\nmetadata:\n  name: s\n  namespace: staging\n',
      'a.yaml:5: Service s is of the namespace "staging". The release goes to the namespace "production". Remove metadata.namespace, write ${NAMESPACE}, or give that namespace.',
    ],
    [
      'no kind',
      'apiVersion: v1\nmetadata: {name: s}\n',
      'a.yaml:1: kind is missing. Expected a text: without it Kubernetes does not know what the object is. Write kind.',
    ],
    [
      'no apiVersion',
      'kind: Service\nmetadata: {name: s}\n',
      'a.yaml:1: apiVersion is missing. Expected a text: without it Kubernetes does not know what the object is. Write apiVersion.',
    ],
    [
      'no name',
      'apiVersion: v1\nkind: Service\nmetadata: {}\n',
      'a.yaml:3: metadata.name is missing. Expected a text: without it Kubernetes does not know what the object is. Write metadata.name.',
    ],
    [
      'a name that is a number',
      'apiVersion: v1\nkind: Service\nmetadata: {name: 7}\n',
      'a.yaml:3: metadata.name is 7. Expected a text: without it Kubernetes does not know what the object is. Quote it.',
    ],
    [
      'generateName',
      'apiVersion: batch/v1\nkind: Job\nmetadata:\n  generateName: j-\n',
      'a.yaml:4: This Job has generateName and no name. Each apply would make another object, and none could be taken back. Write metadata.name; with ${VERSION} in it where each version shall have its own.',
    ],
    [
      'no object',
      '- 1\n',
      'a.yaml:1: This is [1], no Kubernetes object. Expected an object with apiVersion, kind and metadata. Remove it.',
    ],
    [
      'no Deployment',
      'apiVersion: v1\nkind: Service\nmetadata: {name: s}\n---\n',
      'There is no Deployment in a.yaml. A release is rolled out and taken back by the pod template of a Deployment. Name the files that hold it in the manifests input.',
    ],
    [
      'an object twice, in another version of its API',
      `${GOOD}---\n${GOOD.replace('apps/v1', 'apps/v1beta1')}`,
      'a.yaml:11: Deployment agent-service is there twice. It is at a.yaml:1 too; the later would overwrite the earlier. Remove one of them.',
    ],
    [
      'a tag of another tool',
      `${GOOD}---\na: !reference x\n`,
      /^a\.yaml:11: This is not a manifest in YAML: Unresolved tag/,
    ],
    ['what is not YAML', `${GOOD}---\na: [\n`, /^a\.yaml:1[12]: This is not a manifest in YAML: /],
    [
      'an unquoted variable in a flow collection',
      'a: {b: ${X}}\n',
      /^a\.yaml:1: .* and "\$\{NAME\}" inside \{…\} and \[…\]\.$/,
    ],
    ['a key twice', 'a: 1\na: 2\n', /^a\.yaml:2: This is not a manifest in YAML: Map keys must be unique/],
    [
      'an alias bomb',
      `a: &a [x,x,x,x,x,x,x,x,x,x]\n${'bcdefghi'
        .split('')
        .map((key, i) => `${key}: &${key} [${Array(10).fill(`*${'abcdefgh'[i]}`).join(',')}]`)
        .join('\n')}\n`,
      'a.yaml:1: This manifest cannot be read: Excessive alias count indicates a resource exhaustion attack. Aliases are followed at most 100 times, and no real manifest is nested thousands of levels deep. Write repeated parts out.',
    ],
  ])('%s is refused', async (_, text, message) => {
    await expect(parse(text)).rejects.toThrow(ConfigurationError)
    await expect(parse(text)).rejects.toThrow(
      typeof message === 'string' ? expect.objectContaining({ message: expect.stringContaining(message) }) : message,
    )
  })

  test.each([1_000, 3_000, 10_000, 100_000])('%i brackets are read or refused, never a crash', async (depth) => {
    const text = `${GOOD}---\n${'['.repeat(depth)}${']'.repeat(depth)}`
    await expect(parse(text)).rejects.toThrow(ConfigurationError)
  })

  test('the problems of all files are named at once', async () => {
    const files = ['a.yaml', 'b.yaml', 'c.yaml'].map((path) => ({ path, text: path === 'b.yaml' ? '[' : 'x: 1\n' }))
    const error = await parseManifests(files, { variables: {}, namespace: undefined }).catch(
      (thrown: unknown) => thrown,
    )
    expect((error as ConfigurationError).problems.map(({ source }) => source!.file)).toEqual([
      'a.yaml',
      'b.yaml',
      'c.yaml',
    ])
  })
})
