import {
  type ConfigContent,
  configMapObject,
  configOfFiles,
  contentNamed,
  readConfigMap,
} from '@agent-ci/delivery/releases/config-maps'
import { parseManifests } from '@agent-ci/delivery/releases/manifests'
import { describe, expect, test } from '@jest/globals'
import fc from '../../../properties.ts'
import { deployment } from './guide.ts'

const SOURCE = { file: 'a.yaml', line: 1 }
const content = (data: Record<string, string>, binaryData: Record<string, string> = {}): ConfigContent => ({
  logicalName: 'agent-config',
  data,
  binaryData,
})
const read = async (text: string) => {
  const { manifests } = await parseManifests([{ path: 'a.yaml', text: `${deployment('')}---\n${text}` }], {
    variables: {},
    namespace: undefined,
  })
  return readConfigMap(manifests[1]!)
}

describe('ConfigMaps that are named by their content', () => {
  test('are immutable, labelled, and hold what the manifest holds', async () => {
    const map = contentNamed(
      await read(`apiVersion: v1
kind: ConfigMap
metadata: {name: agent-config, labels: {team: a}, annotations: {note: b}}
data: {a: "1\\r\\n"}
binaryData: {b: AAEC}
`),
      SOURCE,
    )
    expect(configMapObject({ app: 'agent-service', map })).toEqual({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        name: 'agent-config-7d03360a6d',
        labels: { team: 'a', 'agent-ci.dev/app': 'agent-service', 'agent-ci.dev/config-of': 'agent-config' },
        annotations: { note: 'b', 'agent-ci.dev/config-of': 'agent-config', 'agent-ci.dev/digest': map.digest },
      },
      immutable: true,
      data: { a: '1\r\n' },
      binaryData: { b: 'AAEC' },
    })
  })

  test('have the same name exactly when they have the same content, in whatever order', () => {
    const entries = fc.dictionary(fc.stringMatching(/^[a-z.]{1,5}$/), fc.string(), { maxKeys: 4 })
    fc.assert(
      fc.property(entries, entries, (a, b) => {
        const reversed = Object.fromEntries(Object.entries(a).toReversed())
        const { name } = contentNamed(content(a), SOURCE)
        expect(contentNamed(content(reversed), SOURCE).name).toBe(name)
        expect(contentNamed(content(b), SOURCE).name === name).toBe(
          JSON.stringify(Object.entries(a).sort()) === JSON.stringify(Object.entries(b).sort()),
        )
      }),
    )
    expect(contentNamed(content({ a: 'AAEC' }), SOURCE).name).not.toBe(
      contentNamed(content({}, { a: 'AAEC' }), SOURCE).name,
    )
  })

  test('keep files byte for byte, texts as texts', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.string({ unit: 'binary' }), (binary, text) => {
        fc.pre(text.isWellFormed())
        const encoded = new TextEncoder().encode(`\ufeff${text}\r\n`)
        const { data, binaryData } = configOfFiles('x', [
          ['binary', binary],
          ['text', encoded],
        ])
        expect([...Buffer.from(data.text!)]).toEqual([...encoded])
        const back = data.binary === undefined ? Buffer.from(binaryData.binary!, 'base64') : Buffer.from(data.binary)
        expect([...back]).toEqual([...binary])
      }),
    )
  })

  test('are refused above 900 KiB, bytes counted and not characters', () => {
    const most = 900 * 1024 - 1
    expect(() => contentNamed(content({ a: 'x'.repeat(most) }), SOURCE)).not.toThrow()
    const message =
      'a.yaml:1: ConfigMap agent-config has 901 KiB, of which big has 900. Kubernetes keeps at most 1 MiB in an object, so agent-ci takes at most 900 KiB of data in one ConfigMap. Split it into several ConfigMaps, or put the large files into the image.'
    expect(() => contentNamed(content({ a: 'xx', big: 'ä'.repeat(450 * 1024 - 2) }), SOURCE)).toThrow(
      expect.objectContaining({ message }),
    )
    const binary = Buffer.alloc(900 * 1024).toString('base64')
    expect(() => contentNamed(content({}, { big: binary }), SOURCE)).toThrow('has 901 KiB')
  })

  test.each([
    ['a number', 'data: {port: 8080}', 'data.port is 8080. A ConfigMap holds texts only. Quote the value.'],
    ['a boolean', 'data: {debug: on}', 'data.debug is true. A ConfigMap holds texts only. Quote the value.'],
    ['a list', 'data: [a]', 'data of ConfigMap c is ["a"]. Expected keys with texts. Write key: value.'],
    [
      'a path as key',
      'data: {a/b: x}',
      '"a/b" is a key of data. Keys have letters, digits, "-", "_" and ".". Choose another key.',
    ],
    [
      'what is not base64',
      'binaryData: {a: "%"}',
      'binaryData.a is not base64. Bytes are written so. Write them with base64, or use data.',
    ],
    [
      'a key in both',
      'data: {a: x}\nbinaryData: {a: AAEC}',
      'a is in data and in binaryData. Mounted, both would be the same file. Remove one of them.',
    ],
  ])('%s is refused with its line', async (_, fields, message) => {
    const text = `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n${fields}\n`
    const line = 13 + fields.split('\n').length
    await expect(read(text)).rejects.toThrow(expect.objectContaining({ message: `a.yaml:${line}: ${message}` }))
  })

  test('without data they are still ConfigMaps', async () => {
    expect(await read('apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata:\n')).toEqual({
      logicalName: 'c',
      data: {},
      binaryData: {},
    })
  })
})
