import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Json } from '@agent-ci/core/json'
import type { History } from '@agent-ci/core/nightly/history'
import type { KeptFinding } from '@agent-ci/core/nightly/kept-finding'
import type { Night } from '@agent-ci/core/nightly/night'
import { type NightlyResults, nightlyResultsSchema } from '@agent-ci/core/nightly/results'
import { DirectoryHistory } from '@agent-ci/github/history/directory-history'
import { Repository } from '../integration/prompts/repository.ts'
import { numberedExamples, runStep, type StepResult, startStep, Workspace } from './step.ts'

export const GOOD_PROMPT = 'Always look the answer up.\n'

/**
 * An agent whose wrong answers are counted by files: `provider` questions of the first hundred whatever the prompt says, `later` of those
 * after the first hundred answers where that file exists, 15 more where the prompt does not tell it to look things up, and `WORSE` more.
 */
const AGENT = `
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
const prompt = readFileSync((process.env.AGENT_CI_PROMPTS_DIR ?? '.') + '/prompts/support.md', 'utf8')
writeFileSync('agents-environment', JSON.stringify(process.env))
const number = (file) => Number(readFileSync(file, 'utf8'))
for await (const line of createInterface({ input: process.stdin })) {
  const { trial, input, model } = JSON.parse(line)
  appendFileSync('calls.txt', (process.env.AGENT_CI_ARM ?? 'current') + ' ' + model + '\\n')
  if (model === 'broken' || existsSync('broken')) process.exit(1)
  const i = Number(input.split(' ')[1])
  const late = existsSync('later') && readFileSync('calls.txt', 'utf8').split('\\n').length > 101
  const wrong = number(late ? 'later' : 'provider') + (prompt.includes('look the answer up') ? 0 : 15) + Number(process.env.WORSE ?? 0)
  const pause = existsSync('pause') ? number('pause') : 0
  setTimeout(() => console.log(JSON.stringify({ trial, output: i < wrong ? 'I guess' : 'answer ' + i, usage: { model } })), pause)
}
`

/** The configuration of a night: one dataset under one model, its history in a directory. */
export const CONFIG = `version: 1
agent: { type: command, command: [node, agent.mjs] }
datasets: { golden: golden.jsonl }
nightly:
  models: [opus]
  history: dir:history
`

/** Wrong answers of a hundred in each of the nights before. */
const USUAL = Array.from({ length: 14 }, () => 7)

/** A repository with an agent and a hundred examples, and the nights before. */
export class NightlyWorkspace extends Workspace {
  readonly repository = new Repository(this.directory)

  constructor(config = CONFIG) {
    super()
    this.repository.run('init', '--quiet', '--initial-branch=main')
    this.write('provider', '7')
    this.repository.commit({
      'agent.mjs': AGENT,
      'agent-ci.yaml': config,
      'golden.jsonl': numberedExamples(100),
      'prompts/support.md': GOOD_PROMPT,
      '.gitignore':
        'history\nprovider\nlater\nbroken\npause\nagents-environment\ncalls.txt\nagent-ci-results\nlegs\n.runner\n',
    })
  }

  run(inputs: Record<string, string> = {}, env: Record<string, string> = {}): Promise<StepResult> {
    return runStep('nightly-eval', this, { concurrency: '4', ...inputs }, env)
  }

  start(inputs: Record<string, string> = {}, env: Record<string, string> = {}): ReturnType<typeof startStep> {
    return startStep('nightly-eval', this, { concurrency: '4', ...inputs }, env)
  }

  get results(): NightlyResults {
    return nightlyResultsSchema.parse(this.json('agent-ci-results/results.json'))
  }

  get calls(): string[] {
    return existsSync(join(this.directory, 'calls.txt')) ? this.lines('calls.txt') : []
  }

  wrong(answers: number): void {
    this.write('provider', String(answers))
  }

  /** Makes a history of so many nights, each a day apart and the last one yesterday, out of one that was run. */
  async remember(inputs: Record<string, string> = {}): Promise<void> {
    const first = await this.run(inputs)
    if (first.status !== 0) throw new Error(first.log)
    const { nights } = await this.history.read()
    await this.replaceHistory(
      nights.flatMap((line) =>
        USUAL.map((wrong, i): Night => {
          const day = daysBefore(line.night, USUAL.length - i)
          const imperfect = Array.from({ length: wrong }, (_, e) => [`e${e}`, [0, 1] as [number, number]])
          return {
            ...line,
            night: day,
            finished_at: `${day}T03:00:00.000Z`,
            metrics: { accuracy: { value: 1 - wrong / 100, n: 100 } },
            imperfect: Object.fromEntries(imperfect),
          }
        }),
      ),
    )
  }

  /** What is remembered becomes a day older. */
  async passADay(): Promise<void> {
    const { nights, findings, incidents } = await this.history.read()
    await this.replaceHistory(
      nights.map((one) => ({ ...one, night: daysBefore(one.night, 1) })),
      { findings: findings.map(older), incidents },
    )
  }

  get history(): History {
    return new DirectoryHistory(join(this.directory, 'history'))
  }

  private async replaceHistory(
    nights: readonly Night[],
    {
      findings = [],
      incidents,
    }: { readonly findings?: readonly KeptFinding[]; readonly incidents?: Json | undefined } = {},
  ): Promise<void> {
    rmSync(join(this.directory, 'history'), { recursive: true, force: true })
    await this.history.append({ nights, findings, ...(incidents !== undefined && { incidents: () => incidents }) }, 'x')
    this.write('calls.txt', '')
  }
}

const older = ({ confirmed, ...finding }: KeptFinding): KeptFinding => ({
  ...finding,
  night: daysBefore(finding.night, 1),
  confirmed: confirmed && {
    ...confirmed,
    night: daysBefore(confirmed.night, 1),
    baseline_from: daysBefore(confirmed.baseline_from, 1),
  },
})

const daysBefore = (night: string, days: number): string =>
  new Date(Date.parse(night) - days * 86_400_000).toISOString().slice(0, 10)
