import { execFileSync } from 'node:child_process'
import { globSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type AppVersion, writeApp } from '../cluster/rollout/agent-app.ts'
import { withoutQueues } from './suite.ts'

/** Answers yes, or what its prompt tells it to. */
const AGENT = `import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'

const prompt = readFileSync(\`\${process.env.AGENT_CI_PROMPTS_DIR ?? '.'}/prompts/system.md\`, 'utf8')
const output = /Always say (\\w+)/.exec(prompt)?.[1] ?? 'yes'
for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify({ id: JSON.parse(line).id, output, tool_calls: [{ name: 'lookup' }] }))
}
`

/** The same in Python, as the guide's agent is called. */
const PYTHON_AGENT = `import os
import re


class ProductionAgent:
    def __init__(self):
        with open(os.path.join(os.environ.get("AGENT_CI_PROMPTS_DIR", "."), "prompts/system.md")) as file:
            said = re.search(r"Always say (\\w+)", file.read())
        self.output = said.group(1) if said else "yes"

    async def run_async(self, text):
        self.last_tool_calls = [{"name": "lookup"}]
        return self.output
`

/** Enough to be sure of a 95th percentile, which takes 59. */
const EXAMPLES = Array.from({ length: 60 }, (_, index) => ({
  id: `possible-${index}`,
  input: `Is number ${index} possible?`,
  expected: 'yes',
  expected_tools: ['lookup'],
}))

const config = (namespace: string) => `version: 1
agent: { type: command, command: [node, agent.mjs] }
datasets: { golden: evals/golden.jsonl }
gates: [accuracy >= 0.85]
delivery:
  namespace: ${namespace}
  manifests: k8s/production
  agent_config: config/production.yaml
  prompts: prompts/**
`

const PACKAGE = {
  name: 'sample-agent',
  version: '1.0.0',
  type: 'module',
  scripts: {
    lint: 'node --check agent.mjs',
    types: 'node --check agent.mjs',
    test: 'node --test tests/unit/*.mjs',
    'test:integration': 'node --test tests/integration/*.mjs',
  },
}

const TEST = `import { strictEqual } from 'node:assert'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'

test('the agent answers', () => {
  const answer = JSON.parse(execFileSync('node', ['agent.mjs'], { input: '{"id":"1","input":"?"}\\n', encoding: 'utf8' }))
  strictEqual(answer.id, '1')
})
`

/** A user's repository: a small agent, its golden examples, prompts and manifests, and the workflows that users copy. */
export class Sample {
  readonly directory: string

  private constructor(directory: string) {
    this.directory = directory
  }

  /** In a new directory under `parent`; its release is `app`, to be deployed to `namespace`. */
  static create(parent: string, app: AppVersion, namespace: string): Sample {
    const sample = new Sample(mkdtempSync(join(parent, 'sample-')))
    sample.write('agent.mjs', AGENT)
    sample.write('my_agent.py', PYTHON_AGENT)
    sample.write('requirements.txt', '')
    sample.write('agent-ci.yaml', config(namespace))
    sample.write('evals/golden.jsonl', EXAMPLES.map((each) => `${JSON.stringify(each)}\n`).join(''))
    sample.write('package.json', JSON.stringify(PACKAGE, undefined, 2))
    const { name, version } = PACKAGE
    sample.write(
      'package-lock.json',
      JSON.stringify({ name, version, lockfileVersion: 3, packages: { '': { name, version } } }),
    )
    sample.write('tests/unit/agent.test.mjs', TEST)
    sample.write('tests/integration/agent.test.mjs', TEST)
    sample.write('.gitignore', 'agent-ci-results/\n')
    const examples = join(import.meta.dirname, '../../example-workflows')
    for (const file of globSync('*.yml', { cwd: examples }))
      sample.write(join('.github/workflows', file), withoutQueues(readFileSync(join(examples, file), 'utf8')))
    sample.git('init', '-q', '-b', 'main')
    sample.git('remote', 'add', 'origin', 'https://github.com/acme/support.git')
    sample.release(app)
    return sample
  }

  /** Commits another release; its manifests name the image that it runs. */
  release(app: AppVersion, files: Readonly<Record<string, string>> = {}): string {
    writeApp(this.directory, app, { replicas: 2 })
    const manifest = 'k8s/production/agent.json'
    this.write(
      manifest,
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the manifest's own variable
      readFileSync(join(this.directory, manifest), 'utf8').replaceAll('${VERSION}', app.version),
    )
    for (const [path, content] of Object.entries(files)) this.write(path, content)
    return this.commit(`Release ${app.version}`)
  }

  write(path: string, content: string): void {
    mkdirSync(dirname(join(this.directory, path)), { recursive: true })
    writeFileSync(join(this.directory, path), content)
  }

  commit(message: string): string {
    this.git('add', '-A')
    this.git(
      '-c',
      'user.name=Sample',
      '-c',
      'user.email=sample@example.com',
      'commit',
      '-q',
      '--allow-empty',
      '-m',
      message,
    )
    return this.git('rev-parse', 'HEAD')
  }

  git(...args: string[]): string {
    return execFileSync('git', args, { cwd: this.directory, encoding: 'utf8' }).trim()
  }
}
