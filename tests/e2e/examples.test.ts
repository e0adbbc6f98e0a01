import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'

const CLOUD = 'there is no such cloud here to prove who we are to'

/** What no test here runs, and why. All of them are parsed and checked by tests/unit/workflows. */
const NOT_RUN: Readonly<Record<string, string>> = {
  'oidc-eks.yml': CLOUD,
  'oidc-gke.yml': CLOUD,
  'oidc-aks.yml': CLOUD,
}

test('every example is run as it is, or it is said why not', () => {
  const tests = globSync('*.test.ts', { cwd: import.meta.dirname, exclude: ['examples.test.ts'] }).map((file) =>
    readFileSync(join(import.meta.dirname, file), 'utf8'),
  )
  const examples = globSync('*.yml', { cwd: join(import.meta.dirname, '../../example-workflows') })
  const run = examples.filter((name) => tests.some((text) => text.includes(`'${name}'`)))
  expect([...run, ...Object.keys(NOT_RUN)].toSorted()).toEqual(examples.toSorted())
  for (const [name, reason] of Object.entries(NOT_RUN)) console.info(`not run: ${name}, for ${reason}`)
})
