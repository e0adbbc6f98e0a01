import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { OUTPUTS } from '@agent-ci/action-prompt-regression/interface'
import { type PromptResults, promptResultsSchema } from '@agent-ci/core/prompt-results'
import { trialRecordSchema } from '@agent-ci/core/trial-record'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { Repository } from '../integration/prompts/repository.ts'
import { numberedExamples, runStep, type StepResult, Workspace } from './step.ts'

let workspace: Workspace
let repository: Repository
beforeEach(() => {
  workspace = new Workspace()
  repository = new Repository(workspace.directory)
  repository.run('init', '--quiet', '--initial-branch=main')
})
afterEach(() => workspace.remove())

const GOOD = 'You answer questions.\nAlways look the answer up.\nAnswer in one sentence.\n'
const WORSE = 'You answer questions.\nBe brief.\nAnswer in one sentence.\n'

/**
 * An agent that does what its prompt says: without "look the answer up" it calls no tool and answers every third question wrongly,
 * without "You answer questions" it is wrong on questions 0 … 9. `never` in the prompt makes it ramble in Markdown and HTML.
 */
const AGENT = `
import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
const file = process.env.AGENT_CI_PROMPTS_DIR + '/prompts/support.md'
const prompt = existsSync(file) ? readFileSync(file, 'utf8') : 'You answer questions. look the answer up'
for await (const line of createInterface({ input: process.stdin })) {
  const { trial, id, input, prompts } = JSON.parse(line)
  const i = Number(input.split(' ')[1])
  appendFileSync('calls.txt', process.env.AGENT_CI_ARM + ' ' + trial + '\\n')
  const looks = prompt.includes('look the answer up')
  const wrong = (!looks && i % 3 === 0) || (!prompt.includes('You answer questions') && i < 10)
  const output = wrong ? (prompt.includes('never') ? '</pre><script>alert(1)</script>\\n::error::forged\\n| @octocat |' : 'I guess ' + i) : 'answer ' + i
  console.log(JSON.stringify({ trial, output, tool_calls: looks ? [{ name: 'read' , args: {} }, { name: 'look_up', args: { i } }] : [{ name: 'read', args: {} }] }))
}
`

const SMALL = { agent: 'command:node agent.mjs', dataset: 'golden.jsonl', seed: '1', concurrency: '4' }

/** A repository whose main has an agent, 30 examples and a prompt; returns main's commit. */
function mainBranch(prompt: string = GOOD, more: Record<string, string> = {}): string {
  return repository.commit({
    'agent.mjs': AGENT,
    'golden.jsonl': numberedExamples(30),
    'prompts/support.md': prompt,
    'README.md': 'a project\n',
    ...more,
  })
}

const calls = (): string[] => (existsSync(join(workspace.directory, 'calls.txt')) ? workspace.lines('calls.txt') : [])
const results = (): PromptResults => promptResultsSchema.parse(workspace.json('agent-ci-results/results.json'))

/** The environment of a pull request's run. */
function pullRequest(base: string, head: string, from = 'org/app'): Record<string, string> {
  const event = {
    pull_request: {
      number: 7,
      base: { ref: 'main', sha: base, repo: { full_name: 'org/app' } },
      head: { ref: 'change', sha: head, repo: { full_name: from } },
    },
  }
  return {
    GITHUB_EVENT_NAME: 'pull_request',
    GITHUB_EVENT_PATH: workspace.write('.git/event.json', JSON.stringify(event)),
  }
}

/** Commits a change of main on a branch and runs the action for it as a pull request. */
async function propose(change: () => string, inputs: Record<string, string> = {}, from?: string): Promise<StepResult> {
  const base = repository.run('rev-parse', 'HEAD')
  repository.run('checkout', '--quiet', '-b', 'change')
  const head = change()
  return runStep('prompt-regression', workspace, { ...SMALL, ...inputs }, pullRequest(base, head, from))
}

const expectNoDefect = (step: StepResult): void => {
  expect(step.log).not.toContain('defect')
  expect(Object.keys(step.outputs).sort()).toEqual(Object.keys(OUTPUTS).sort())
}

