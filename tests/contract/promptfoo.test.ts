import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { Workspace } from './step.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const PAGE = readFileSync(join(ROOT, 'docs/promptfoo.md'), 'utf8')

let workspace: Workspace
beforeAll(() => {
  workspace = new Workspace()
  // A line that is only a path names the file that the block below it is.
  for (const [, path, , text] of PAGE.matchAll(/^`([\w./-]+)`\n\n```(\w+)\n([\s\S]*?)^```$/gm))
    workspace.write(path!, text!)
})
afterAll(() => workspace.remove())

function agentCi(args: readonly string[], cwd: string) {
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

const RIGHT = { accuracy: 1, total_examples: 3, passed_examples: 3 }

describe('what docs/promptfoo.md shows', () => {
  test('is imported, with a listing, and the import runs', async () => {
    const imported = await agentCi(['import', 'promptfoo', 'promptfooconfig.yaml', '--output', 'evals'], 'support')
    expect(imported.output).toContain(
      'mapped: provider exec:sh agent.sh (promptfooconfig.yaml:5) is the agent, of the type command',
    )
    expect(imported.output).toContain('3 examples, everything was mapped')
    expect(imported.status).toBe(0)
    const run = await agentCi(['eval', '--config', 'evals/agent-ci.yaml'], 'support')
    expect(run.status).toBe(0)
    expect(workspace.json('support/evals/agent-ci-results/results.json')).toMatchObject(RIGHT)
  }, 60_000)

  test('is not written over what is there', async () => {
    const { status, output } = await agentCi(
      ['import', 'promptfoo', 'promptfooconfig.yaml', '--output', 'evals'],
      'support',
    )
    expect(status).toBe(1)
    expect(output).toContain('evals/agent-ci.yaml is there already')
  }, 60_000)

  test('is a dataset as it stands, and a wrong answer fails', async () => {
    workspace.write('support/wrong.sh', 'echo "sorry"\n')
    const args = ['eval', '--dataset', 'promptfooconfig.yaml', '--output-dir', 'wrong']
    workspace.write(
      'support/agent-ci.yaml',
      'version: 1\nagent: { type: command, command: [sh, wrong.sh], mode: once }\n',
    )
    expect(await agentCi(args, 'support')).toMatchObject({ status: 1 })
    expect(workspace.json('support/wrong/results.json')).toMatchObject({ accuracy: 0, total_examples: 3 })
    expect(workspace.read('support/wrong/trials.jsonl')).toContain('to contain \\"14 days\\"')
  }, 60_000)

  test('an assertion that can not be judged is refused at its line before the agent is called', async () => {
    workspace.write(
      'support/moderated.yaml',
      'prompts: ["{{q}}"]\nproviders: [echo]\ntests:\n  - vars: { q: x }\n    assert: [{ type: moderation }]\n',
    )
    const { status, output } = await agentCi(['eval', '--dataset', 'moderated.yaml', '--output-dir', 'none'], 'support')
    expect(status).toBe(1)
    expect(output).toContain('moderated.yaml:4')
    expect(output).toContain('moderation is not judged by agent-ci')
  }, 60_000)
})

describe('providers that are code become agents', () => {
  const suite = (provider: string) =>
    `prompts: ['{{q}}']\nproviders:\n  - id: ${provider}\n    config: { greeting: Hello }\ntests:\n  - vars: { q: Ann }\n    assert: [{ type: equals, value: Hello Ann }]\n`

  test.each([
    [
      'javascript',
      'file://provider.js',
      'module.exports = class {\n  constructor({ config }) { this.config = config }\n  id() { return "own" }\n  async callApi(prompt) { console.log("noise"); return { output: this.config.greeting + " " + prompt, cost: 0.5 } }\n}\n',
    ],
    [
      'python',
      'file://provider.py',
      'def call_api(prompt, options, context):\n    return {"output": options["config"]["greeting"] + " " + prompt, "cost": 0.5}\n',
    ],
  ])(
    '%s',
    async (folder, provider, code) => {
      workspace.write(`${folder}/promptfooconfig.yaml`, suite(provider))
      workspace.write(`${folder}/${provider.slice('file://'.length)}`, code)
      expect(await agentCi(['import', 'promptfoo', 'promptfooconfig.yaml', '--output', '.'], folder)).toMatchObject({
        status: 0,
      })
      const run = await agentCi(['eval'], folder)
      expect(run.output).toContain('passed')
      expect(workspace.json(`${folder}/agent-ci-results/results.json`)).toMatchObject({ accuracy: 1, cost_usd: 0.5 })
    },
    60_000,
  )
})
