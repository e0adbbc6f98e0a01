import { spawnSync } from 'node:child_process'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join, resolve } from 'node:path'
import { type PromptResults, promptResultsSchema } from '@agent-ci/core/prompt-results'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { Repository } from '../integration/prompts/repository.ts'
import { numberedExamples, runStep, Workspace } from './step.ts'

let workspace: Workspace
let repository: Repository
let model: Server
let url: string
/** The system prompts that the model was sent. */
let asked: string[]

/** A model that answers right when its system prompt tells it to look the answer up, else only two questions of three. */
beforeEach(async () => {
  workspace = new Workspace()
  repository = new Repository(workspace.directory)
  repository.run('init', '--quiet', '--initial-branch=main')
  asked = []
  model = createServer((request, response) => {
    let text = ''
    request.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
    request.on('end', () => {
      const { system, messages } = JSON.parse(text) as { system: string; messages: { content: string }[] }
      asked.push(system)
      const i = Number(messages[0]!.content.split(' ')[1])
      const answer = system.includes('look the answer up') || i % 3 > 0 ? `answer ${i}` : 'I guess'
      response.writeHead(200, { 'content-type': 'application/json' }).end(
        JSON.stringify({
          id: 'msg_1',
          type: 'message',
          role: 'assistant',
          model: 'claude-opus-5-5',
          content: [{ type: 'text', text: answer }],
          stop_reason: 'end_turn',
          stop_sequence: null,
          usage: { input_tokens: 10, output_tokens: 5 },
        }),
      )
    })
  })
  await new Promise<void>((ready) => model.listen(0, '127.0.0.1', ready))
  url = `http://127.0.0.1:${(model.address() as AddressInfo).port}`
})
afterEach(async () => {
  model.closeAllConnections()
  await new Promise((closed) => model.close(closed))
  workspace.remove()
})

const GOOD = 'Always look the answer up.\n'
const results = (folder = ''): PromptResults =>
  promptResultsSchema.parse(workspace.json(`${folder}agent-ci-results/results.json`))

const ANTHROPIC = `version: 1
agent: { type: anthropic, model: claude-opus-5-5, system: "file:prompts/support.md", max_tokens: 100 }
datasets: { golden: golden.jsonl }
`
const IN_FOLDER = {
  config: 'apps/bot/agent-ci.yaml',
  prompts: 'apps/bot/prompts/**',
  'base-ref': 'main',
  concurrency: '3',
}

describe('the prompts of both sides reach', () => {
  test('an Anthropic agent of a subfolder, through recordings that the next run replays for nothing', async () => {
    repository.commit({
      'apps/bot/agent-ci.yaml': ANTHROPIC,
      'apps/bot/golden.jsonl': numberedExamples(12),
      'apps/bot/prompts/support.md': GOOD,
    })
    repository.run('checkout', '--quiet', '-b', 'change')
    repository.commit({ 'apps/bot/prompts/support.md': 'Be brief.\n' })
    const env = { ANTHROPIC_BASE_URL: url, ANTHROPIC_API_KEY: 'sk-test-0123456789' }
    const inputs = { ...IN_FOLDER, responses: 'auto', cassettes: 'recorded', confirm: 'false' }
    const recorded = await runStep('prompt-regression', workspace, inputs, env)
    expect(recorded.outputs).toMatchObject({ verdict: 'failed', regressions: '4' })
    expect(asked.filter((system) => system === GOOD)).toHaveLength(36)
    expect(asked.filter((system) => system === 'Be brief.\n')).toHaveLength(36)
    expect(results('apps/bot/')).toMatchObject({ base: { accuracy: 1 }, candidate: { accuracy: 2 / 3 } })
    expect(results('apps/bot/').base!.cost_usd).toBeGreaterThan(0)
    const { comparison } = results('apps/bot/')

    const replayed = await runStep('prompt-regression', workspace, { ...inputs, responses: 'replay' }, env)
    expect(replayed.outputs).toMatchObject({ verdict: 'failed', regressions: '4' })
    expect(asked).toHaveLength(72)
    expect(results('apps/bot/').counts).toMatchObject({ measured: 72, replayed: 72, errored: 0 })
    expect(results('apps/bot/').comparison!.regressions).toEqual(comparison!.regressions)

    // Another change of the prompt: the base's answers are there already, and only the candidate's are asked for.
    repository.commit({ 'apps/bot/prompts/support.md': 'Be friendly, and look the answer up.\n' })
    const better = await runStep('prompt-regression', workspace, inputs, env)
    expect(better.outputs.regressions).toBe('0')
    expect(asked.slice(72)).toEqual(Array.from({ length: 36 }, () => 'Be friendly, and look the answer up.\n'))
  })

  test('an HTTP agent, in the request', async () => {
    const seen: unknown[] = []
    const agent = createServer((request, response) => {
      let text = ''
      request.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
      request.on('end', () => {
        const { input, prompts } = JSON.parse(text) as { input: string; prompts: Record<string, string> }
        seen.push(prompts)
        const output = prompts['prompts/support.md'] === GOOD ? input.replace('question', 'answer') : 'no'
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ output }))
      })
    })
    await new Promise<void>((ready) => agent.listen(0, '127.0.0.1', ready))
    repository.commit({ 'golden.jsonl': numberedExamples(6), 'prompts/old name.md': GOOD, 'prompts/other.md': 'x' })
    repository.run('checkout', '--quiet', '-b', 'change')
    repository.run('mv', 'prompts/old name.md', 'prompts/support.md')
    repository.commit()
    const address = `http://127.0.0.1:${(agent.address() as AddressInfo).port}/`
    const step = await runStep('prompt-regression', workspace, {
      agent: address,
      dataset: 'golden.jsonl',
      repeats: '1',
      'base-ref': 'main',
    })
    agent.closeAllConnections()
    await new Promise((closed) => agent.close(closed))
    expect(step.status).toBe(0)
    expect(results().changed_prompts).toMatchObject([
      { path: 'prompts/support.md', change: 'renamed', base_path: 'prompts/old name.md' },
    ])
    // The base's text is there under the name that the candidate's agent knows.
    expect(seen).toContainEqual({ 'prompts/support.md': GOOD, 'prompts/old name.md': GOOD, 'prompts/other.md': 'x' })
    expect(seen).toContainEqual({ 'prompts/support.md': GOOD, 'prompts/other.md': 'x' })
  })
})

