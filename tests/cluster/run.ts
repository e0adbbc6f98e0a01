// Runs the tests of tests/cluster, with jest's own arguments; where there is nothing to run them with, says so.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { findOrBuildBinaries, NoBinariesError } from './binaries.ts'

try {
  findOrBuildBinaries(process.env, (line) => console.error(`cluster: ${line}`))
} catch (error) {
  if (!(error instanceof NoBinariesError)) throw error
  console.error(`TEST CLUSTER SKIPPED: no test of tests/cluster has run. ${error.message}.`)
  process.exit(process.env.CI === 'true' ? 1 : 0)
}
const root = join(import.meta.dirname, '../..')
const jest = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', 'node_modules/jest/bin/jest.js']
const config = ['--config', 'tests/cluster/jest.config.mjs']
const args = [...jest, ...config, ...process.argv.slice(2)]
process.exitCode = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' }).status ?? 1
