import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { parse, parseAllDocuments } from 'yaml'
import { numberedExamples, Workspace } from './step.ts'

const ROOT = resolve(import.meta.dirname, '../..')

let workspace: Workspace
beforeEach(() => {
  workspace = new Workspace()
})
afterEach(() => workspace.remove())

function agentCi(args: readonly string[], { node = process.execPath, cwd = workspace.directory, env = {} } = {}) {
  return new Promise<{ status: number | null; output: string }>((done, fail) => {
    const child = spawn(node, [join(ROOT, 'dist/cli/index.js'), ...args], {
      cwd,
      env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (output += text))
    child.on('error', fail)
    child.on('close', (status) => done({ status, output }))
  })
}

/** Node as the system has it, outside node_modules: the one on which the README's first command must work. */
const systemNode = (process.env.PATH ?? '')
  .split(':')
  .filter((directory) => !directory.includes('node_modules'))
  .map((directory) => join(directory, 'node'))
  .find(existsSync)

describe('the demo', () => {
  test('shows a green and a red verdict and exits 0, on this Node', async () => {
    const { status, output } = await agentCi(['demo'])
    expect(output).toMatch(/✓ passed[\s\S]*✗ failed/)
    expect(output).toMatch(/report\.html/)
    expect(status).toBe(0)
  }, 60_000)

  test("does so on the system's Node", async () => {
    if (systemNode === undefined) throw new Error('There is no node outside node_modules on the PATH')
    const { status, output } = await agentCi(['demo'], { node: systemNode })
    expect(output).toMatch(/✓ passed[\s\S]*✗ failed/)
    expect(status).toBe(0)
  }, 60_000)
})

describe('init', () => {
  test.each([
    ['node', 'package.json', '{}'],
    ['python', 'pyproject.toml', '[project]\nname = "x"\n'],
  ])('in a %s project: what it writes is valid and its first run is green', async (_, mark, text) => {
    workspace.write(mark, text)
    expect(await agentCi(['init'])).toMatchObject({ status: 0 })
    expect(parse(workspace.read('.github/workflows/evaluation.yml'))).toMatchObject({
      jobs: {
        evaluate: { steps: expect.arrayContaining([expect.objectContaining({ uses: 'org/agent-ci/eval-gate@v1' })]) },
      },
    })
    expect(await agentCi(['validate'])).toMatchObject({ status: 0, output: expect.stringContaining('3 examples') })
    const run = await agentCi(['eval'])
    expect(run.output).toContain('3 of 3 measured examples passed')
    expect(run.status).toBe(0)
  })

  test('overwrites nothing', async () => {
    workspace.write('agent-ci.yaml', 'mine')
    expect(await agentCi(['init'])).toMatchObject({
      status: 1,
      output: expect.stringContaining('agent-ci.yaml is there already'),
    })
    expect(workspace.read('agent-ci.yaml')).toBe('mine')
    expect(existsSync(join(workspace.directory, 'evals'))).toBe(false)
  })
})

describe('eval', () => {
  beforeEach(() => {
    workspace.write(
      'agent.mjs',
      `import { createInterface } from 'node:readline'\nfor await (const line of createInterface({ input: process.stdin })) { const { trial, input } = JSON.parse(line); console.log(JSON.stringify({ trial, output: 'answer ' + input.split(' ')[1] })) }\n`,
    )
    workspace.write('golden.jsonl', numberedExamples(20))
  })

  test('takes the options of the action and gives the same files and exit status', async () => {
    const run = await agentCi([
      'eval',
      '--agent',
      'command:node agent.mjs',
      '--dataset=golden.jsonl',
      '--min-accuracy',
      '0.5',
      '--output-dir',
      'out',
    ])
    expect(run.status).toBe(0)
    expect(readdirSync(join(workspace.directory, 'out')).sort()).toEqual([
      'junit.xml',
      'receipt.intoto.json',
      'receipt.json',
      'report.html',
      'results.json',
      'run.json',
      'summary.md',
      'trials.jsonl',
    ])
    expect(
      await agentCi([
        'eval',
        '--agent',
        'command:node agent.mjs',
        '--dataset',
        'golden.jsonl',
        '--gates',
        'accuracy < 0.5',
      ]),
    ).toMatchObject({ status: 1 })
  })

  test('the line that it prints to run it again does so when it is pasted into a shell', async () => {
    workspace.write('agent-ci.yaml', 'version: 1\nagent: command:node nothing.mjs\ngates: [accuracy >= 0.1]\n')
    workspace.executable(
      'bin/agent-ci',
      `#!/bin/sh\nexec '${process.execPath}' '${join(ROOT, 'dist/cli/index.js')}' "$@"\n`,
    )
    const gates = 'accuracy < 0.5\ntool_accuracy >= 0'
    const asked = [
      '--agent',
      "command:node 'agent.mjs'",
      '--dataset',
      'golden.jsonl',
      '--gates',
      gates,
      '--stop',
      'never',
    ]
    const first = await agentCi(['eval', ...asked])
    const again = /again: (agent-ci .*)/.exec(first.output)![1]!
    const env = { PATH: [join(workspace.directory, 'bin'), process.env.PATH].join(':') }
    const { status, stdout } = spawnSync('sh', ['-c', again], { cwd: workspace.directory, env, encoding: 'utf8' })
    expect(stdout).toContain(again)
    expect(stdout).toMatch(/^Gates accuracy < 0\.5, tool_accuracy >= 0$/m)
    const headline = (output: string) => /^[✓✗?!] .*/m.exec(output)![0]
    expect([status, headline(stdout)]).toEqual([first.status, headline(first.output)])
  })

  test('--plan-only says what would be run and calls nothing', async () => {
    const run = await agentCi([
      'eval',
      '--agent',
      'command:node nothing.mjs',
      '--dataset',
      'golden.jsonl',
      '--plan-only',
      '--repeats',
      '3',
    ])
    expect(run).toMatchObject({
      status: 0,
      output: expect.stringMatching(/20 examples x 3 repeats[\s\S]*no call was made/),
    })
  })

  test.each([
    ['an unknown option', ['eval', '--datset', 'x'], /no option --datset.*"dataset"/],
    ['an option without its value', ['eval', '--dataset'], /--dataset has no value/],
    ['an unknown command', ['evil'], /no command "evil".*"eval"/],
    ['a word that no option takes', ['eval', '--resume', 'maybe'], /eval has no use for "maybe".*--help/],
    ['an action that there is not', ['cassettes', 'burn'], /no "burn"\. Expected one of stats, .*cassettes stats\.$/m],
    ['a directory that is not there', ['cassettes', 'verify', 'nowhere'], /no directory .*nowhere\. Recorded answers/],
    [
      'a program that is not there',
      ['gateway', '--', 'no-such-program'],
      /no-such-program cannot be started: .*ENOENT/,
    ],
  ])('%s is refused', async (_, args, message) => {
    expect(await agentCi(args)).toMatchObject({ status: 1, output: expect.stringMatching(message) })
  })

  test('help lists every input of the action', async () => {
    const { INPUTS } = await import('@agent-ci/action-eval-gate/interface')
    const { output } = await agentCi(['eval', '--help'])
    for (const input of Object.keys(INPUTS)) expect(output).toContain(`--${input}`)
  })
})

test('validate names every problem of the configuration and its datasets with its line', async () => {
  workspace.write(
    'agent-ci.yaml',
    'version: 1\nagent: http://127.0.0.1:1\ndatasets:\n  golden: golden.jsonl\n  other: other.json\n',
  )
  workspace.write(
    'golden.jsonl',
    '{"id": "a", "input": "x", "expected": "y"}\n{"id": "a", "input": "x", "expected": "y"}\n{"id": "b"}\n',
  )
  workspace.write('other.json', '{"examples": [}')
  const { status, output } = await agentCi(['validate'])
  expect(status).toBe(1)
  expect(output).toMatch(/golden\.jsonl:2/)
  expect(output).toMatch(/golden\.jsonl:3/)
  expect(output).toMatch(/other\.json:1/)
})

describe('what users copy', () => {
  const actions = readdirSync(ROOT, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(ROOT, entry.name, 'action.yml')))
    .map((entry) => entry.name)
  const read = (path: string) => readFileSync(join(ROOT, path), 'utf8')

  test.each(actions)('%s runs on the Node that the tests run on, from a bundle that is there', (name) => {
    const { runs } = parse(read(`${name}/action.yml`)) as { runs: { using: string; main: string } }
    expect(runs.using).toBe(`node${process.versions.node.split('.')[0]}`)
    expect(existsSync(resolve(ROOT, name, runs.main))).toBe(true)
  })

  const documents = [
    'README.md',
    ...actions.map((name) => `${name}/README.md`),
    ...readdirSync(join(ROOT, 'docs'))
      .filter((file) => file.endsWith('.md'))
      .map((file) => `docs/${file}`),
  ]
  const uses = (value: unknown): { uses: string; with?: Record<string, unknown> }[] =>
    Array.isArray(value)
      ? value.flatMap(uses)
      : typeof value === 'object' && value !== null
        ? [
            ...('uses' in value && typeof value.uses === 'string' ? [value as { uses: string }] : []),
            ...Object.values(value).flatMap(uses),
          ]
        : []

  test.each([...documents, ...readdirSync(join(ROOT, 'example-workflows')).map((file) => `example-workflows/${file}`)])(
    '%s uses only actions and inputs that there are',
    (path) => {
      const blocks = path.endsWith('.md')
        ? [...read(path).matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, block]) => block!)
        : [read(path)]
      for (const step of blocks.flatMap((block) =>
        parseAllDocuments(block).flatMap((document) => uses(document.toJS())),
      )) {
        const [, name] = /^org\/agent-ci\/([\w-]+)@v1$/.exec(step.uses) ?? []
        if (name === undefined) continue
        const { inputs } = parse(read(`${name}/action.yml`)) as { inputs: Record<string, unknown> }
        expect(Object.keys(inputs)).toEqual(expect.arrayContaining(Object.keys(step.with ?? {})))
      }
    },
  )

  test('the configuration of the README is valid', async () => {
    const block = [...read('README.md').matchAll(/```yaml\n([\s\S]*?)```/g)]
      .map(([, text]) => text!)
      .find((text) => text.startsWith('version: 1'))!
    workspace.write('agent-ci.yaml', block)
    workspace.write('evals/golden.jsonl', '{"id": "a", "input": "x", "expected": "y", "tags": ["billing"]}\n')
    expect(await agentCi(['validate'])).toMatchObject({ status: 0 })
  })
})

