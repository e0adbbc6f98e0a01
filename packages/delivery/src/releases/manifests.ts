import { ConfigurationError, formatSource, type Problem, type Source } from '@agent-ci/core/errors'
import type { Annotation } from '@agent-ci/core/host'
import { isJsonObject, type Json, type JsonObject } from '@agent-ci/core/json'
import { notice } from './finding.ts'
import { type JsonPath, objectAt, valueAt } from './json-path.ts'
import type { ManifestFile } from './manifest-files.ts'
import { refusalOf } from './manifest-refusal.ts'
import { substituteIn, type Variables } from './variables.ts'
import { documentJson, parseDocuments } from './yaml-documents.ts'

/** An object of the manifests and where its fields were written. */
export interface Manifest {
  readonly kind: string
  readonly name: string
  readonly object: JsonObject
  sourceOf(path: JsonPath): Source
}

/** Set by the server: `kubectl get --output yaml` shows them, and an apply that has them is refused. */
const SERVER_FIELDS = ['uid', 'resourceVersion', 'generation', 'creationTimestamp', 'managedFields', 'selfLink']
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration'

function withoutServerFields({ status: _, ...object }: JsonObject): JsonObject {
  const { annotations, ...metadata } = objectAt(object, ['metadata'])
  const kept = Object.entries(metadata).filter(([field]) => !SERVER_FIELDS.includes(field))
  const own = isJsonObject(annotations)
    ? { annotations: Object.fromEntries(Object.entries(annotations).filter(([name]) => name !== LAST_APPLIED)) }
    : {}
  return { ...object, metadata: { ...Object.fromEntries(kept), ...own } }
}

/** The objects of a document; those of a `kind: List` one by one. */
function* objectsOf(value: Json, path: JsonPath): Generator<{ value: Json; path: JsonPath }> {
  const items = valueAt(value, ['items'])
  if (isJsonObject(value) && String(value.kind).endsWith('List') && Array.isArray(items)) {
    for (const [i, item] of (items as readonly Json[]).entries()) yield* objectsOf(item, [...path, 'items', i])
  } else yield { value, path }
}

/** Versions of an API are the same object. */
const identity = ({ object, kind, name }: Manifest): string =>
  `${String(object.apiVersion).replace(/\/?[^/]*$/, '')}/${kind}/${name}`

/**
 * Reads manifests (YAML with any number of documents, JSON, lists) and puts in the values of variables.
 *
 * @param namespace where the release goes; undefined where only the cluster's configuration knows
 * @throws {ConfigurationError} with everything that cannot be part of a release, each with its file and line
 */
export async function parseManifests(
  files: readonly ManifestFile[],
  { variables, namespace }: { readonly variables: Variables; readonly namespace: string | undefined },
): Promise<{ manifests: Manifest[]; findings: Annotation[] }> {
  const problems: Problem[] = []
  const findings = new Map<string, Annotation>()
  const manifests = new Map<string, Manifest>()

  const readFile = async (file: ManifestFile): Promise<void> => {
    const { list, line, sourceOf } = await parseDocuments(file)
    for (const document of list) {
      const locate = sourceOf(document)
      await substituteIn(document, variables, (name, offset) => {
        const source = line(offset)
        const message = `\${${name}} stays as it is: there is no value for it. Declared: ${Object.keys(variables).join(', ')}`
        findings.set(`${formatSource(source)} ${name}`, notice(message, source))
      })
      const whole = documentJson(document, locate([]))
      // A document of comments alone.
      if (whole === null) continue
      for (const { value, path } of objectsOf(whole, [])) {
        const at = (inner: JsonPath) => locate([...path, ...inner])
        const refusal = refusalOf(value, namespace)
        if (refusal) {
          const { at: where, ...problem } = refusal
          problems.push({ ...problem, source: at(where) })
          continue
        }
        const object = withoutServerFields(value as JsonObject)
        const name = String(valueAt(object, ['metadata', 'name']))
        const manifest: Manifest = { kind: String(object.kind), name, object, sourceOf: at }
        const before = manifests.get(identity(manifest))
        if (before) {
          problems.push({
            what: `${manifest.kind} ${name} is there twice`,
            why: `It is at ${formatSource(before.sourceOf([]))} too; the later would overwrite the earlier`,
            mend: 'Remove one of them',
            source: at([]),
          })
        } else manifests.set(identity(manifest), manifest)
      }
    }
  }

  for (const file of files) {
    try {
      await readFile(file)
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error
      problems.push(...error.problems)
    }
  }
  const all = [...manifests.values()]
  if (problems.length === 0 && !all.some(({ kind }) => kind === 'Deployment')) {
    problems.push({
      what: `There is no Deployment in ${files.map(({ path }) => path).join(', ') || 'the manifests'}`,
      why: 'A release is rolled out and taken back by the pod template of a Deployment',
      mend: 'Name the files that hold it in the manifests input',
    })
  }
  if (problems.length > 0) throw new ConfigurationError(problems)
  return { manifests: all, findings: [...findings.values()] }
}
