import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { Workspace } from './step.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const PAGE = readFileSync(join(ROOT, 'docs/migration.md'), 'utf8')

let workspace: Workspace
beforeAll(() => {
  workspace = new Workspace()
  // A line that is only a path names the file that the block below it is.
  for (const [, path, , text] of PAGE.matchAll(/^`([\w./-]+)`\n\n```(\w+)\n([\s\S]*?)^```$/gm))
    workspace.write(path!, text!)
})
afterAll(() => workspace.remove())

function agentCi(args: readonly string[], cwd = '') {
  return new Promise<{ status: number | null; output: string }>((done, fail) => {
    const child = spawn(process.execPath, [join(ROOT, 'dist/cli/index.js'), ...args], {
      cwd: join(workspace.directory, cwd),
      env: { PATH: process.env.PATH, HOME: process.env.HOME },
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (output += text))
    child.on('error', fail)
    child.on('close', (status) => done({ status, output }))
  })
}

describe('what docs/migration.md shows as after', () => {
  test.each([
    ['braintrust', { accuracy: 1, tool_accuracy: null, total_examples: 2 }],
    ['deepeval', { accuracy: 1, tool_accuracy: 1, total_examples: 2 }],
    ['agentevals', { tool_accuracy: 1, total_examples: 1 }],
  ])(
    '%s: is valid, runs, and measures',
    async (folder, measured) => {
      expect(await agentCi(['validate'], folder)).toMatchObject({ status: 0, output: expect.stringMatching(/valid$/m) })
      const run = await agentCi(['eval', '--on-inconclusive', 'point'], folder)
      expect(run.output).toContain('passed')
      expect(run.status).toBe(0)
      expect(workspace.json(`${folder}/agent-ci-results/results.json`)).toMatchObject(measured)
    },
    60_000,
  )

  test('an agent that takes another way fails its trajectory', async () => {
    const honest = workspace.read('agentevals/agent.py')
    workspace.write('agentevals/agent.py', honest.replace('"city"', '"town"'))
    try {
      const run = await agentCi(['eval', '--output-dir', 'wrong'], 'agentevals')
      expect(run.status).toBe(1)
      expect(workspace.read('agentevals/wrong/trials.jsonl')).toContain('Message 2 differs')
    } finally {
      workspace.write('agentevals/agent.py', honest)
    }
  }, 60_000)

  test('and it goes back', async () => {
    const { status, output } = await agentCi(['export', 'deepeval', 'deepeval/goldens.json', '--output', 'back.json'])
    expect({ status, output }).toMatchObject({
      status: 0,
      output: expect.stringContaining('2 examples as goldens of DeepEval in back.json'),
    })
    expect(workspace.json('back.json')).toEqual(workspace.json('deepeval/goldens.json'))
  })
})

describe('import and export', () => {
  const SAMPLES = '{"id": "a", "input": "2+2?", "target": "4", "sandbox": "docker"}\n'

  test('what was imported is run like any other dataset; what it lacks is said', async () => {
    workspace.write('qa/qa.jsonl', SAMPLES)
    const imported = await agentCi(['import', 'inspect', 'qa/qa.jsonl'])
    expect(imported.output).toContain('"sandbox" (qa/qa.jsonl:1) is not used')
    expect(imported.output).toContain(
      '1 example in qa/qa.golden.jsonl; next: agent-ci eval --dataset qa/qa.golden.jsonl',
    )
    expect(imported.status).toBe(0)
    const [line] = workspace.lines('qa/qa.golden.jsonl')
    expect(JSON.parse(line!)).toEqual({
      id: 'a',
      input: '2+2?',
      expected: '4',
      metadata: { inspect: { sandbox: 'docker' } },
    })
  })

  test.each([
    [
      'overwrites nothing',
      ['import', 'inspect', 'over/qa.jsonl', '--output', 'over/qa.jsonl'],
      'over/qa.jsonl is there already',
    ],
    [
      'an unknown format',
      ['import', 'inspekt', 'over/qa.jsonl'],
      'There is no format "inspekt". Expected one of openai-evals, inspect',
    ],
    ['no file', ['export', 'inspect'], 'agent-ci export was not told one format and one file'],
    [
      'a file that is not there',
      ['import', 'inspect', 'over/qx.jsonl'],
      'The dataset file over/qx.jsonl does not exist',
    ],
    [
      'a format that is read only',
      ['export', 'ai-agent-evals', 'over/qa.jsonl'],
      'agent-ci does not write a dataset of ai-agent-evals',
    ],
    ['a file of another format', ['import', 'openai-evals', 'over/qa.jsonl'], 'over/qa.jsonl:1: ideal is missing'],
  ])('refuses: %s', async (_, args, message) => {
    workspace.write('over/qa.jsonl', SAMPLES)
    const { status, output } = await agentCi(args)
    expect(output).toContain(message)
    expect(status).toBe(1)
    expect(workspace.read('over/qa.jsonl')).toBe(SAMPLES)
  })
})
