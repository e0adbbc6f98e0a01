import { spawnSync } from 'node:child_process'
import type { Results } from '@agent-ci/core/results'
import { prose } from '@agent-ci/reporting/markdown'
import { readGates, titleOfMetric } from '@agent-ci/reporting/readings'
import { expectedText, headline, inputText, reproduceCommand, toolText } from '@agent-ci/reporting/wording'
import { describe, expect, test } from '@jest/globals'
import { gate, HOSTILE, results } from './fixtures.ts'

describe('a sentence in Markdown', () => {
  test.each([
    ['accuracy is 0.914 (53 of 58), meets >= 0.85', 'accuracy is 0.914 (53 of 58), meets >= 0.85'],
    [
      'latency_p95_ms rests on 12 of 60 trials; others failed.',
      'latency_p95_ms rests on 12 of 60 trials; others failed.',
    ],
    ['costs $0.02 or 5% more', 'costs $0.02 or 5% more'],
    ['score.judge [tag=a|b] is low', 'score.judge <code>&#91;tag&#61;a&#124;b&#93;</code> is low'],
    ['ask @admin or #12 now', 'ask <code>&#64;admin</code> or <code>&#35;12</code> now'],
    [
      'see www.evil.example GH-12 and cd9d0a3f',
      'see <code>www&#46;evil.example GH&#45;12</code> and <code>cd9d0a3f</code>',
    ],
    ['_a_ **b** <b>', '<code>&#95;a&#95; &#42;&#42;b&#42;&#42; &#60;b&#62;</code>'],
  ])('%s', (text, markdown) => expect(prose(text)).toBe(markdown))
})

