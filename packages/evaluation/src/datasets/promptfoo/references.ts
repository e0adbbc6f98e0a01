import { dirname, resolve } from 'node:path'
import { ConfigurationError, type Source } from '@agent-ci/core/errors'
import { isJsonObject, type Json } from '@agent-ci/core/json'
import { readYamlFile } from './located.ts'

const MOST_LEVELS = 60

function at(root: unknown, pointer: string): unknown {
  const keys = pointer
    .split('/')
    .slice(1)
    .map((key) => decodeURIComponent(key).replaceAll('~1', '/').replaceAll('~0', '~'))
  return keys.reduce<unknown>(
    (inner, key) =>
      typeof inner === 'object' && inner !== null && Object.hasOwn(inner, key)
        ? (inner as Record<string, unknown>)[key]
        : undefined,
    root,
  )
}

/** Replaces each `{$ref: '#/assertionTemplates/x'}` (or of another file) by what it names; keys beside `$ref` win. */
export function dereference(value: unknown, root: unknown, path: string, source: Source, level = 0): Json {
  const refuse = (what: string, why: string): never => {
    throw new ConfigurationError({
      what,
      why,
      mend: "Correct the reference: $ref: '#/assertionTemplates/<name>'",
      source,
    })
  }
  if (level > MOST_LEVELS) refuse('The references go round in a circle', `They are followed ${MOST_LEVELS} levels deep`)
  if (Array.isArray(value)) return value.map((item) => dereference(item, root, path, source, level + 1))
  if (!isJsonObject(value)) return value as Json
  const { $ref, ...own } = value
  const inner = Object.fromEntries(
    Object.entries(own).map(([key, item]) => [key, dereference(item, root, path, source, level + 1)]),
  )
  if (typeof $ref !== 'string') return $ref === undefined ? inner : { ...inner, $ref }
  const [file = '', pointer = ''] = $ref.split('#')
  const from = file === '' ? path : resolve(dirname(path), file)
  const target = file === '' ? root : readYamlFile(from, file, source).value
  const found = at(target, pointer)
  if (found === undefined) refuse(`There is nothing at ${$ref}`, 'Expected a value that the reference names')
  const referred = dereference(found, target, from, source, level + 1)
  return isJsonObject(referred) ? { ...referred, ...inner } : referred
}
