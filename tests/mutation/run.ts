// Changes the sources of some groups in one small thing at a time, and lists the changes that no test notices.
import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import type { MutantResult, PartialStrykerOptions } from '@stryker-mutator/api/core'
import { Stryker } from '@stryker-mutator/core'
import { GROUPS, type Group } from './groups.ts'

const LEAST_SCORE = 85

const optionsOf = (name: string, { mutate, tests }: Group): PartialStrykerOptions => ({
  mutate: [...mutate],
  // The words of messages are for people.
  mutator: { excludedMutations: ['StringLiteral'] },
  plugins: [join(import.meta.dirname, 'covering-runner.ts')],
  testRunner: 'covering-jest',
  testRunnerNodeArgs: ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'],
  coverageAnalysis: 'perTest',
  jest: {
    configFile: 'jest.config.mjs',
    enableFindRelatedTests: false,
    config: {
      roots: ['<rootDir>/packages', '<rootDir>/tests/unit'],
      testMatch: tests.map((pattern) => `<rootDir>/${pattern}`),
      // The links in node_modules lead out of the copy that is changed.
      moduleNameMapper: {
        '^@agent-ci/action-([^/]+)/(.+)$': '<rootDir>/actions/$1/src/$2.ts',
        '^@agent-ci/([^/]+)/(.+)$': '<rootDir>/packages/$1/src/$2.ts',
      },
    },
  },
  disableTypeChecks: false,
  // Stryker would rewrite the real one with a compiler API that TypeScript 7 does not have.
  tsconfigFile: 'none.json',
  concurrency: 1,
  // A changed condition may loop; a busy machine may only be slow.
  timeoutMS: 30_000,
  timeoutFactor: 3,
  ignorePatterns: ['dist', 'packages/*/dist', 'actions/*/dist', '.cache', 'reports'],
  tempDirName: '.cache/mutation',
  reporters: ['clear-text', 'html', 'json'],
  clearTextReporter: { allowColor: false, allowEmojis: false, logTests: false, reportTests: false },
  htmlReporter: { fileName: `reports/mutation/${name}.html` },
  jsonReporter: { fileName: `reports/mutation/${name}.json` },
  thresholds: { high: 100, low: LEAST_SCORE, break: LEAST_SCORE },
})

/** A row of the table in README.md. The score is Stryker's: noticed changes of all that are valid. */
function rowOf(name: string, mutants: readonly MutantResult[], minutes: number): string {
  const count = (status: MutantResult['status']) => mutants.filter((mutant) => mutant.status === status).length
  const [killed, timeout, survived, uncovered] = [
    count('Killed'),
    count('Timeout'),
    count('Survived'),
    count('NoCoverage'),
  ]
  const score = (100 * (killed + timeout)) / (killed + timeout + survived + uncovered)
  const date = new Date().toISOString().slice(0, 10)
  return `| ${[name, `${score.toFixed(1)} %`, killed, timeout, survived, uncovered, minutes.toFixed(1), date].join(' | ')} |`
}

const names = process.argv.slice(2)
const unknown = names.filter((name) => !(name in GROUPS))
if (names.length === 0 || unknown.length > 0) {
  if (unknown.length > 0) console.error(`There is no group ${unknown.join(', ')}.`)
  console.error(`Write npm run mutate -- <group>..., with any of ${Object.keys(GROUPS).join(', ')}.`)
  process.exit(1)
}
process.chdir(join(import.meta.dirname, '../..'))
process.env.AGENT_CI_PROPERTY_RUNS ??= '50'
for (const name of names) {
  const started = performance.now()
  const row = rowOf(
    name,
    await new Stryker(optionsOf(name, GROUPS[name]!)).runMutationTest(),
    (performance.now() - started) / 60_000,
  )
  console.log(row)
  if (process.env.GITHUB_STEP_SUMMARY) appendFileSync(process.env.GITHUB_STEP_SUMMARY, `${row}\n`)
}
