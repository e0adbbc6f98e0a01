// Runs the tests of tests/e2e, with jest's own arguments; where there is nothing to run them with, says so.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { findOrBuildBinaries, NoBinariesError } from '../cluster/binaries.ts'
import { findOrBuildAct, NoActError } from './act-binary.ts'

try {
  findOrBuildAct(process.env, (line) => console.error(`e2e: ${line}`))
  findOrBuildBinaries(process.env, (line) => console.error(`cluster: ${line}`))
} catch (error) {
  if (!(error instanceof NoBinariesError || error instanceof NoActError)) throw error
  console.error(`E2E SKIPPED: no test of tests/e2e has run. ${error.message}.`)
  process.exit(process.env.CI === 'true' ? 1 : 0)
}
const root = join(import.meta.dirname, '../..')
const jest = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', 'node_modules/jest/bin/jest.js']
const args = [...jest, '--config', 'tests/e2e/jest.config.mjs', ...process.argv.slice(2)]
process.exitCode = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' }).status ?? 1
