import { parseConfig } from '@agent-ci/core/config/parse'
import { ConfigurationError } from '@agent-ci/core/errors'
import { expect, test } from '@jest/globals'
import fc from '../../properties.ts'

const FULL = `version: 1
agent:
  type: http
  url: http://127.0.0.1:8080/answer
datasets:
  golden: evals/golden.jsonl
  smoke: [a.json, b.csv]
scorers:
  - exact
  - type: contains
    value: refund
gates:
  - accuracy >= 0.85
evaluation:
  concurrency: 8
  timeout: 30s
  min_coverage: 90%
`

test('a whole configuration is read, with defaults filled in', async () => {
  const { config, sourceOf } = await parseConfig(FULL, 'agent-ci.yaml')
  expect(config.agent).toEqual({ type: 'http', url: 'http://127.0.0.1:8080/answer', method: 'POST', headers: {} })
  expect(config.scorers).toEqual([
    { type: 'exact', case_sensitive: false },
    { type: 'contains', value: 'refund', mode: 'all', case_sensitive: false },
  ])
  expect(sourceOf(['gates', 0])).toEqual({ file: 'agent-ci.yaml', line: 13 })
})

test.each([
  [
    'an unknown key',
    'version: 1\nagents: x\n',
    'agent-ci.yaml:2: "agents" is not a key of the file. Unknown keys are refused because a misspelt one would be ignored silently. Did you mean "agent"?',
  ],
  [
    'an unknown key of an agent',
    'version: 1\nagent:\n  type: http\n  url: http://x\n  metod: GET\n',
    'agent-ci.yaml:5: "metod" is not a key of agent. Unknown keys are refused because a misspelt one would be ignored silently. Did you mean "method"?',
  ],
  [
    'an unknown key of a scorer',
    'version: 1\nscorers:\n  - exact\n  - type: contains\n    vaule: x\n',
    'agent-ci.yaml:5: "vaule" is not a key of scorers.1. Unknown keys are refused because a misspelt one would be ignored silently. Did you mean "value"?',
  ],
  [
    'another version',
    'version: 2\n',
    'agent-ci.yaml:1: version is 2. Expected 1. See schema/agent-ci.schema.json for every key and its values.',
  ],
  [
    'no version',
    'agent: http://x\n',
    'agent-ci.yaml:1: version is missing. Expected 1. See schema/agent-ci.schema.json for every key and its values.',
  ],
  [
    'a value out of range',
    'version: 1\nevaluation:\n  repeats: 0\n',
    'agent-ci.yaml:3: evaluation.repeats is 0. Too small: expected number to be >=1. See schema/agent-ci.schema.json for every key and its values.',
  ],
  ['what is not YAML', 'version: 1\ngates: [\n', /^agent-ci\.yaml:[23]: This is not YAML: /],
  [
    'an empty file',
    '',
    'agent-ci.yaml:1: The file is empty. Expected at least a version. Write version: 1, or run agent-ci init.',
  ],
])('%s is refused with its line', async (_, text, message) => {
  await expect(parseConfig(text, 'agent-ci.yaml')).rejects.toThrow(ConfigurationError)
  await expect(parseConfig(text, 'agent-ci.yaml')).rejects.toThrow(
    typeof message === 'string' ? expect.objectContaining({ message }) : message,
  )
})

test('all problems are named at once', async () => {
  const error = await parseConfig('version: 3\nevaluation:\n  concurency: 2\n  repeats: x\n', 'f').catch(
    (thrown: unknown) => thrown as ConfigurationError,
  )
  expect(error).toBeInstanceOf(ConfigurationError)
  expect((error as ConfigurationError).problems).toHaveLength(3)
})

test('any text is a configuration or a clear refusal with a line that exists', async () => {
  const lines = FULL.split('\n')
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.oneof(
          fc.constantFrom(...lines, '  - x: [', '&a *a', '- - -', '!!binary x', '? ', '\t', '"'),
          fc.string({ unit: 'binary', maxLength: 30 }),
        ),
        { maxLength: 12 },
      ),
      async (parts) => {
        const text = parts.join('\n')
        try {
          await parseConfig(text, 'f.yaml')
        } catch (error) {
          expect(error).toBeInstanceOf(ConfigurationError)
          for (const { source } of (error as ConfigurationError).problems)
            expect(source!.line).toBeLessThanOrEqual(text.split('\n').length + 1)
        }
      },
    ),
    { numRuns: 1_000 },
  )
})
