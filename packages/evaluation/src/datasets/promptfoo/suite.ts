import { dirname, relative, resolve, sep } from 'node:path'
import { ConfigurationError, type Source } from '@agent-ci/core/errors'
import { isJsonObject, type Json, type JsonObject } from '@agent-ci/core/json'
import { suggestName } from '@agent-ci/core/nearest'
import { type Located, readYamlFile } from './located.ts'
import { type Prompt, readPrompts } from './prompts.ts'
import { dereference } from './references.ts'
import { readTests, readTestsFile, type Test, type TestPlace } from './tests.ts'
import type { Listing } from './unmapped.ts'
import { readVars } from './variables.ts'

/** A configuration of promptfoo, read; its tests are merged with what is said for all of them. */
export interface Suite {
  readonly description: string | undefined
  /** Absolute. */
  readonly directory: string
  readonly prompts: readonly Prompt[]
  readonly tests: readonly Test[]
  readonly providers: readonly { readonly value: Json; readonly source: Source }[]
  readonly evaluateOptions: JsonObject
  readonly env: JsonObject
}

/** Keys of a configuration that say nothing about what is tested and how it is judged, or are read elsewhere. */
const READ =
  'description tags prompts providers targets tests defaultTest scenarios assertionTemplates env evaluateOptions $schema metadata'.split(
    ' ',
  )
const NOT_MAPPED: Readonly<Record<string, string>> = {
  extensions:
    'They are code of your own that runs around the tests: call it in the steps of the workflow, or in the agent',
  derivedMetrics: 'Gates of agent-ci stand on its own metrics',
  nunjucksFilters: 'They are code of your own: templates that use them fail',
  redteam: 'agent-ci does not attack: keep promptfoo for red teaming',
  tracing: "agent-ci takes tool calls from the agent's reply or the gateway",
  commandLineOptions: 'Write them as inputs of the action',
  outputPath: 'agent-ci writes its results to output-dir',
  sharing: 'agent-ci writes its report to output-dir',
  writeLatestResults: 'agent-ci writes its results to output-dir',
  functions: 'Write them as tools of the provider',
}

const objectAt = (value: Json | undefined): JsonObject => (isJsonObject(value) ? value : {})
const listAt = (value: Json | undefined): readonly Json[] => (Array.isArray(value) ? (value as readonly Json[]) : [])

/** A value that may stand in a file of its own. */
function loaded(
  value: Json | undefined,
  located: Located,
  directory: string,
  cwd: string,
): { readonly value: Json | undefined; readonly located: Located } {
  if (typeof value !== 'string' || !value.startsWith('file://')) return { value, located }
  const path = resolve(directory, value.slice('file://'.length))
  const file = relative(cwd, path).replaceAll(sep, '/')
  const inner = readYamlFile(path, file, located.sourceOf([]))
  return { value: dereference(inner.value, inner.value, path, { file, line: 1 }), located: inner }
}

const below = (located: Located, ...keys: (string | number)[]): Located => ({
  value: undefined,
  sourceOf: (path) => located.sourceOf([...keys, ...path]),
})

/** A test's options over those of all; an empty prefix or suffix is none of its own. */
const optionsOf = (shared: JsonObject, own: JsonObject): JsonObject => ({
  ...shared,
  ...Object.fromEntries(Object.entries(own).filter(([key, value]) => !/^(?:prefix|suffix)$/.test(key) || value !== '')),
})

/** A test with what all tests share before it. */
function withDefaults(test: Test, shared: Test | undefined): Test {
  if (!shared) return test
  const { fields: given } = shared
  const own = test.fields
  const shares = objectAt(own.options).disableDefaultAsserts !== true
  const before = shares ? listAt(given.assert) : []
  return {
    ...test,
    vars: { ...shared.vars, ...test.vars },
    fields: {
      ...Object.fromEntries(
        ['prompts', 'provider', 'providers', 'threshold', 'assertScoringFunction'].flatMap((key) =>
          given[key] === undefined ? [] : [[key, given[key]]],
        ),
      ),
      ...own,
      assert: [...before, ...listAt(own.assert)],
      options: optionsOf(objectAt(given.options), objectAt(own.options)),
      metadata: { ...objectAt(given.metadata), ...objectAt(own.metadata) },
    },
    assertAt: (index) => (index < before.length ? shared.assertAt(index) : test.assertAt(index - before.length)),
  }
}