describe('what a pull request does to the answers', () => {
  test('a worse prompt fails, and shows what got worse, where and how to see it again', async () => {
    mainBranch()
    const step = await propose(() => repository.commit({ 'prompts/support.md': WORSE }))
    expectNoDefect(step)
    expect(step.status).toBe(1)
    expect(step.outputs).toMatchObject({ verdict: 'failed', regressions: '10', improvements: '0' })
    expect(JSON.parse(step.outputs['changed-prompts']!)).toMatchObject([
      { path: 'prompts/support.md', change: 'modified', variables_dropped: [] },
    ])
    const found = results()
    expect(found).toMatchObject({
      verdict: 'failed',
      comparison: { reading: 'regression', regressed: 10, improved: 0, unchanged: 20 },
      kept: { passed_before: 30, still_passed: 20, needed: 27 },
      counts: { planned: 180, measured: 180, errored: 0 },
    })
    expect(found.regressed_examples[0]).toMatchObject({
      id: 'e0',
      expected: 'answer 0',
      before: 'answer 0',
      after: 'I guess 0',
      parts_at: { step: 2, before: { name: 'look_up' }, after: null },
      source: { file: 'golden.jsonl', line: 1 },
    })
    expect(found.regressed_examples[0]!.reproduce).toMatch(/^agent-ci prompts test --base-ref \w{40} .*--examples e0 /)
    const summary = step.summary.split('\n')
    expect(summary[0]).toMatch(/^## ❌ failed/)
    for (const part of ['-Always look the answer up.', '+Be brief.', '10 regressed', 'the two part'])
      expect(step.summary).toContain(part)
    const report = workspace.read('agent-ci-results/report.html')
    expect(report).toContain('Always look the answer up.')
    expect(report).toContain('I guess 0')
    expect(workspace.read(step.outputs['diff-path']!)).toContain('-Always look the answer up.\n+Be brief.\n')
    const placed = step.annotations.map(({ level, properties }) => `${level} ${properties}`)
    expect(placed).toContainEqual(expect.stringMatching(/^error .*file=prompts\/support\.md,line=2/))
    expect(placed).toContainEqual(expect.stringMatching(/^error .*file=golden\.jsonl,line=1(,|$)/))
    expect(step.annotations.filter(({ level }) => level === 'error').length).toBeLessThanOrEqual(10)
  })

  test('a better prompt passes', async () => {
    mainBranch(WORSE)
    const step = await propose(() => repository.commit({ 'prompts/support.md': GOOD }))
    expectNoDefect(step)
    expect(step.outputs).toMatchObject({ verdict: 'passed', regressions: '0', improvements: '10' })
    expect(step.status).toBe(0)
  })

  test('a comment in the prompt is not red, and the report says that nothing differed', async () => {
    mainBranch()
    const step = await propose(() => repository.commit({ 'prompts/support.md': `<!-- reviewed -->\n${GOOD}` }))
    expectNoDefect(step)
    expect(step.status).toBe(0)
    expect(results().notes.join()).toContain('Every answer was the same')
  })

  test('both arms run side by side, with equally many trials and changing order', async () => {
    mainBranch()
    await propose(() => repository.commit({ 'prompts/support.md': `${GOOD}\n` }), { concurrency: '1' })
    const made = calls().slice(0, 180)
    const pairs = Array.from({ length: 90 }, (_, i) => made.slice(2 * i, 2 * i + 2).map((call) => call.split(' ')))
    for (const [one, other] of pairs) {
      expect(one![1]).toBe(other![1])
      expect([one![0], other![0]].sort()).toEqual(['base', 'candidate'])
    }
    const baseFirst = pairs.filter(([one]) => one![0] === 'base').length
    expect(baseFirst).toBeGreaterThan(25)
    expect(baseFirst).toBeLessThan(65)
    for (const file of ['trials-base.jsonl', 'trials-candidate.jsonl']) {
      const trials = workspace
        .lines(`agent-ci-results/${file}`)
        .map((line) => trialRecordSchema.parse(JSON.parse(line)))
      expect(new Set(trials.map(({ example_id, repeat }) => `${example_id}#${repeat}`)).size).toBe(90)
    }
  })

  test('without a changed prompt nothing is called', async () => {
    mainBranch()
    const step = await propose(() => repository.commit({ 'README.md': 'a better project\n' }))
    expectNoDefect(step)
    expect(step.status).toBe(0)
    expect(step.outputs).toMatchObject({ verdict: 'passed', 'changed-prompts': '[]', regressions: '0' })
    expect(step.annotations).toEqual([expect.objectContaining({ level: 'notice' })])
    expect(calls()).toEqual([])
    for (const name of ['results-path', 'report-path', 'diff-path'])
      expect(existsSync(join(workspace.directory, step.outputs[name]!))).toBe(true)
  })

  test('an added prompt is evaluated and not compared', async () => {
    mainBranch()
    const step = await propose(() => repository.commit({ 'prompts/refund.md': 'Refunds take 30 days.\n' }))
    expectNoDefect(step)
    expect(step.outputs).toMatchObject({ verdict: 'passed', regressions: '0' })
    expect(new Set(calls().map((call) => call.split(' ')[0]))).toEqual(new Set(['candidate']))
    expect(results()).toMatchObject({ base: null, comparison: null, candidate: { accuracy: 1 } })
    expect(step.summary).toContain('nothing to compare it with')
  })

  test('a deleted prompt that the agent still uses fails', async () => {
    mainBranch('Always look the answer up.\n')
    const step = await propose(() => {
      repository.remove('prompts/support.md')
      repository.write('agent.mjs', AGENT.replace("'You answer questions. look the answer up'", "'nothing'"))
      return repository.commit()
    })
    expectNoDefect(step)
    expect(results().changed_prompts).toMatchObject([
      { path: 'prompts/support.md', change: 'deleted', hash_after: null },
    ])
    expect(step.outputs.verdict).toBe('failed')
    expect(step.summary).toContain('-Always look the answer up.')
  })

  test('a dropped variable fails, whatever the answers are', async () => {
    mainBranch(`${GOOD}Speak {{language}}.\n`)
    const step = await propose(() => repository.commit({ 'prompts/support.md': GOOD }))
    expectNoDefect(step)
    expect(step.status).toBe(1)
    expect(results()).toMatchObject({ verdict: 'failed', changed_prompts: [{ variables_dropped: ['language'] }] })
    expect(results().comparison).not.toBeNull()
    expect(step.annotations).toContainEqual(
      expect.objectContaining({ level: 'error', properties: expect.stringContaining('language dropped') }),
    )
  })

  test('what looks broken is run again, and an agent that is only noisy is not red', async () => {
    mainBranch(GOOD, {
      'agent.mjs': AGENT.replace(
        'const wrong =',
        // The candidate is unlucky in its first three trials of some examples, and as good as the base afterwards.
        "const repeat = Number(trial.split('#')[1])\n  const wrong = (process.env.AGENT_CI_ARM === 'candidate' && i % 8 === 0 && repeat < 3) ||",
      ),
    })
    const flaky = await propose(() => repository.commit({ 'prompts/support.md': `${GOOD}Thanks.\n` }), {
      margin: '0.2',
    })
    expectNoDefect(flaky)
    expect(flaky.outputs).toMatchObject({ regressions: '0' })
    expect(results().comparison!.regressions.map(({ finding }) => finding)).toEqual([
      'flaky',
      'flaky',
      'flaky',
      'flaky',
    ])
    expect(results().kept).toMatchObject({ passed_before: 30, still_passed: 30 })
  })

  test('max-regressions and a critical example fail a run by themselves', async () => {
    mainBranch(GOOD, { 'golden.jsonl': numberedExamples(60, (i) => (i === 3 ? { critical: true } : {})) })
    const change = () =>
      repository.commit({
        'prompts/support.md': `${GOOD}More.\n`,
        'agent.mjs': AGENT.replace('const wrong =', "const wrong = (prompt.includes('More') && i === 3) ||"),
      })
    const step = await propose(change, { margin: '0.5' })
    expectNoDefect(step)
    expect(step.outputs).toMatchObject({ verdict: 'failed', regressions: '1' })
    expect(results().reason).toContain('e3')
  })
})

describe('a hostile pull request', () => {
  const CONFIG = `version: 1
agent: command:node agent.mjs
datasets: { golden: golden.jsonl }
scorers: [exact]
evaluation: { seed: 1, margin: 0.03, on_inconclusive: fail }
`
  const EASY = `version: 1
agent: command:node agent.mjs
datasets: { golden: golden.jsonl }
scorers: [{ type: regex, pattern: "" }]
prompts: { threshold: 0 }
evaluation: { seed: 1, margin: 1, min_coverage: 0, on_inconclusive: pass }
`
  const NO_INPUTS = { agent: '', dataset: '', seed: '', concurrency: '4' }

  test.each(['org/app', 'stranger/app'])('of %s cannot lower the bar in its configuration', async (from) => {
    mainBranch(GOOD, { 'agent-ci.yaml': CONFIG })
    const change = () => repository.commit({ 'prompts/support.md': WORSE, 'agent-ci.yaml': EASY })
    const step = await propose(change, NO_INPUTS, from)
    expectNoDefect(step)
    expect(step.outputs.verdict).toBe('failed')
    expect(results().kept).toMatchObject({ threshold: 0.9 })
    expect(step.log).toContain('that is ignored until it is merged')
  })

  test('of a fork cannot bring a configuration where there was none', async () => {
    mainBranch()
    const change = () => repository.commit({ 'prompts/support.md': WORSE, 'agent-ci.yaml': EASY })
    const step = await propose(change, {}, 'stranger/app')
    expectNoDefect(step)
    expect(step.outputs.verdict).toBe('failed')
    expect(step.log).toContain('is ignored, for it comes from a fork')
  })

  test('that another event is about cannot bring one either', async () => {
    mainBranch()
    repository.run('checkout', '--quiet', '-b', 'change')
    repository.commit({ 'prompts/support.md': WORSE, 'agent-ci.yaml': EASY })
    const env = { GITHUB_EVENT_NAME: 'workflow_run', GITHUB_EVENT_PATH: workspace.write('.git/event.json', '{}') }
    const step = await runStep('prompt-regression', workspace, { ...SMALL, 'base-ref': 'main' }, env)
    expectNoDefect(step)
    expect(step.outputs.verdict).toBe('failed')
    expect(step.log).toContain('is ignored')
  })

  test('cannot have a file outside the workspace read as a dataset, nor results written there', async () => {
    const outside = await mkdtemp(join(tmpdir(), 'agent-ci-outside-'))
    writeFileSync(join(outside, 'secret.jsonl'), '{"id": "s3cr3t-token", "input": "x", "expected": "y"}\n')
    writeFileSync(join(outside, 'profile'), 'untouched')
    try {
      mainBranch(GOOD, { 'agent-ci.yaml': CONFIG })
      const step = await propose(
        () => {
          repository.remove('golden.jsonl')
          repository.link('golden.jsonl', join(outside, 'secret.jsonl'))
          return repository.commit({ 'prompts/support.md': WORSE })
        },
        NO_INPUTS,
        'stranger/app',
      )
      expect(step.status).toBe(1)
      expect(step.outputs.verdict).toBe('errored')
      expect(step.log).toContain('leads out of the workspace')
      expect(step.log).not.toContain('s3cr3t')
      expect(calls()).toEqual([])

      repository.remove('golden.jsonl')
      for (const file of ['results.json', 'trials-base.jsonl', 'report.html'])
        repository.link(`agent-ci-results/${file}`, join(outside, 'profile'))
      const head = repository.commit({ 'golden.jsonl': numberedExamples(6) })
      const again = await runStep('prompt-regression', workspace, NO_INPUTS, {
        ...pullRequest(repository.run('rev-parse', 'main'), head, 'stranger/app'),
      })
      expect(again.outputs.verdict).not.toBe('errored')
      expect(readFileSync(join(outside, 'profile'), 'utf8')).toBe('untouched')
    } finally {
      await rm(outside, { recursive: true, force: true })
    }
  })

  test('with commands, Markdown and HTML in names, prompts and answers gets none of them obeyed', async () => {
    mainBranch()
    const name =
      'prompts/::error::forged %0A"quoted" <img src=x onerror=alert(1)> ü\n::set-output name=verdict::passed.md'
    const step = await propose(
      () =>
        repository.commit({
          [name]: 'x\n',
          'prompts/support.md':
            'You answer questions, never.\n````\n</details><script>alert(1)</script>\n::error::forged\n##[error]forged\n@octocat #1 ```\n',
        }),
      {},
      'stranger/app',
    )
    expectNoDefect(step)
    expect(step.outputs.verdict).toBe('failed')
    expect(step.log).not.toMatch(/^\s*::(?:error|set-output)[^:]*::forged/m)
    expect(step.log).not.toMatch(/^\s*::set-output/m)
    expect(step.log).not.toContain('##[error]')
    const report = workspace.read('agent-ci-results/report.html')
    expect(report).not.toContain('<script')
    expect(report).not.toContain('<img')
    // The diff's fence is longer than any run of backticks in it, so what is in it stays in it.
    const fence = /^(`{5,})diff$/m.exec(step.summary)![1]!
    const outside = step.summary
      .split(new RegExp(`^${fence}(?:diff)?$`, 'm'))
      .filter((_, i) => i % 2 === 0)
      .join('')
    expect(outside.replaceAll(/^```diff\n[\s\S]*?^```$/gm, '')).not.toMatch(/<script|<img|@octocat|^::/m)
  })
})

describe('from a terminal and other events', () => {
  test('compares the branch with main where there is no event', async () => {
    mainBranch()
    repository.run('checkout', '--quiet', '-b', 'change')
    repository.commit({ 'prompts/support.md': WORSE })
    const step = await runStep('prompt-regression', workspace, SMALL)
    expectNoDefect(step)
    expect(step.outputs).toMatchObject({ verdict: 'failed', regressions: '10' })
  })

  test('an example can be run alone, and an unknown one is refused', async () => {
    mainBranch()
    repository.run('checkout', '--quiet', '-b', 'change')
    repository.commit({ 'prompts/support.md': WORSE })
    const one = await runStep('prompt-regression', workspace, { ...SMALL, examples: 'e3', confirm: 'false' })
    expect(one.outputs).toMatchObject({ verdict: 'failed', regressions: '1' })
    expect(new Set(calls().map((call) => call.split(' ')[1]!.split('#')[0]))).toEqual(new Set(['e3']))
    const unknown = await runStep('prompt-regression', workspace, { ...SMALL, examples: 'e33' })
    expect(unknown.status).toBe(1)
    expect(unknown.log).toContain('Did you mean')
  })

  test('only the datasets of the changed prompts are run, and the log says why', async () => {
    mainBranch(GOOD, {
      'refunds.jsonl': numberedExamples(5, (i) => ({ id: `r${i}` })),
      'agent-ci.yaml': `version: 1
agent: command:node agent.mjs
datasets: { golden: golden.jsonl, refunds: refunds.jsonl }
prompts: { datasets: { golden: [prompts/support.md], refunds: [prompts/refund*.md] } }
`,
    })
    const step = await propose(() => repository.commit({ 'prompts/support.md': WORSE }), { agent: '', dataset: '' })
    expectNoDefect(step)
    expect(results().dataset).toMatchObject({ name: 'golden', examples: 30 })
    expect(step.log).toContain('Dataset refunds is skipped: none of its prompts changed')
  })

  test('an HTTP agent whose request has no place for the prompts is refused before any call', async () => {
    mainBranch(GOOD, {
      'agent-ci.yaml':
        'version: 1\nagent: { type: http, url: "http://127.0.0.1:9/", body: { q: "{{input}}" } }\ndatasets: { golden: golden.jsonl }\n',
    })
    const step = await propose(() => repository.commit({ 'prompts/support.md': WORSE }), { agent: '', dataset: '' })
    expect(step.status).toBe(1)
    expect(step.log).toContain('{{prompts}}')
  })
})
