import { renderConsole } from '@agent-ci/reporting/console'
import { describe, expect, test } from '@jest/globals'
import { errored, failing, gate, HOSTILE, hostileRun, latencyGate, results, resultsOf, views } from './fixtures.ts'

const run = resultsOf(views, {
  verdict: 'failed',
  gates: [gate, { ...latencyGate, value: results.latency_p95 }],
})
const files = ['agent-ci-results/results.json', 'agent-ci-results/report.html']

describe('the report on a terminal', () => {
  test('says the verdict first, then the numbers, some failing examples, and where the rest is', () => {
    expect(renderConsole(run, [...failing.slice(0, 2), ...errored], { colour: false, files })).toBe(`
✗ failed latency p95 1.9 s misses <= 1.5 s
  53 of 58 measured examples passed; 58 of 60 planned trials measured; 2 trials lost to errors.

  metric         value                  threshold
  accuracy       0.914 (0.829 – 0.964)  >= 0.85    ✓ passed
  latency p95    1.9 s                  <= 1.5 s   ✗ failed
  tool accuracy  0.983
  latency mean   764 ms
  latency p50    557 ms
  latency p99    2.2 s
  cost           $0.1218
  tokens         24,360 in, 3,480 out
  coverage       0.967

  account-004  wrong answer  data/golden.jsonl:4
    expected  A duplicate charge is refunded within 5 days.
    got       You can close your account in the settings.
  refunds-012  wrong answer  data/golden.jsonl:12
    expected  A duplicate charge is refunded within 5 days.
    got       I am sorry, I can not help with refunds.
  shipping-018  not measured (rate-limit)  data/golden.jsonl:18
    expected  A duplicate charge is refunded within 5 days.
    error     429 Too Many Requests: retry after 60 s
  account-039  not measured (timeout)  data/golden.jsonl:39
    expected  A duplicate charge is refunded within 5 days.
    error     no answer within 30 s
  1 more example did not pass

  agent-ci-results/results.json
  agent-ci-results/report.html
  again: agent-ci eval --dataset data/golden.jsonl --agent 'command:node agent.mjs' --model model-small-1 --seed 42
`)
  })

  test('shows five failing examples and counts the others', () => {
    const text = renderConsole(run, [...failing, ...errored], { colour: false })
    expect(text.match(/^ {4}expected/gm)).toHaveLength(5)
    expect(text).toContain('\n  2 more examples did not pass\n')
  })

  test('in colour says the same', () => {
    const coloured = renderConsole(run, failing, { colour: true, files })
    expect(coloured).toContain('\u001b[31m✗ failed\u001b[0m')
    expect(coloured.replaceAll(/\u001b\[\d+m/g, '')).toBe(renderConsole(run, failing, { colour: false, files }))
  })
})

describe.each(Object.entries(HOSTILE))('a terminal shown hostile text (%s)', (_, text) => {
  const { results: hostile, views: all } = hostileRun(text)
  const shown = renderConsole(hostile, all, { colour: false, files: [text] })

  test('gets no command and no control', () => {
    expect(shown).toContain('pwned')
    expect(shown).not.toMatch(/^\s*::|##\[/m)
    expect(shown).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b\u2028-\u202e\u2066-\u2069]/)
    expect(shown.isWellFormed()).toBe(true)
  })

  test('gets as many lines as of any other text', () => {
    const { results: tame, views: good } = hostileRun('pwned')
    const lines = renderConsole(tame, good, { colour: false, files: ['pwned'] }).split('\n').length
    expect(shown.split('\n')).toHaveLength(lines)
  })
})
