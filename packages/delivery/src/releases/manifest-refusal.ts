import type { Problem } from '@agent-ci/core/errors'
import { isJsonObject, type Json } from '@agent-ci/core/json'
import { type JsonPath, valueAt } from './json-path.ts'

/** A problem of an object and where in it the problem is. */
interface Refusal extends Omit<Problem, 'source'> {
  readonly at: JsonPath
}

/** Why an object cannot be part of a release, or undefined. */
export function refusalOf(value: Json, namespace: string | undefined): Refusal | undefined {
  if (!isJsonObject(value)) {
    const why = 'Expected an object with apiVersion, kind and metadata'
    return {
      what: `This is ${JSON.stringify(value).slice(0, 100)}, no Kubernetes object`,
      why,
      mend: 'Remove it',
      at: [],
    }
  }
  for (const path of [['apiVersion'], ['kind'], ['metadata', 'name']]) {
    const found = valueAt(value, path)
    if (typeof found === 'string' && found !== '') continue
    const name = path.join('.')
    if (name === 'metadata.name' && valueAt(value, ['metadata', 'generateName']) !== undefined) {
      return {
        what: `This ${String(value.kind)} has generateName and no name`,
        why: 'Each apply would make another object, and none could be taken back',
        mend: `Write metadata.name; with \${VERSION} in it where each version shall have its own`,
        at: ['metadata', 'generateName'],
      }
    }
    return {
      what: found === undefined ? `${name} is missing` : `${name} is ${JSON.stringify(found)}`,
      why: 'Expected a text: without it Kubernetes does not know what the object is',
      mend: found === undefined ? `Write ${name}` : 'Quote it',
      at: path,
    }
  }
  const named = `${String(value.kind)} ${String(valueAt(value, ['metadata', 'name']))}`
  if (value.kind === 'Secret' && value.apiVersion === 'v1') {
    return {
      what: `${named} is among the manifests`,
      why: 'Releases are kept in the history, where everyone who may read ConfigMaps could read it',
      mend: 'Take it out and create it apart (kubectl create secret, External Secrets, Sealed Secrets); pods go on naming it',
      at: ['kind'],
    }
  }
  const own = valueAt(value, ['metadata', 'namespace'])
  if (own !== undefined && own !== null && own !== namespace) {
    return {
      what: `${named} is of the namespace ${JSON.stringify(own)}`,
      why:
        namespace === undefined
          ? 'No namespace was given'
          : `The release goes to the namespace ${JSON.stringify(namespace)}`,
      mend: `Remove metadata.namespace, write \${NAMESPACE}, or give that namespace`,
      at: ['metadata', 'namespace'],
    }
  }
}
