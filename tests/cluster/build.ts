// Builds the programs of the test cluster ahead of the tests that need them.
import { findOrBuildBinaries } from './binaries.ts'

const binaries = findOrBuildBinaries(process.env, (line) => console.log(`cluster: ${line}`))
for (const [program, path] of Object.entries(binaries)) console.log(`${program.padEnd(24)} ${path}`)