test('a clone of depth 1 fetches what it lacks, and a forced push is compared with what was there before', async () => {
  const origin = new Workspace()
  try {
    const remote = new Repository(origin.directory)
    remote.run('init', '--quiet', '--initial-branch=main')
    remote.run('config', 'uploadpack.allowAnySHA1InWant', 'true')
    remote.commit({
      'golden.jsonl': numberedExamples(12),
      'apps/agent-ci.yaml': ANTHROPIC.replace('prompts/', '../prompts/'),
    })
    const start = remote.commit({ 'prompts/support.md': 'Be brief.\n' })
    const before = remote.commit({ 'prompts/support.md': GOOD })
    remote.run('reset', '--quiet', '--hard', start)
    const after = remote.commit({ 'README.md': 'rewritten\n' })
    workspace.remove()
    workspace = new Workspace()
    new Repository(origin.directory).run(
      'clone',
      '--quiet',
      '--depth=1',
      `file://${origin.directory}`,
      join(workspace.directory, 'clone'),
    )
    const payload = {
      ref: 'refs/heads/main',
      before,
      after,
      forced: true,
      repository: { default_branch: 'main' },
    }
    const step = await runStep(
      'prompt-regression',
      workspace,
      { config: 'apps/agent-ci.yaml', dataset: 'golden.jsonl', confirm: 'false', responses: 'live' },
      {
        GITHUB_WORKSPACE: join(workspace.directory, 'clone'),
        GITHUB_EVENT_NAME: 'push',
        GITHUB_EVENT_PATH: workspace.write('event.json', JSON.stringify(payload)),
        ANTHROPIC_BASE_URL: url,
        ANTHROPIC_API_KEY: 'sk-test-0123456789',
      },
    )
    expect(step.log).toContain('where it was before it was forced')
    // The push took the good prompt away again.
    expect(step.outputs).toMatchObject({ verdict: 'failed', regressions: '4' })
  } finally {
    origin.remove()
  }
})

test('agent-ci prompts test is the same job, and the command of a report runs one example of it', () => {
  const agent = `
    import { readFileSync } from 'node:fs'
    import { createInterface } from 'node:readline'
    const prompt = readFileSync(process.env.AGENT_CI_PROMPTS_DIR + '/prompts/support.md', 'utf8')
    for await (const line of createInterface({ input: process.stdin })) {
      const { trial, input } = JSON.parse(line)
      console.log(JSON.stringify({ trial, output: prompt.includes('look') ? input.replace('question', 'answer') : 'no' }))
    }`
  repository.commit({ 'agent.mjs': agent, 'golden.jsonl': numberedExamples(5), 'prompts/support.md': GOOD })
  repository.run('checkout', '--quiet', '-b', 'change')
  repository.commit({ 'prompts/support.md': 'Be brief.\n' })
  const cli = (words: readonly string[]) =>
    spawnSync(process.execPath, [resolve(import.meta.dirname, '../../dist/cli/index.js'), ...words], {
      cwd: workspace.directory,
      env: { PATH: process.env.PATH, HOME: process.env.HOME },
      encoding: 'utf8',
    })
  const all = cli(['prompts', 'test', '--agent', 'command:node agent.mjs', '--dataset', 'golden.jsonl', '--seed', '1'])
  expect(all.stderr).not.toContain('defect')
  expect(all.status).toBe(1)
  const { reproduce } = results().regressed_examples[2]!
  const words = reproduce.match(/'[^']*'|\S+/g)!.map((word) => word.replaceAll("'", ''))
  const one = cli(words.slice(1))
  expect(one.status).toBe(1)
  expect(results()).toMatchObject({ regressed: ['e2'], comparison: { examples: 1 } })
})
