import { execFileSync } from 'node:child_process'
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { main } from '@agent-ci/action-eval-gate/main'
import type { Host } from '@agent-ci/core/host'
import { digestOf } from '@agent-ci/core/json'
import { promptHash } from '@agent-ci/core/prompt'
import type { Receipt } from '@agent-ci/core/receipt'
import { checkReceipt, deployedParts, readReceipt } from '@agent-ci/delivery/releases/receipts'
import { codeState } from '@agent-ci/evaluation/fingerprint/code-version'
import { promptsToDeploy } from '@agent-ci/prompts/deployed'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'

const WORKER = `
import { createInterface } from 'node:readline'
for await (const line of createInterface({ input: process.stdin })) {
  const { trial, input, model } = JSON.parse(line)
  console.log(JSON.stringify({ trial, output: 'answer to ' + input, usage: { model: model + '-20250514' } }))
}
`

/** Asks one model for the answer and then another for its summary. */
const ASKING_WORKER = `
import { createInterface } from 'node:readline'
const ask = async (model, content) => {
  const body = JSON.stringify({ model, max_tokens: 99, messages: [{ role: 'user', content }] })
  const headers = { 'content-type': 'application/json', 'anthropic-version': '2023-06-01', 'x-api-key': 'none' }
  const response = await fetch(process.env.ANTHROPIC_BASE_URL + '/v1/messages', { method: 'POST', headers, body })
  return (await response.json()).content[0].text
}
for await (const line of createInterface({ input: process.stdin })) {
  const { trial, input, model } = JSON.parse(line)
  const output = await ask(model, input)
  await ask('claude-haiku-3', output)
  console.log(JSON.stringify({ trial, output }))
}
`

async function startProvider() {
  const server = createServer((request, response) => {
    let text = ''
    request.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
    request.on('end', () => {
      const { model, messages } = JSON.parse(text) as { model: string; messages: [{ content: string }] }
      response.writeHead(200, { 'content-type': 'application/json' }).end(
        JSON.stringify({
          id: 'msg_1',
          type: 'message',
          role: 'assistant',
          model: `${model}-20250514`,
          content: [{ type: 'text', text: `answer to ${messages[0].content}` }],
          stop_reason: 'end_turn',
          usage: { input_tokens: 10, output_tokens: 5 },
        }),
      )
    })
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => new Promise((closed) => server.close(closed)),
  }
}

let project: string
beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'agent-ci-receipt-'))
  put('.gitignore', 'agent-ci-results/\n')
  put('agent.mjs', WORKER)
  put(
    'golden.jsonl',
    Array.from({ length: 40 }, (_, i) =>
      JSON.stringify({ id: `e${i}`, input: `q${i}`, expected: `answer to q${i}` }),
    ).join('\n'),
  )
  put('prompts/support.md', 'Be brief.\n')
  for (const version of ['v1', 'v2']) {
    const saved = { version, content: version, hash: promptHash(version), created_at: '2026-11-20T08:00:00Z' }
    put(`prompts/refunds/${version}.json`, JSON.stringify(saved))
  }
  put('prompts/refunds/latest.json', '{"version":"v2"}')
  put('config/production.yaml', 'agent:\n  model: { primary: claude-sonnet-4 }\n  prompts: { version: v2 }\n')
  git('init', '--quiet')
  commit()
})
afterEach(() => rmSync(project, { recursive: true, force: true }))

function put(path: string, text: string): void {
  mkdirSync(dirname(join(project, path)), { recursive: true })
  writeFileSync(join(project, path), text)
}

const IDENTITY = { GIT_AUTHOR_NAME: 'a', GIT_AUTHOR_EMAIL: 'a@b', GIT_COMMITTER_NAME: 'a', GIT_COMMITTER_EMAIL: 'a@b' }
const git = (...args: string[]): void => {
  execFileSync('git', args, { cwd: project, env: { ...process.env, ...IDENTITY } })
}
function commit(...options: string[]): void {
  git('add', '--all')
  git('-c', 'commit.gpgsign=false', 'commit', '--quiet', '--message', 'a change', ...options)
}

const INPUTS: Readonly<Record<string, string>> = {
  agent: 'command:node agent.mjs',
  dataset: 'golden.jsonl',
  model: 'claude-sonnet-4',
  'agent-config': 'config/production.yaml',
  'min-accuracy': '0.85',
  stop: 'never',
}

const host = (inputs: Readonly<Record<string, string>>, env: Host['env'] = {}): Host => ({
  input: (name) => inputs[name] ?? '',
  env: { PATH: process.env.PATH, ...env },
  cwd: project,
  tempDir: tmpdir(),
  signal: new AbortController().signal,
  now: () => performance.now(),
  date: () => new Date(),
  random: Math.random,
  sleep: (ms, signal) => delay(ms, undefined, { signal }),
  info: () => undefined,
  annotate: () => undefined,
  warn: () => undefined,
  colour: false,
  group: (_, work) => work(),
  progress: () => undefined,
  output: () => undefined,
  summary: async () => undefined,
  uploadArtifact: async () => undefined,
})

async function evaluate(inputs: Readonly<Record<string, string>> = {}, env: Host['env'] = {}): Promise<Receipt> {
  await main(host({ ...INPUTS, ...inputs }, env))
  return readReceipt('agent-ci-results', project)
}

