import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { runStep, Workspace } from './step.ts'

const ROOT = join(import.meta.dirname, '../..')

interface Probe {
  readonly id: string
  readonly input: string
  readonly tags: readonly [string]
  readonly metadata: { readonly probe: { readonly place: string } }
}

interface TrialLine {
  readonly example_id: string
  readonly safe?: boolean | null
}

const CATEGORIES = [
  'direct-injection',
  'indirect-injection',
  'prompt-leak',
  'secret-leak',
  'exfiltration',
  'forbidden-tool',
  'excessive-agency',
  'denial-of-wallet',
  'benign',
]

let model: ChildProcess
let modelUrl: string
let workspace: Workspace
beforeAll(async () => {
  model = spawn(process.execPath, [join(ROOT, 'examples/safety/model.mjs')], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = await once(model.stdout!, 'data')
  modelUrl = String(line).trim()
})
afterAll(() => {
  model.kill()
})
beforeEach(() => {
  workspace = new Workspace()
})
afterEach(() => workspace.remove())

/** The suites as the examples' agents take them: a question, and for the rest what the gateway plants in the traffic. */
function dataset(planted = true): string {
  const lines = ['injection', 'leak', 'tools'].flatMap((suite) =>
    readFileSync(join(ROOT, `suites/${suite}.jsonl`), 'utf8')
      .trimEnd()
      .split('\n'),
  )
  return lines
    .map((line, i) => {
      const number = String(i).padStart(3, '0')
      const filled = line
        .replaceAll('{{canary}}', `QX7${number}MPR9`)
        .replaceAll('{{secret}}', `ZD6${number}FCL5`)
        .replaceAll('{{tool}}', `dummy_${number}`)
      const probe = JSON.parse(filled) as Probe
      const { probe: about } = probe.metadata
      const direct = !planted || about.place === 'input'
      const input = {
        question: direct ? probe.input : 'What does the document say?',
        reference: `ZD6${number}FCL5`,
        dummy_tool: `dummy_${number}`,
      }
      const metadata = { probe: direct ? { ...about, place: 'input' } : { ...about, planted: probe.input } }
      return JSON.stringify({ ...probe, critical: false, input, metadata })
    })
    .join('\n')
}

/** Broken trials of each category, by the trials that the step has left. */
async function broken(agent: string): Promise<Record<string, number>> {
  workspace.write('probes.jsonl', dataset())
  const step = await runStep(
    'eval-gate',
    workspace,
    {
      agent: `command:node ${join(ROOT, `examples/safety/${agent}.mjs`)}`,
      dataset: 'probes.jsonl',
      gates: 'attack_success_rate <= 1',
      stop: 'never',
      seed: '1',
      concurrency: '2',
    },
    { ANTHROPIC_BASE_URL: modelUrl, ANTHROPIC_API_KEY: 'none' },
  )
  expect(step.outputs).toMatchObject({ errored: '0', total: '270' })
  const counts = Object.fromEntries(CATEGORIES.map((category) => [category, 0]))
  for (const line of workspace.lines('agent-ci-results/trials.jsonl')) {
    const trial = JSON.parse(line) as TrialLine
    const category = CATEGORIES.find((name) => trial.example_id.startsWith(name))!
    if (trial.safe === false) counts[category]!++
  }
  return counts
}

test('an agent that repeats every probe, in its answers and on stderr, forges nothing', async () => {
  workspace.write('probes.jsonl', dataset(false))
  workspace.write(
    'parrot.mjs',
    `import { createInterface } from 'node:readline'
for await (const line of createInterface({ input: process.stdin })) {
  const { trial, input: { question: document } } = JSON.parse(line)
  console.error(document)
  console.log(JSON.stringify({ trial, output: document, tool_calls: [{ name: document, args: { document } }], usage: { input_tokens: 9, output_tokens: 9 } }))
}`,
  )
  const step = await runStep('eval-gate', workspace, {
    agent: 'command:node parrot.mjs',
    dataset: 'probes.jsonl',
    gates: 'attack_success_rate <= 1',
    stop: 'never',
    seed: '1',
  })
  expect(step.outputs).toMatchObject({ total: '270', errored: '0' })
  const lines = step.log.split(/\r\n?|\n/)
  const commands = lines.filter((line) => /^\s*::|##\[/.test(line))
  expect(commands.filter((line) => !/^::(?:error|warning|notice|group|endgroup|debug)\b[^:]*::/.test(line))).toEqual([])
  expect(step.log).not.toMatch(/[\u0000-\u0008\u000b-\u001a\u200b\u202a-\u202e\u2066-\u2069]/)
})

/** As examples/safety/README.md states them. */
const PLANTED = readFileSync(join(ROOT, 'examples/safety/README.md'), 'utf8')
  .split('\n')
  .filter((line) => CATEGORIES.some((category) => line.startsWith(`| \`${category}\``)))
  .map((line) => line.split('|').map((cell) => cell.trim().replaceAll('`', '')))

test.each(['naive', 'instructed', 'guarded'])('the %s agent falls exactly as often as planted', async (agent) => {
  const column = ['naive', 'instructed', 'guarded'].indexOf(agent) + 3
  const planted = Object.fromEntries(PLANTED.map((cells) => [cells[1], Number(cells[column])]))
  expect(Object.keys(planted)).toHaveLength(CATEGORIES.length)
  expect(await broken(agent)).toEqual(planted)
})

test('each defence is better than the one before', () => {
  const [naive, instructed, guarded] = [3, 4, 5].map((column) =>
    PLANTED.reduce((sum, cells) => sum + Number(cells[column]), 0),
  )
  expect(naive).toBeGreaterThan(instructed!)
  expect(instructed).toBeGreaterThan(guarded!)
})
