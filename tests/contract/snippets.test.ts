import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, readFileSync } from 'node:fs'
import { delimiter, dirname, join, resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { Provider } from '../integration/gateway/provider/provider.ts'
import { GitData } from '../integration/github/git-data.ts'
import { GithubStub } from '../integration/github/github-stub.ts'
import { nightOf } from '../unit/core/nightly/nights.ts'
import { type Block, blocks } from '../unit/docs/blocks.ts'
import { Workspace } from './step.ts'

/** Commands that documents show, run as they stand there; a command that neither runs nor says why it cannot fails here. */
const ROOT = resolve(import.meta.dirname, '../..')
const EXAMPLE = 'examples/support-agent'

let workspace: Workspace
beforeEach(() => {
  workspace = new Workspace()
  command('agent-ci', `exec '${process.execPath}' '${join(ROOT, 'dist/cli/index.js')}' "$@"`)
})
afterEach(() => workspace.remove())

const command = (name: string, script: string) => workspace.executable(`bin/${name}`, `#!/bin/sh\n${script}\n`)

interface End {
  readonly status: number | null
  readonly output: string
}

/** Runs lines of a block in the workspace; `$ ` before them is a terminal's. */
async function run(lines: string, { env = {}, cwd = '.' } = {}): Promise<End> {
  const commands = lines.replaceAll(/^\$ /gm, '')
  const child = spawn('bash', ['--norc', '-c', commands], {
    cwd: join(workspace.directory, cwd),
    env: {
      PATH: [join(workspace.directory, 'bin'), dirname(process.execPath), process.env.PATH].join(delimiter),
      HOME: workspace.directory,
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [out, problems] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { status: child.exitCode, output: out + problems }
}

const green = async (lines: string, options = {}): Promise<string> => {
  const { status, output } = await run(lines, options)
  if (status !== 0) throw new Error(`exit status ${status} of:\n${lines}\n${output}`)
  return output
}

const linesOf = ({ text }: Block): string[] => text.trimEnd().split('\n')

/** A project in git: an agent with a prompt, golden examples, and a branch on which the prompt is another. */
async function projectWithAChangedPrompt(): Promise<void> {
  workspace.write(
    'agent.mjs',
    `import { createInterface } from 'node:readline'
import { readFileSync } from 'node:fs'
const prompt = readFileSync((process.env.AGENT_CI_PROMPTS_DIR ?? '.') + '/prompts/support.md', 'utf8')
for await (const line of createInterface({ input: process.stdin }))
  console.log(JSON.stringify({ trial: JSON.parse(line).trial, output: prompt.trim() }))
`,
  )
  workspace.write('agent-ci.yaml', 'version: 1\nagent: command:node agent.mjs\n')
  const example = (id: string) => `${JSON.stringify({ id, input: 'Can I return it?', expected: 'Yes.' })}\n`
  workspace.write('evals/golden.jsonl', ['refund-window', ...Array(20).keys()].map((id) => example(`${id}`)).join(''))
  workspace.write('prompts/support.md', 'Yes.\n')
  const commit = 'git add -A && git -c user.name=Ada -c user.email=ada@example.com commit --quiet --message'
  await green(`git init --quiet --initial-branch main && ${commit} before && git checkout --quiet -b better`)
  workspace.write('prompts/support.md', 'No.\n')
  await green(`${commit} after`)
}

/** The tests, agent and test programs of a project whose tests ask a model, as llm-gateway's README shows one. */
function projectWithTests(): void {
  const shown = blocks.find(({ name }) => name.startsWith('llm-gateway/README.md: # tests/test_agent.py'))!
  workspace.write('tests/test_agent.py', shown.text)
  workspace.write(
    'my_agent.py',
    `import json, os, urllib.request

class ProductionAgent:
    def run(self, text):
        body = {"model": "claude-haiku-4-5", "max_tokens": 100, "messages": [{"role": "user", "content": text}]}
        headers = {"content-type": "application/json", "anthropic-version": "2023-06-01", "x-api-key": os.environ["ANTHROPIC_API_KEY"]}
        request = urllib.request.Request(os.environ["ANTHROPIC_BASE_URL"] + "/v1/messages", json.dumps(body).encode(), headers)
        with urllib.request.urlopen(request) as response:
            return json.load(response)["content"][0]["text"]
`,
  )
  // No pytest and no jest everywhere: each runs the tests of the one file.
  const runTests = `exec python3 -B -c 'import runpy, sys; sys.path.insert(0, ".")
for name, test in runpy.run_path("tests/test_agent.py").items():
    if name.startswith("test_"): test(); print("passed", name)'`
  command('pytest', runTests)
  command('npx', runTests)
}

async function recordThenReplay(block: Block): Promise<void> {
  projectWithTests()
  const provider = await Provider.start()
  provider.reply = 'Yes, within 30 days.'
  try {
    const [record, ...replays] = linesOf(block)
    const env = { ANTHROPIC_BASE_URL: provider.url }
    expect(await green(record!, { env })).toContain('passed test_it_knows_the_refund_window')
    expect(provider.received).toHaveLength(1)
    for (const replay of replays) expect(await green(replay, { env })).toContain('passed test_')
    expect(provider.received).toHaveLength(1)
  } finally {
    await provider.stop()
  }
}

async function changedPrompt(block: Block): Promise<void> {
  await projectWithAChangedPrompt()
  const { status, output } = await run(block.text)
  expect(output).toMatch(/✗ failed[\s\S]*prompts\/support\.md|prompts\/support\.md[\s\S]*✗ failed/)
  expect(status).toBe(1)
  const [, again] = /again: (agent-ci prompts test .*)/.exec(output)!
  expect(await run(again!)).toMatchObject({ status: 1, output: expect.stringContaining(`again: ${again}`) })
}

/** Where there is no cluster: everything about the command is right, and it comes as far as asking for one. */
async function upToTheCluster(block: Block): Promise<void> {
  for (const line of linesOf(block)) {
    const { status, output } = await run(line)
    expect({ line, output, status }).toMatchObject({
      output: expect.stringContaining('There is no kubeconfig'),
      status: 1,
    })
  }
}

/** What takes minutes or tools that are built first; each is a script that there is. */
async function npmScripts(block: Block): Promise<void> {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>
  }
  const unknown = linesOf(block).filter((line) => {
    const [, script] = /\bnpm (?:run )?(test(?::\w+)?|[\w:]+)/.exec(line) ?? []
    if (script !== undefined) return script !== 'ci' && !(script in scripts)
    const file = line.replace(/^node /, '').split(' ')[0]!
    return !existsSync(join(ROOT, file))
  })
  expect(unknown).toEqual([])
}

async function example(block: Block): Promise<void> {
  cpSync(join(ROOT, EXAMPLE), join(workspace.directory, EXAMPLE), { recursive: true })
  const [good, worse, once] = linesOf(block)
  expect(await green(good!, { cwd: EXAMPLE })).toContain('✓ passed')
  expect(await run(worse!, { cwd: EXAMPLE })).toMatchObject({ status: 1, output: expect.stringContaining('✗ failed') })
  expect(await green(once!, { cwd: EXAMPLE })).toMatch(/"trial":"1"/)
}

/** The example's own scripted model is the provider. */
async function exampleOnARealModel(block: Block): Promise<void> {
  cpSync(join(ROOT, EXAMPLE), join(workspace.directory, EXAMPLE), { recursive: true })
  const model = spawn(process.execPath, ['model.mjs'], {
    cwd: join(ROOT, EXAMPLE),
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    const [line] = await once(model.stdout.setEncoding('utf8'), 'data')
    const url = /^ANTHROPIC_BASE_URL=(\S+)/.exec(line)![1]!
    const output = await green(block.text, { cwd: EXAMPLE, env: { ANTHROPIC_BASE_URL: url } })
    expect(output).toContain('72 of 72 planned trials measured')
    expect(output).not.toContain('replayed')
  } finally {
    model.kill()
  }
}

async function baselines(block: Block): Promise<void> {
  const stub = await GithubStub.start()
  const data = new GitData(stub)
  try {
    const night = (at: number) => {
      const line = nightOf(at, 0.9)
      return JSON.stringify({ ...line, run: { ...line.run, id: `1234567890${at}` } })
    }
    data.put('agent-ci-data', 'nights/2026-01/golden.jsonl', `${[1, 2].map(night).join('\n')}\n`)
    const env = { GITHUB_REPOSITORY: 'acme/support', GITHUB_TOKEN: 't0ken', GITHUB_API_URL: stub.url }
    expect(await green(`set -e\n${block.text}`, { env })).toMatch(
      /golden[\s\S]*Run 12345678901 is blessed[\s\S]*is blessed/,
    )
  } finally {
    data.remove()
    await stub.stop()
  }
}

/** Samples of Inspect, used as they stand, brought over, and written for DeepEval. */
async function otherFormats(block: Block): Promise<void> {
  workspace.write(
    'agent.mjs',
    `import { createInterface } from 'node:readline'
for await (const line of createInterface({ input: process.stdin }))
  console.log(JSON.stringify({ trial: JSON.parse(line).trial, output: 'Yes.' }))
`,
  )
  const sample = (id: number) =>
    `${JSON.stringify({ id, input: 'Can I return it?', target: 'Yes.', sandbox: 'docker' })}\n`
  workspace.write('evals/qa.jsonl', [...Array(60).keys()].map(sample).join(''))
  const [evaluate, bring, give] = linesOf(block)
  expect(await green(evaluate!)).toContain('✓ passed')
  expect(await green(bring!)).toContain('"sandbox"')
  await green(give!)
  expect(workspace.json('goldens.json')).toHaveLength(60)
}

type How =
  | { readonly run: (block: Block) => Promise<void> }
  /** Another test runs it. */
  | { readonly by: string }
  /** It cannot run here; its commands of ours are parsed by tests/unit/docs. */
  | { readonly not: string }

const NEWCOMER: How = { by: 'tests/contract/newcomer.test.ts' }
const CLUSTER: How = { run: upToTheCluster }

const TABLE: Readonly<Record<string, How>> = {
  'CONTRIBUTING.md: npm ci            # brings Node 24 along on Linux x64; elsewhere use Node 24 yourself': {
    run: npmScripts,
  },
  'README.md: node dist/cli/index.js demo': NEWCOMER,
  'README.md: npm ci && npm test': { not: 'this test is a part of it' },
  'README.md: node ../agent-ci/dist/cli/index.js init': NEWCOMER,
  'README.md: agent-ci deploy --operation plan --version 1.4.2 --route agent --prometheus-url http://127.0.0.1:9090   # what would happen':
    CLUSTER,
  "docs/formats.md: agent-ci eval --dataset evals/qa.jsonl --agent 'command:node agent.mjs'": { run: otherFormats },
  'docs/nightly-history.md: agent-ci baseline list': { run: baselines },
  'docs/releases.md: kubectl create secret generic agent-secrets --from-literal=anthropic-api-key="$ANTHROPIC_API_KEY"':
    {
      not: "it is kubectl's own, and needs a cluster",
    },
  'docs/releasing.md: gh release download v1.4.2 --repo org/agent-ci': { not: 'it needs a release on GitHub' },
  'docs/rollback.md: agent-ci rollback --environment production --mode list     # what there is': CLUSTER,
  'docs/rollback.md: kubectl get configmaps -l agent-ci.dev/app=agent-service,agent-ci.dev/record -L agent-ci.dev/record,agent-ci.dev/release,agent-ci.dev/verified':
    { not: 'it needs a cluster with a release in it' },
  'docs/tutorial.md: agent-ci demo': { run: async (block) => expect(await green(block.text)).toMatch(/✗ failed/) },
  'docs/tutorial.md: agent-ci init': NEWCOMER,
  'docs/tutorial.md: ANTHROPIC_API_KEY=... agent-ci gateway --mode auto --cassettes tests/cassettes -- pytest tests/': {
    run: recordThenReplay,
  },
  'docs/tutorial.md: agent-ci prompts test --dataset evals/golden.jsonl': { run: changedPrompt },
  'docs/tutorial.md: agent-ci deploy --operation plan --environment staging --strategy rolling --manifests k8s/staging --version 1.4.2':
    CLUSTER,
  'docs/tutorial.md: agent-ci deploy --operation plan --version 1.4.3 --route agent --prometheus-url http://127.0.0.1:9090':
    CLUSTER,
  "examples/support-agent/README.md: $ agent-ci eval                                            # this folder's agent-ci.yaml: the gates hold":
    {
      run: example,
    },
  'examples/support-agent/README.md: $ export ANTHROPIC_API_KEY=...': { run: exampleOnARealModel },
  'llm-gateway/README.md: ANTHROPIC_API_KEY=... agent-ci gateway --mode auto --cassettes tests/cassettes -- pytest tests/':
    {
      run: recordThenReplay,
    },
  "prompt-regression/README.md: agent-ci prompts test --base-ref main --dataset evals/golden.jsonl --agent 'command:node agent.mjs' --examples refund-window":
    { run: changedPrompt },
  'tests/cluster/README.md: npm run test:cluster            # all tests here; arguments go to jest: npm run test:cluster -- observer':
    {
      run: npmScripts,
    },
  'tests/e2e/README.md: npm run test:e2e              # arguments go to jest: npm run test:e2e -- pull-request': {
    run: npmScripts,
  },
}

/** Pages whose blocks are run by a test of their own. */
const PAGES: Readonly<Record<string, How>> = {
  'docs/prompts.md': { by: 'tests/contract/prompts-command.test.ts' },
  'docs/migration.md': { by: 'tests/contract/migration.test.ts' },
  'docs/promptfoo.md': { by: 'tests/contract/promptfoo.test.ts' },
}

const howOf = ({ path, name }: Block): How | undefined => PAGES[path] ?? TABLE[name]
const commands = blocks.filter(({ language }) => ['sh', 'console'].includes(language))

test('every block of commands is run, or it is said why not', () => {
  expect(commands.filter((block) => !howOf(block)).map(({ name }) => name)).toEqual([])
  expect(Object.keys(TABLE).filter((name) => !commands.some((block) => block.name === name))).toEqual([])
  for (const block of commands) {
    const how = howOf(block)!
    if ('not' in how) console.info(`not run: ${block.name}: ${how.not}`)
    if ('by' in how) expect(readFileSync(join(ROOT, how.by), 'utf8')).toContain(block.path)
  }
})

describe('run as the documents have them', () => {
  const here = commands.flatMap((block) => {
    const how = howOf(block)
    return how && 'run' in how ? [{ name: block.name, block, check: how.run }] : []
  })
  test.each(here)('$name', ({ block, check }) => check(block), 60_000)
})
