import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { findOrBuildBinaries } from './binaries.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'agent-ci-binaries-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

test('takes what KUBEBUILDER_ASSETS has, and the rest from the cache without building again', () => {
  writeFileSync(join(directory, 'etcd'), '')
  const log: string[] = []
  const binaries = findOrBuildBinaries({ ...process.env, KUBEBUILDER_ASSETS: directory }, (line) => log.push(line))
  expect(binaries.etcd).toBe(join(directory, 'etcd'))
  expect(dirname(binaries['kube-apiserver'])).toContain('agent-ci/cluster')
  expect(log).toEqual([])
})

test.each([
  ['a user is told so and nothing fails', {}, 0],
  ['CI fails', { CI: 'true' }, 1],
])('where nothing can be built, %s', (_, environment, status) => {
  const withoutGo = { HOME: directory, PATH: directory, ...environment }
  const run = spawnSync(process.execPath, [join(import.meta.dirname, 'run.ts')], { env: withoutGo, encoding: 'utf8' })
  expect(run.stderr).toMatch(
    /^TEST CLUSTER SKIPPED: .*No Go here to build etcd, .*: install Go, or set KUBEBUILDER_ASSETS .*\n$/,
  )
  expect(run.status).toBe(status)
})
