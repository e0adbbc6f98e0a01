import { ConfigurationError, type Problem, type Source } from '@agent-ci/core/errors'
import { digestOf, digestOfJson, isJsonObject, type Json, type JsonObject } from '@agent-ci/core/json'
import type { KubernetesObject } from '../kubernetes/object.ts'
import { objectAt, valueAt } from './json-path.ts'
import type { Manifest } from './manifests.ts'
import { APP_LABEL, CONFIG_OF, contentName, DIGEST, labelValue } from './names.ts'

/** A ConfigMap by its content. */
export interface ConfigContent {
  readonly logicalName: string
  readonly data: Readonly<Record<string, string>>
  /** In base64. */
  readonly binaryData: Readonly<Record<string, string>>
  readonly labels?: JsonObject
  readonly annotations?: JsonObject
}

/** An immutable ConfigMap whose name holds the hash of its content. */
export interface ContentNamed extends ConfigContent {
  readonly name: string
  readonly digest: string
  /** Of each key's content, the first 12 hex digits of SHA-256. */
  readonly keys: Readonly<Record<string, string>>
}

/** The server takes 1 MiB of data, and the object around it has to fit too. */
const MOST_BYTES = 900 * 1024

const KEY = /^[-._a-zA-Z0-9]{1,253}$/
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

/** Why a field of a ConfigMap in a manifest would not come through, or undefined. */
function problemOf(field: 'data' | 'binaryData', key: string, value: Json): Omit<Problem, 'source'> | undefined {
  if (!KEY.test(key) || key.startsWith('..') || key === '.') {
    const why = 'Keys have letters, digits, "-", "_" and "."'
    return { what: `${JSON.stringify(key)} is a key of ${field}`, why, mend: 'Choose another key' }
  }
  if (typeof value !== 'string') {
    const what = `${field}.${key} is ${JSON.stringify(value)}`
    return { what, why: 'A ConfigMap holds texts only', mend: 'Quote the value' }
  }
  if (field === 'binaryData' && !BASE64.test(value.replaceAll(/\s/g, ''))) {
    return {
      what: `binaryData.${key} is not base64`,
      why: 'Bytes are written so',
      mend: 'Write them with base64, or use data',
    }
  }
}

/**
 * Reads a ConfigMap of the manifests.
 *
 * @throws {ConfigurationError} with each key that Kubernetes would refuse
 */
export function readConfigMap(manifest: Manifest): ConfigContent {
  const problems: Problem[] = []
  const read = (field: 'data' | 'binaryData'): Record<string, string> => {
    const values = valueAt(manifest.object, [field]) ?? {}
    if (!isJsonObject(values)) {
      const what = `${field} of ConfigMap ${manifest.name} is ${JSON.stringify(values).slice(0, 100)}`
      const source = manifest.sourceOf([field])
      problems.push({ what, why: 'Expected keys with texts', mend: 'Write key: value', source })
      return {}
    }
    for (const [key, value] of Object.entries(values)) {
      const problem = problemOf(field, key, value)
      if (problem) problems.push({ ...problem, source: manifest.sourceOf([field, key]) })
    }
    return values as Record<string, string>
  }
  const data = read('data')
  const binary = read('binaryData')
  for (const key of Object.keys(data).filter((name) => Object.hasOwn(binary, name))) {
    const why = 'Mounted, both would be the same file'
    const source = manifest.sourceOf(['binaryData', key])
    problems.push({ what: `${key} is in data and in binaryData`, why, mend: 'Remove one of them', source })
  }
  if (problems.length > 0) throw new ConfigurationError(problems)
  const binaryData = Object.fromEntries(Object.entries(binary).map(([key, text]) => [key, text.replaceAll(/\s/g, '')]))
  const { labels, annotations } = objectAt(manifest.object, ['metadata'])
  return {
    logicalName: manifest.name,
    data,
    binaryData,
    ...(isJsonObject(labels) && { labels }),
    ...(isJsonObject(annotations) && { annotations }),
  }
}

/**
 * A ConfigMap of files: those in UTF-8 as texts, others as bytes, both byte for byte.
 *
 * @param files by key
 */
export function configOfFiles(logicalName: string, files: Iterable<readonly [string, Uint8Array]>): ConfigContent {
  const data: Record<string, string> = {}
  const binaryData: Record<string, string> = {}
  for (const [key, bytes] of files) {
    try {
      // A byte order mark is part of the file.
      data[key] = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    } catch {
      binaryData[key] = Buffer.from(bytes).toString('base64')
    }
  }
  return { logicalName, data, binaryData }
}

function sizes({ data, binaryData }: ConfigContent): { key: string; bytes: number }[] {
  return [
    ...Object.entries(data).map(([key, text]) => ({ key, bytes: Buffer.byteLength(key) + Buffer.byteLength(text) })),
    ...Object.entries(binaryData).map(([key, text]) => ({
      key,
      bytes: Buffer.byteLength(key) + Buffer.byteLength(text, 'base64'),
    })),
  ]
}

/**
 * Names a ConfigMap by its content: equal content gives the same name, and any other content another one.
 *
 * @throws {ConfigurationError} for a content of more than 900 KiB
 */
export function contentNamed(content: ConfigContent, source: Source): ContentNamed {
  const { logicalName, data, binaryData } = content
  const all = sizes(content)
  const bytes = all.reduce((sum, size) => sum + size.bytes, 0)
  if (bytes > MOST_BYTES) {
    const largest = all.toSorted((a, b) => b.bytes - a.bytes)[0]!
    throw new ConfigurationError({
      what: `ConfigMap ${logicalName} has ${Math.ceil(bytes / 1024)} KiB, of which ${largest.key} has ${Math.ceil(largest.bytes / 1024)}`,
      why: 'Kubernetes keeps at most 1 MiB in an object, so agent-ci takes at most 900 KiB of data in one ConfigMap',
      mend: 'Split it into several ConfigMaps, or put the large files into the image',
      source,
    })
  }
  const digest = digestOfJson({ data, binaryData })
  const hash = (value: string | Uint8Array) => digestOf(value).slice('sha256:'.length, 'sha256:'.length + 12)
  const keys = Object.fromEntries([
    ...Object.entries(data).map(([key, text]) => [key, hash(text)]),
    ...Object.entries(binaryData).map(([key, text]) => [key, hash(Buffer.from(text, 'base64'))]),
  ])
  return { ...content, name: contentName(logicalName, digest), digest, keys }
}

/** The object to apply. */
export function configMapObject({ app, map }: { readonly app: string; readonly map: ContentNamed }): KubernetesObject {
  const { labels, annotations, data, binaryData, logicalName } = map
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: map.name,
      labels: {
        ...(labels as Record<string, string>),
        [APP_LABEL]: labelValue(app),
        [CONFIG_OF]: labelValue(logicalName),
      },
      annotations: { ...(annotations as Record<string, string>), [CONFIG_OF]: logicalName, [DIGEST]: map.digest },
    },
    immutable: true,
    ...(Object.keys(data).length > 0 && { data }),
    ...(Object.keys(binaryData).length > 0 && { binaryData }),
  }
}
