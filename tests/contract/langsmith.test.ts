import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type Results, resultsSchema } from '@agent-ci/core/results'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import {
  DATASET,
  KEY,
  type Langsmith,
  type StubExample,
  startLangsmith,
  TENANT,
} from '../integration/langsmith/stub.ts'
import { runStep, Workspace } from './step.ts'

const idOf = (i: number) => `00000000-0000-4000-8000-${String(i).padStart(12, '0')}`
/** More than a page; the last one was added after the version `prod`. */
const examples: readonly StubExample[] = Array.from({ length: 121 }, (_, i) => ({
  id: idOf(i),
  inputs: { question: `question ${i}` },
  outputs: { answer: `answer ${i}` },
  metadata: { dataset_split: ['base'] },
  ...(i === 120 && { created_at: '2026-11-19T00:00:00+00:00' }),
}))

let workspace: Workspace
let langsmith: Langsmith
beforeEach(async () => {
  workspace = new Workspace()
  langsmith = await startLangsmith(examples)
  workspace.write(
    'agent.mjs',
    `import { writeFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
writeFileSync('environment.txt', Object.keys(process.env).join(' '))
for await (const line of createInterface({ input: process.stdin })) {
  const { trial, input } = JSON.parse(line)
  console.log(JSON.stringify({ trial, output: input === 'question 7' ? 'no idea' : input.replace('question', 'answer') }))
}`,
  )
})
afterEach(async () => {
  workspace.remove()
  await langsmith.close()
})

function evaluate(dataset: string, settings = 'experiment: support', key = KEY, inputs: Record<string, string> = {}) {
  workspace.write(
    'agent-ci.yaml',
    `version: 1
agent: command:node agent.mjs
langsmith: { endpoint: ${langsmith.url}, ${settings} }
`,
  )
  return runStep('eval-gate', workspace, { dataset, stop: 'never', seed: '1', ...inputs }, { LANGSMITH_API_KEY: key })
}
const results = (): Results => resultsSchema.parse(workspace.json('agent-ci-results/results.json'))
const nothingRan = () => !existsSync(join(workspace.directory, 'environment.txt'))

