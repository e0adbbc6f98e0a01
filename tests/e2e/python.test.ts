import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { appVersion } from '../cluster/rollout/agent-app.ts'
import { act, succeeded } from './act.ts'
import { pythonEnvironment } from './python-environment.ts'
import { Sample } from './sample.ts'
import { type LocalRepositories, removeSuite, stageSuite } from './suite.ts'

const PROJECT = `[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"

[project]
name = "support"
version = "1.0.0"

[project.optional-dependencies]
dev = ["ruff", "mypy", "bandit", "pytest", "pytest-cov", "pytest-timeout"]
`

const FILES = {
  'pyproject.toml': PROJECT,
  'src/support/__init__.py': 'def greeting(name: str) -> str:\n    return f"Hello, {name}"\n',
  'tests/unit/test_greeting.py':
    'from support import greeting\n\n\ndef test_greets():\n    assert greeting("you") == "Hello, you"\n',
  'tests/integration/test_import.py': 'def test_is_installed():\n    import support  # noqa: F401\n',
}

const directory = mkdtempSync(join(tmpdir(), 'agent-ci-e2e-'))
let suite: LocalRepositories

beforeAll(async () => {
  suite = await stageSuite(directory, () => undefined)
}, 60_000)
afterAll(() => removeSuite(directory))

test("an agent in Python goes through the pipeline's own commands: ruff, mypy, bandit, pytest with coverage, and an evaluation in two jobs", async () => {
  const sample = Sample.create(directory, appVersion(1), 'production')
  const sha = sample.release(appVersion(1), FILES)
  const repo = { full_name: 'acme/support', fork: false }
  const ends = { head: { sha, ref: 'main', repo }, base: { sha, ref: 'main', repo } }
  const { jobs, outputs, log, artifacts } = await succeeded(
    act({
      sample,
      suite,
      workflow: 'pipeline.yml',
      event: 'pull_request',
      payload: { action: 'opened', number: 1, pull_request: { number: 1, ...ends } },
      env: pythonEnvironment(),
    }),
  )
  for (const said of ['All checks passed!', 'Success: no issues found', 'No issues identified', '1 passed'])
    expect(log).toContain(said)
  expect(Object.values(jobs)).toEqual(Array(7).fill('success'))
  expect(outputs).toMatchObject({ 'merge.eval.verdict': 'passed' })
  expect(Object.keys(artifacts)).toContain('coverage-1')
}, 300_000)
