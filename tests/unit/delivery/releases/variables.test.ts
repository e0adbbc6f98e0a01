// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the variables under test are those of manifests
import { ConfigurationError } from '@agent-ci/core/errors'
import { parseManifests } from '@agent-ci/delivery/releases/manifests'
import { declareVariables, substitute } from '@agent-ci/delivery/releases/variables'
import { describe, expect, test } from '@jest/globals'
import fc from '../../../properties.ts'

const name = fc.constantFrom('VERSION', 'IMAGE', 'REGION', 'HOME', 'x_1')

describe('variables of manifests', () => {
  test.each([
    ['a declared name gets its value', 'agent:${VERSION}', 'agent:1.4.2'],
    [
      'any other stays as it is',
      'echo ${HOME} ${VERSION:-x} $VERSION ${1}',
      'echo ${HOME} ${VERSION:-x} $VERSION ${1}',
    ],
    ['two dollars stand for the text itself', '$${VERSION} $${HOME}', '${VERSION} $${HOME}'],
    ['a value is not looked into again', '${NESTED}', '${VERSION}'],
  ])('%s', (_, text, expected) => {
    expect(substitute(text, { VERSION: '1.4.2', NESTED: '${VERSION}' })).toBe(expected)
  })

  test('texts come out as they are where nothing is declared, and declared names never remain', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.string(),
            name.map((one) => `\${${one}}`),
          ),
        ),
        fc.dictionary(
          name,
          fc.string().filter((value) => !value.includes('$')),
        ),
        (parts, variables) => {
          const text = parts.filter((part) => !part.includes('$') || part.startsWith('${')).join('|')
          const result = substitute(text, variables)
          expect(substitute(text, {})).toBe(text)
          expect(result.split('|').length).toBeGreaterThanOrEqual(text.split('|').length)
          for (const declared of Object.keys(variables)) expect(result).not.toContain(`\${${declared}}`)
        },
      ),
    )
  })

  test('no value adds anything to the manifest but itself', async () => {
    const text = `apiVersion: apps/v1
kind: Deployment
metadata: {name: a, labels: {version: "\${VERSION}"}}
spec: {note: "\${VERSION}", list: ["\${VERSION}"]}
`
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.string({ unit: 'binary' }), fc.constant('x"}\n---\nkind: Secret')),
        async (value) => {
          fc.pre(!/^(?:true|false|-?\d+)$/.test(value))
          const { manifests } = await parseManifests([{ path: 'a.yaml', text }], {
            variables: { VERSION: value },
            namespace: undefined,
          })
          expect(manifests.map(({ object }) => object)).toEqual([
            {
              apiVersion: 'apps/v1',
              kind: 'Deployment',
              metadata: { name: 'a', labels: { version: value } },
              spec: { note: value, list: [value] },
            },
          ])
        },
      ),
    )
  })

  test('an unquoted value that is a variable alone becomes a number or a boolean, but not where Kubernetes wants a text', async () => {
    const text = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: a
  labels:
    count: \${N}
spec:
  replicas: \${N}
  paused: \${ON}
  quoted: "\${N}"
  joined: \${N}m
  env:
    - name: COUNT
      value: \${N}
`
    const { manifests } = await parseManifests([{ path: 'a.yaml', text }], {
      variables: { N: '3', ON: 'true' },
      namespace: undefined,
    })
    expect(manifests[0]!.object).toMatchObject({
      metadata: { labels: { count: '3' } },
      spec: { replicas: 3, paused: true, quoted: '3', joined: '3m', env: [{ name: 'COUNT', value: '3' }] },
    })
  })

  test('keys are left alone', async () => {
    const text = 'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec: {"${VERSION}": 1}\n'
    const { manifests } = await parseManifests([{ path: 'a.yaml', text }], {
      variables: { VERSION: '2' },
      namespace: undefined,
    })
    expect(manifests[0]!.object.spec).toEqual({ '${VERSION}': 1 })
  })

  test('an undeclared one is a notice, except in scripts and data', async () => {
    const text = `apiVersion: apps/v1
kind: Deployment
metadata: {name: a}
spec:
  region: \${REGION}
  command: [sh, -c, "echo \${HOME}"]
`
    const { findings } = await parseManifests([{ path: 'a.yaml', text }], { variables: { APP: 'a' }, namespace: 'n' })
    expect(findings).toEqual([
      {
        level: 'notice',
        title: 'Release',
        message: '${REGION} stays as it is: there is no value for it. Declared: APP',
        source: { file: 'a.yaml', line: 5 },
      },
    ])
  })

  test('names that are none and names that are ours are refused', () => {
    expect(() => declareVariables({ VERSION: '1' }, { '1x': '', VERSION: '2' })).toThrow(
      new ConfigurationError([
        {
          what: '"1x" is not a variable\'s name',
          why: 'Expected letters, digits and "_", not beginning with a digit',
          mend: 'Write for example REGION=eu',
        },
        { what: 'VERSION is declared', why: 'It has its value from the inputs', mend: 'Choose another name' },
      ]),
    )
  })
})