describe('a gate as reports print it', () => {
  test.each([
    ['accuracy >= 0.85', 'accuracy', '>= 0.85'],
    ['latency_p95_ms[tag=billing] <= 1500', 'latency p95 [tag=billing]', '<= 1.5 s'],
    ['accuracy[tag=a >= 1] >= 0.9', 'accuracy [tag=a >= 1]', '>= 0.9'],
    ['cost_usd <= 2', 'cost', '<= $2'],
    ['score.judge >= 0.7', 'score.judge', '>= 0.7'],
    ['no rule', 'accuracy', 'no rule'],
  ])('%s', (rule, title, thresholdText) => {
    const metric = rule.split(/[[ ]/)[0] === 'no' ? 'accuracy' : rule.split(/[[ ]/)[0]!
    const [reading] = readGates({ gates: [{ ...gate, metric, rule }], metrics: {} })
    expect(reading).toMatchObject({ title, thresholdText })
  })

  test('a metric that has no title keeps its name', () =>
    expect(titleOfMetric('pass_hat_k[critical]')).toBe('pass_hat_k [critical]'))
})

describe('what a gate came to', () => {
  const words = (changes: Partial<Results['gates'][number]>) => {
    const [{ valueText, intervalText, reason } = { valueText: '', intervalText: '', reason: '' }] = readGates({
      gates: [{ ...gate, ...changes }],
      metrics: {},
    })
    return [valueText, intervalText, reason]
  }
  test.each([
    ['a value and its interval', {}, ['0.914', '0.829 – 0.964', 'Accuracy is 0.914 (53 of 58), meets 0.85.']],
    [
      'after an early stop what was possible, which is no interval',
      { value: null, interval: null, possible: [0, 0.845] as [number, number], reason: 'accuracy: decided' },
      ['0.000 – 0.845 possible', '', 'Decided.'],
    ],
    [
      'after an early stop a range without an upper end',
      { value: null, interval: null, possible: [0.2, null] as [number, null], reason: 'accuracy: decided' },
      ['≥ 0.200 possible', '', 'Decided.'],
    ],
    [
      'after an early stop no value without a range',
      { value: null, interval: null, reason: 'accuracy: decided' },
      ['decided early', '', 'Decided.'],
    ],
    [
      'nothing, where nothing was measured',
      { value: null, interval: null, verdict: 'errored' as const, reason: '' },
      ['unknown', '', ''],
    ],
    [
      'nothing, where it was set aside',
      { value: null, interval: null, verdict: 'inconclusive' as const, set_aside: true as const, reason: 'a?' },
      ['not measured', '', 'A?'],
    ],
  ])('%s', (_, changes, expected) => {
    expect(words(changes)).toEqual(expected.map((text) => text.replace('Accuracy is', 'accuracy is')))
  })
})

describe('the first line of a run that stopped early', () => {
  test.each([
    [[0.9, 0.98], 'meets >= 0.85 as observed, but 58 examples are too few to be sure'],
    [[0.1, 0.5], 'misses >= 0.85 as observed, but 58 examples are too few to be sure'],
    [[0.1, 0.9], 'is too close to >= 0.85 to tell'],
  ])('with %j possible and no verdict yet', (possible, words) => {
    const [low = 0, high = 0] = possible
    const unsure = { ...gate, value: null, interval: null, possible: [low, high] as [number, number] }
    const run = {
      ...results,
      verdict: 'inconclusive' as const,
      gates: [{ ...unsure, verdict: 'inconclusive' as const }],
    }
    expect(headline(run)).toBe(`accuracy ${words}`)
  })
})

describe('what an example says, as text', () => {
  test.each([
    ['a', 'a'],
    [
      [
        { role: 'user', content: 'hi' },
        { role: 'tool', content: [1] },
      ],
      'user: hi\ntool: [1]',
    ],
    [{ question: 'why', n: [1, {}] }, '{"question": "why", "n": [1, {}]}'],
    [['a', 1], '["a", 1]'],
    [null, 'null'],
  ])('an input', (input, text) => expect(inputText(input)).toBe(text))

  test.each([
    [undefined, ''],
    ['yes', 'yes'],
    [['yes', 'sure'], 'yes  or  sure'],
    [{ ok: true }, '{"ok": true}'],
  ])('an expected answer', (expected, text) => {
    expect(expectedText(expected === undefined ? {} : { expected })).toBe(text)
  })

  test('a string in JSON keeps its line breaks escaped', () => {
    expect(inputText({ a: 'x{\n  }y' })).toBe('{"a": "x{\\n  }y"}')
  })

  test('a tool call', () => {
    expect([toolText({ name: 'find' }), toolText({ name: 'find', args: { id: 7 } })]).toEqual([
      'find',
      'find({"id": 7})',
    ])
  })
})

describe('the command that runs it again', () => {
  test.each([
    ['command node agent.mjs --fast', "--agent 'command:node agent.mjs --fast'"],
    ['http http://127.0.0.1:8080/run', '--agent http://127.0.0.1:8080/run'],
    ['python app.agent:Agent', '--agent python:app.agent:Agent'],
    ['anthropic model-small-1', '--agent anthropic:model-small-1'],
  ])('names %s as the input takes it', (agent, option) => {
    expect(reproduceCommand({ ...results, agent })).toContain(` ${option} `)
  })

  test('names the configuration, which has all of its agent, instead of the agent', () => {
    expect(reproduceCommand({ ...results, config: 'ci/agent-ci.yaml', repeats: 3 })).toBe(
      'agent-ci eval --config ci/agent-ci.yaml --dataset data/golden.jsonl --model model-small-1 --repeats 3 --seed 42',
    )
  })

  test('names what was given beside a configuration, the agent too', () => {
    const inputs = {
      agent: "command:node 'my agent.mjs'",
      gates: 'accuracy >= 0.9, tool_accuracy >= 0.8',
      stop: 'never',
    }
    expect(reproduceCommand({ ...results, config: 'agent-ci.yaml', inputs })).toBe(
      "agent-ci eval --config agent-ci.yaml --dataset data/golden.jsonl --agent 'command:node '\\''my agent.mjs'\\''' --model model-small-1 " +
        "--gates 'accuracy >= 0.9, tool_accuracy >= 0.8' --stop never --seed 42",
    )
  })

  test.each([
    ['smoke', ['data/golden.jsonl'], 'smoke'],
    ['golden', ['data/golden.jsonl'], 'data/golden.jsonl'],
    ['a+b', ['x/a.jsonl', 'b.csv'], 'x/a.jsonl,b.csv'],
    ['all', ['x/a.jsonl', 'b.csv'], 'all'],
    ['langsmith:golden', [], 'langsmith:golden'],
  ])('names the dataset %s of %j as the configuration or the file that it is', (name, files, option) => {
    const dataset = { ...results.dataset, name, files }
    expect(reproduceCommand({ ...results, config: 'agent-ci.yaml', dataset })).toContain(
      ` --dataset ${option} --model `,
    )
  })

  test('names several files and repeats', () => {
    const dataset = { ...results.dataset, files: ['a.jsonl', 'b c.csv'] }
    expect(reproduceCommand({ ...results, dataset, repeats: 5, model: null })).toBe(
      "agent-ci eval --dataset 'a.jsonl,b c.csv' --agent 'command:node agent.mjs' --repeats 5 --seed 42",
    )
  })

  test.each(Object.entries(HOSTILE).filter(([name]) => !/NUL|surrogates|five/.test(name)))(
    'is quoted so that a shell passes every word on and runs none (%s)',
    (_, text) => {
      const words = ['$(touch pwned)', "it's", '`touch pwned`', '; touch pwned', text]
      for (const seed of words) {
        const command = reproduceCommand({ ...results, seed })
        const shell = spawnSync(
          '/bin/sh',
          ['-c', `agent-ci() { printf '%s\\0' "$@"; }\n${command}`.replaceAll('agent-ci', 'agent_ci')],
          {
            encoding: 'utf8',
            env: { PATH: '' },
          },
        )
        expect(shell.stdout.split('\0').at(-2)).toBe(seed.replaceAll('agent-ci', 'agent_ci'))
      }
    },
  )
})