describe('rollback', () => {
  test("runs on the system's Node, and without a cluster says where it looked for one", async () => {
    if (systemNode === undefined) throw new Error('There is no node outside node_modules on the PATH')
    const env = { HOME: workspace.directory }
    const { status, output } = await agentCi(['rollback', '--mode', 'list'], { node: systemNode, env })
    expect(output).toMatch(
      /^There is no kubeconfig\. Neither the input kubeconfig, nor KUBECONFIG, nor ~\/\.kube\/config/,
    )
    expect(status).toBe(1)
  })

  test('has the inputs of the action as options, and refuses others', async () => {
    const { output } = await agentCi(['rollback', '--help'])
    for (const option of ['--to', '--steps-back', '--mode', '--environment']) expect(output).toContain(option)
    expect(await agentCi(['rollback', '--step-back', '2'])).toMatchObject({
      status: 1,
      output: expect.stringContaining('There is no option --step-back'),
    })
  })
})

describe('merge', () => {
  const OPTIONS = ['--agent', 'command:node agent.mjs', '--dataset', 'golden.jsonl', '--min-accuracy', '0.8']

  test('joins the shards of eval, which are named one by one, or by a folder', async () => {
    workspace.write('golden.jsonl', numberedExamples(60))
    workspace.write(
      'agent.mjs',
      `import { createInterface } from 'node:readline'
       for await (const line of createInterface({ input: process.stdin })) {
         const { trial, input } = JSON.parse(line)
         console.log(JSON.stringify({ trial, output: input.replace('question', 'answer') }))
       }`,
    )
    for (const index of [1, 2]) {
      const shard = await agentCi(['eval', ...OPTIONS, '--shard', `${index}/2`, '--output-dir', `shards/${index}`])
      expect(shard).toMatchObject({ status: 0, output: expect.stringContaining('it decides nothing') })
    }
    for (const directories of [['shards/1', 'shards/2'], ['shards']]) {
      const { status, output } = await agentCi(['merge', ...directories, ...OPTIONS])
      expect(output).toMatch(
        /passed accuracy 1\.000 meets >= 0\.8[\s\S]*60 of 60 planned trials measured; joined from 2 shards/,
      )
      expect(status).toBe(0)
    }
  })

  test('says what is missing, and fails', async () => {
    const { status, output } = await agentCi(['merge', ...OPTIONS])
    expect(output).toMatch(/There is nothing to merge\. Expected the output directories of the shards/)
    expect(status).toBe(1)
  })
})