describe('a dataset of LangSmith', () => {
  test('is evaluated at its newest version, whole, and shown there as an experiment', async () => {
    const step = await evaluate('langsmith:refunds')
    expect(step.log).not.toContain('defect')
    expect(step.outputs).toMatchObject({ verdict: 'passed', total: '121', failed: '1' })
    expect(results().dataset).toMatchObject({
      name: 'refunds',
      files: ['langsmith:refunds@2026-11-20T10:00:00+00:00'],
      examples: 121,
    })

    const { sessions, ended, runs, feedback } = langsmith.told
    expect(sessions).toEqual([
      expect.objectContaining({
        name: expect.stringMatching(/^support-\d{8}T\d{6}Z-[0-9a-f]{8}$/),
        reference_dataset_id: DATASET,
        num_examples: 121,
        num_repetitions: 1,
        extra: {
          metadata: expect.objectContaining({ verdict: 'passed', dataset_version: '2026-11-20T10:00:00+00:00' }),
        },
      }),
    ])
    expect(ended).toHaveLength(1)
    expect(new Set(runs.map((run) => run.reference_example_id))).toEqual(new Set(examples.map(({ id }) => id)))
    const wrong = runs.find((run) => run.reference_example_id === idOf(7))!
    expect(wrong).toMatchObject({
      session_name: sessions[0]!.name,
      inputs: { input: 'question 7' },
      outputs: { output: 'no idea' },
      extra: { metadata: { outcome: 'failed', repeat: 0 } },
    })
    expect(feedback.filter((one) => one.run_id === wrong.id)).toEqual([
      expect.objectContaining({ key: 'passed', score: 0 }),
      expect.objectContaining({ key: 'exact', score: 0, comment: expect.stringContaining('no idea') }),
    ])
    expect(feedback).toHaveLength(2 * 121)
    expect(langsmith.violations).toEqual([])

    const link = `/o/${TENANT}/datasets/${DATASET}/compare?selectedSessions=`
    expect(step.summary).toContain(link)
    expect(workspace.read('agent-ci-results/report.html')).toContain(link)
  })

  test.each([
    ['a tag', 'prod'],
    ['a time', '2026-11-10T00:00:00Z'],
  ])('is evaluated as it was at %s', async (_, version) => {
    const step = await evaluate(`langsmith:refunds@${version}`, 'input: question')
    expect(step.outputs.total).toBe('120')
    expect(results().dataset.files).toEqual(['langsmith:refunds@2026-11-01T00:00:00+00:00'])
    expect(langsmith.requests.filter((request) => request.startsWith('POST'))).toEqual([])
  })

  test('in shards is shown once, by the run that joins them', async () => {
    const shard = (index: number) => {
      return evaluate('langsmith:refunds@prod', 'experiment: support', KEY, {
        shard: `${index}/2`,
        'output-dir': `shards/${index}`,
      })
    }
    await shard(1)
    await shard(2)
    expect(langsmith.told.sessions).toEqual([])
    const step = await evaluate('langsmith:refunds@prod', 'experiment: support', KEY, { merge: 'shards/*' })
    expect(step.outputs).toMatchObject({ verdict: 'passed', total: '120' })
    expect(langsmith.told.sessions).toHaveLength(1)
    expect(langsmith.told.runs).toHaveLength(120)
    expect(step.summary).toContain('compare?selectedSessions=')
  })

  test('the agent never sees the key, and no report does', async () => {
    const step = await evaluate('langsmith:refunds')
    expect(workspace.read('environment.txt')).not.toContain('LANGSMITH')
    const log = step.log.replace(`::add-mask::${KEY}`, '')
    expect(log + step.summary + workspace.read('agent-ci-results/results.json')).not.toContain(KEY)
  })
})

describe('a dataset that cannot be had is refused before the first call', () => {
  test.each<[string, () => ReturnType<typeof evaluate>, RegExp]>([
    ['without a key', () => evaluate('langsmith:refunds', '', ''), /LANGSMITH_API_KEY is not set/],
    ['with a wrong key', () => evaluate('langsmith:refunds', '', 'other'), /cannot be loaded.*401/],
    ['of an unknown name', () => evaluate('langsmith:refund'), /langsmith:refund cannot be loaded.*not found/],
    ['of an unknown version', () => evaluate('langsmith:refunds@beta'), /langsmith:refunds@beta cannot be loaded.*404/],
    ['with keys that it does not have', () => evaluate('langsmith:refunds', 'input: q'), /no "q", but "question"/],
  ])('%s', async (_, run, reason) => {
    const step = await run()
    expect(step.status).toBe(1)
    expect(step.log).toMatch(reason)
    expect(nothingRan()).toBe(true)
  })
})

describe('what keeps an evaluation from being shown is a warning, and the verdict stands', () => {
  test.each([
    ['/sessions', 503],
    ['/runs', 422],
    ['/feedback', 403],
  ])('%s answers %d', async (path, status) => {
    langsmith.fail(path, status)
    const step = await evaluate('langsmith:refunds')
    expect(step.status).toBe(0)
    expect(step.outputs.verdict).toBe('passed')
    expect(step.annotations).toContainEqual(
      expect.objectContaining({
        level: 'warning',
        message: expect.stringContaining('The evaluation is not shown there'),
      }),
    )
  })

  test('the dataset is of files', async () => {
    workspace.write('golden.jsonl', '{"id": "a", "input": "question 1", "expected": "answer 1"}\n')
    const step = await evaluate('golden.jsonl')
    expect(step.outputs.verdict).not.toBe('errored')
    expect(step.log).toContain('Write dataset: langsmith:')
    expect(langsmith.requests).toEqual([])
  })
})