/** The parts of the receipt's problems when the project is deployed as it lies there now. */
async function refusals(receipt: Receipt, model = 'claude-sonnet-4'): Promise<string[]> {
  const code = await codeState(project)
  const { prompts } = await promptsToDeploy(project, [])
  const config = { digest: digestOf(readFileSync(join(project, 'config/production.yaml'))), settings: {} }
  const settings = { primary: model, fallback: null, temperature: null, max_tokens: null }
  const release = { images: { 'agent/agent': 'agent:1' }, model: settings, agent_config: config }
  const deployed = deployedParts(release, prompts, code ? { commit: code.version, tree: code.tree } : null)
  const { problems } = checkReceipt(receipt, deployed, {
    now: new Date(),
    maxAgeMs: 60_000,
    require: true,
    accepts: [],
  })
  return problems.map(({ what }) => what.split(': ')[1]!)
}

describe('the receipt of an evaluation', () => {
  test('proves the same files, and the same files in another commit', async () => {
    const receipt = await evaluate()
    expect(receipt).toMatchObject({ verdict: 'passed', evidence: 'live', evaluated: { code: { clean: true } } })
    expect(Object.keys(receipt.evaluated.prompts.files)).toHaveLength(4)
    expect(await refusals(receipt)).toEqual([])
    commit('--amend', '--message', 'squashed')
    expect(await refusals(receipt)).toEqual([])
  })

  test('does not prove another commit, prompt byte, configuration or model', async () => {
    const receipt = await evaluate()
    expect(await refusals(receipt, 'claude-haiku-3')).toEqual(['model'])
    appendFileSync(join(project, 'agent.mjs'), '// changed\n')
    commit()
    expect(await refusals(receipt)).toEqual(['code'])
    appendFileSync(join(project, 'prompts/support.md'), ' ')
    commit()
    expect(await refusals(receipt)).toEqual(['code', 'prompts'])
    put('prompts/support.md', 'Be brief.\n')
    appendFileSync(join(project, 'config/production.yaml'), '# 1\n')
    commit()
    expect(await refusals(receipt)).toEqual(['code', 'config'])
  })

  test('does not prove another version of a stored prompt', async () => {
    const receipt = await evaluate()
    put('prompts/refunds/latest.json', '{"version":"v1"}')
    expect(await refusals(receipt)).toEqual(['prompts'])
  })

  test('does not prove what was evaluated before it was committed', async () => {
    appendFileSync(join(project, 'agent.mjs'), '// not committed\n')
    const receipt = await evaluate()
    commit()
    expect(await refusals(receipt)).toEqual(['code'])
  })

  test('does not prove a configuration that the evaluation was not told of', async () => {
    expect(await refusals(await evaluate({ 'agent-config': '' }))).toEqual(['config'])
  })

  test('proves nothing when the verdict is failed, and is there all the same', async () => {
    put('golden.jsonl', readFileSync(join(project, 'golden.jsonl'), 'utf8').replaceAll('"answer to', '"no answer to'))
    commit()
    const receipt = await evaluate()
    expect(receipt).toMatchObject({ verdict: 'failed', exit_status: 1 })
    expect(await refusals(receipt)).toEqual(['verdict'])
  })

  test('names every model that the gateway saw, and is no proof when all of it was replayed', async () => {
    put('agent.mjs', ASKING_WORKER)
    put('.gitignore', 'agent-ci-results/\ncassettes/\n')
    commit()
    const provider = await startProvider()
    const env = { ANTHROPIC_BASE_URL: provider.url, ANTHROPIC_API_KEY: 'sk-ant-test' }
    const recorded = await evaluate({ responses: 'record' }, env)
    await provider.close()
    expect(recorded).toMatchObject({
      evidence: 'live',
      evaluated: { model: { answered: ['claude-haiku-3-20250514', 'claude-sonnet-4-20250514'] } },
    })
    expect(await refusals(recorded)).toEqual([])
    const replayed = await evaluate({ responses: 'replay' }, env)
    expect(replayed).toMatchObject({ verdict: 'passed', evidence: 'replayed', counts: { replayed: 40 } })
    expect(await refusals(replayed)).toEqual(['evidence'])
  })

  test('is taken away by a later run that measures nothing', async () => {
    await evaluate()
    put('agent.mjs', 'process.exit(1)\n')
    await main(host(INPUTS))
    expect(existsSync(join(project, 'agent-ci-results/results.json'))).toBe(true)
    expect(existsSync(join(project, 'agent-ci-results/receipt.json'))).toBe(false)
  })

  test('is of one state: a run that was cut off is not continued with another prompt', async () => {
    git('rm', '--quiet', '--cached', '-r', 'prompts')
    put('.gitignore', 'agent-ci-results/\nprompts/\n')
    commit()
    await evaluate()
    const state = join(project, 'agent-ci-results/trials.jsonl')
    const before = readFileSync(state, 'utf8')
    put('prompts/support.md', 'Be kind.\n')
    await expect(evaluate({ resume: 'always' })).rejects.toThrow(/prompts/)
    expect(readFileSync(state, 'utf8')).toBe(before)
  })
})