/** Each data set of a scenario with each of its tests. */
function readScenarios(value: Json | undefined, located: Located, place: TestPlace): Test[] {
  const { directory, cwd } = place
  return listAt(value).flatMap((item, i) => {
    const { value: scenario, located: at } = loaded(item, below(located, i), directory, cwd)
    const { config, tests } = objectAt(scenario)
    const { value: data, located: dataAt } = loaded(config, below(at, 'config'), directory, cwd)
    const sets = readTests(data, dataAt, place)
    if (sets.length === 0) {
      throw new ConfigurationError({
        what: `scenarios[${i}] has no config`,
        why: 'Expected a list of {vars}',
        mend: 'Write config: - vars: …',
        source: at.sourceOf([]),
      })
    }
    const inner = tests === undefined ? undefined : readTests(tests, below(at, 'tests'), place)
    return sets.flatMap((set) => {
      const { fields } = set
      const empty: Test = { fields: {}, vars: {}, source: set.source, assertAt: set.assertAt }
      return (inner ?? [empty]).map((test): Test => {
        const before = listAt(fields.assert)
        return {
          source: test.source,
          vars: { ...set.vars, ...test.vars },
          fields: {
            ...fields,
            ...test.fields,
            assert: [...before, ...listAt(test.fields.assert)],
            options: { ...objectAt(fields.options), ...objectAt(test.fields.options) },
            metadata: { ...objectAt(fields.metadata), ...objectAt(test.fields.metadata) },
          },
          assertAt: (index) => (index < before.length ? set.assertAt(index) : test.assertAt(index - before.length)),
        }
      })
    })
  })
}

const EXPECTED = 'prompts, providers, tests, defaultTest, scenarios'

/** Reads a configuration of promptfoo, or a file of tests alone. What has no counterpart is told of. */
export function readSuite(path: string, cwd: string, { unmapped, warn }: Listing): Suite {
  const directory = dirname(path)
  const place: TestPlace = { directory, cwd, unmapped, warn }
  const bare = { description: undefined, directory, prompts: [], providers: [], evaluateOptions: {}, env: {} }
  if (!/\.(?:ya?ml|json)$/i.test(path)) return { ...bare, tests: readTestsFile(path, place) }
  const file = relative(cwd, path).replaceAll(sep, '/')
  const root = readYamlFile(path, file)
  if (Array.isArray(root.value)) return { ...bare, tests: readTestsFile(path, place) }
  const config = dereference(root.value, root.value, path, { file, line: 1 })
  if (!isJsonObject(config)) {
    throw new ConfigurationError({
      what: `${file} is no configuration of promptfoo`,
      why: `Expected a mapping with ${EXPECTED}`,
      mend: 'Check the path',
      source: { file, line: 1 },
    })
  }
  if (
    config.tests === undefined &&
    config.scenarios === undefined &&
    (config.vars !== undefined || config.assert !== undefined)
  ) {
    return { ...bare, tests: readTestsFile(path, place) }
  }
  for (const key of Object.keys(config)) {
    if (READ.includes(key)) continue
    const why = Object.hasOwn(NOT_MAPPED, key)
      ? NOT_MAPPED[key]!
      : `It is no key that agent-ci knows. ${suggestName(key, READ)}`
    unmapped(key, root.sourceOf([key]), why)
  }
  const { value: sharedValue, located: sharedAt } = loaded(
    config.defaultTest,
    below(root, 'defaultTest'),
    directory,
    cwd,
  )
  const shared: Test | undefined = isJsonObject(sharedValue)
    ? {
        fields: sharedValue,
        vars: readVars(sharedValue.vars, directory, sharedAt.sourceOf([])),
        source: sharedAt.sourceOf([]),
        assertAt: (index) => sharedAt.sourceOf(['assert', index]),
      }
    : undefined
  const { value: scenarios, located: scenariosAt } = loaded(config.scenarios, below(root, 'scenarios'), directory, cwd)
  const tests = [
    ...readTests(config.tests, below(root, 'tests'), place),
    ...readScenarios(scenarios, scenariosAt, place),
  ]
  const providers = config.providers ?? config.targets
  const providersKey = config.providers === undefined ? 'targets' : 'providers'
  return {
    description: typeof config.description === 'string' ? config.description : undefined,
    directory,
    prompts: config.prompts === undefined ? [] : readPrompts(config.prompts, directory, cwd, root.sourceOf, unmapped),
    tests: tests.map((test) => withDefaults(test, shared)),
    providers: (providers === undefined ? [] : ([providers].flat() as readonly Json[])).map((value, i) => ({
      value,
      source: root.sourceOf(Array.isArray(providers) ? [providersKey, i] : [providersKey]),
    })),
    evaluateOptions: objectAt(config.evaluateOptions),
    env: objectAt(config.env),
  }
}
