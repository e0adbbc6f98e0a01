import { existsSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { type Results, resultsSchema } from '@agent-ci/core/results'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { cachedModel, isThere } from '../models/model.ts'
import { runStep, Workspace } from './step.ts'

const real = cachedModel(process.env)
const there = isThere(real)
if (!there) console.warn(`SKIPPED: all-MiniLM-L6-v2 is not in ${real.model}; node tests/models/fetch.ts fetches it`)

let workspace: Workspace
beforeEach(() => {
  workspace = new Workspace()
  workspace.write(
    'agent.mjs',
    `import { appendFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
const answers = { paraphrase: "Paris is France's capital city.", other: 'I do not know that, sorry.' }
for await (const line of createInterface({ input: process.stdin })) {
  const { trial, id } = JSON.parse(line)
  appendFileSync('calls.txt', id + '\\n')
  console.log(JSON.stringify({ trial, output: answers[id] }))
}`,
  )
  workspace.write(
    'golden.jsonl',
    ['paraphrase', 'other']
      .map((id) => JSON.stringify({ id, input: 'The capital?', expected: 'The capital of France is Paris.' }))
      .join('\n'),
  )
})
afterEach(() => workspace.remove())

const evaluate = (scorers: string, env: Record<string, string> = {}) =>
  runStep(
    'eval-gate',
    workspace,
    { agent: 'command:node agent.mjs', dataset: 'golden.jsonl', scorers, gates: 'accuracy >= 0.5', stop: 'never' },
    env,
  )
const results = (): Results => resultsSchema.parse(workspace.json('agent-ci-results/results.json'))
const nothingRan = () => !existsSync(join(workspace.directory, 'calls.txt'))

;(there ? describe : describe.skip)('similarity with the real all-MiniLM-L6-v2 in the bundle', () => {
  beforeEach(() => symlinkSync(real.nodeModules, join(workspace.directory, 'node_modules')))

  test('a bare word is the check of the guide: equal, else similar by 0.85', async () => {
    const hub = 'hf/hub/models--sentence-transformers--all-MiniLM-L6-v2'
    workspace.write(`${hub}/refs/main`, 'c9745ed1')
    workspace.write(`${hub}/snapshots/other/tokenizer.json`, '')
    symlinkSync(real.model, join(workspace.directory, hub, 'snapshots', 'c9745ed1'))
    const step = await evaluate('similarity', { HF_HOME: join(workspace.directory, 'hf') })
    expect(step.log).not.toContain('defect')
    expect(step.outputs).toMatchObject({ accuracy: '0.5', errored: '0' })
    expect(results().failed_examples.map(({ id }) => id)).toEqual(['other'])
    const reasons = workspace
      .lines('agent-ci-results/trials.jsonl')
      .map((line) => /[\d.]+ similar \(needs 0\.85\)/.exec(line)?.[0])
    expect(reasons).toContain('0.966 similar (needs 0.85)')
  })

  test('a directory, with a cache that the next run reads', async () => {
    symlinkSync(real.model, join(workspace.directory, 'minilm'))
    const scorers = '[{type: similarity, model: ./minilm, cache: .cache/embeddings}]'
    expect((await evaluate(scorers)).outputs.accuracy).toBe('0.5')
    expect((await evaluate(scorers)).outputs.accuracy).toBe('0.5')
  })
})

describe('similarity without what it needs', () => {
  test.each([
    ['a model', () => {}, 'hf download sentence-transformers/minilm onnx/model.onnx'],
    [
      'a runtime',
      () => {
        workspace.write('minilm/model.onnx', '')
        workspace.write('minilm/tokenizer.json', '{}')
      },
      'npm install --no-save onnxruntime-web@1.30.0',
    ],
  ])('is refused before the first call: %s', async (_, prepare, command) => {
    prepare()
    const step = await evaluate('[{type: similarity, model: minilm}]', { HF_HOME: workspace.directory })
    expect(step.status).toBe(1)
    expect(step.log).toContain(command)
    expect(nothingRan()).toBe(true)
  })
})
