import { readFileSync, writeFileSync } from 'node:fs'
import { declareFactoryPlugin, type Injector, type PluginContext, PluginKind } from '@stryker-mutator/api/plugin'
import { DryRunStatus, type MutantRunOptions, type TestRunner } from '@stryker-mutator/api/test-runner'
import { strykerPlugins as jestPlugins, strykerValidationSchema } from '@stryker-mutator/jest-runner'

export { strykerValidationSchema }

/** What of Stryker's own jest runner is used here, private fields of its exact version included. */
interface JestRunner extends TestRunner {
  readonly jestTestAdapter: { run(settings: { readonly testFiles?: readonly string[] }): Promise<JestAnswer> }
}

interface JestAnswer {
  readonly results: {
    readonly numFailedTests: number
    readonly numRuntimeErrorTestSuites: number
    readonly testResults: readonly unknown[]
  }
}

/** What each test of the group takes, by its file: of all runner processes of a run, so it lies in the sandbox. */
const TIMES = 'test-times.json'

/** A mutant meets the tests of so many milliseconds first, and the slower ones only when those let it live. */
const QUICK_MS = 300

interface FileTime {
  readonly file: string
  readonly ms: number
  readonly tests: readonly string[]
}

const fileTimes = (): readonly FileTime[] => JSON.parse(readFileSync(TIMES, 'utf8'))

/** The files with the tests that reach a mutant, the quickest first, in at most two parts. */
function parts(testFilter: readonly string[] | undefined): string[][] {
  const wanted = testFilter && new Set(testFilter)
  const covering = fileTimes().filter(({ tests }) => !wanted || tests.some((test) => wanted.has(test)))
  const quick: string[] = []
  const slow: string[] = []
  let spent = 0
  for (const { file, ms } of covering.toSorted((a, b) => a.ms - b.ms)) {
    spent += ms
    ;(spent <= QUICK_MS || quick.length === 0 ? quick : slow).push(file)
  }
  return slow.length === 0 ? [quick] : [quick, slow]
}

/** Stryker's jest runner loads every test file for every mutant; this one only those with a test that reaches it. */
function coveringRunner(injector: Injector<PluginContext>): TestRunner {
  const runner = jestPlugins[0]!.factory(injector) as JestRunner
  const adapter = runner.jestTestAdapter
  const runAll = adapter.run.bind(adapter)
  let filter: MutantRunOptions['testFilter']
  let dry = true
  adapter.run = async (settings) => {
    if (dry) return runAll(settings)
    const [quick, slow] = parts(filter)
    const first = await runAll({ ...settings, testFiles: quick! })
    if (!slow || first.results.numFailedTests + first.results.numRuntimeErrorTestSuites > 0) return first
    const second = await runAll({ ...settings, testFiles: slow })
    return {
      results: { ...second.results, testResults: [...first.results.testResults, ...second.results.testResults] },
    }
  }
  return {
    capabilities: () => runner.capabilities(),
    init: async () => runner.init?.(),
    dispose: async () => runner.dispose?.(),
    dryRun: async (options) => {
      dry = true
      const result = await runner.dryRun(options)
      if (result.status === DryRunStatus.Complete) {
        const byFile = Map.groupBy(result.tests, ({ fileName }) => fileName!)
        const times = [...byFile].map(
          ([file, tests]): FileTime => ({
            file,
            ms: tests.reduce((sum, { timeSpentMs }) => sum + timeSpentMs, 0),
            tests: tests.map(({ id }) => id),
          }),
        )
        writeFileSync(TIMES, JSON.stringify(times))
      }
      return result
    },
    mutantRun: (options) => {
      dry = false
      filter = options.testFilter
      return runner.mutantRun(options)
    },
  }
}
coveringRunner.inject = ['$injector'] as ['$injector']

export const strykerPlugins = [declareFactoryPlugin(PluginKind.TestRunner, 'covering-jest', coveringRunner)]
