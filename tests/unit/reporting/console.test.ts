import { renderConsole } from '@agent-ci/reporting/console'
import { describe, expect, test } from '@jest/globals'
import {
  errored,
  failing,
  gate,
  HOSTILE,
  hostileRun,
  latencyGate,
  PROBES,
  results,
  resultsOf,
  views,
} from './fixtures.ts'
import { comparedRun, incomparableRun, stoppedRun, unsureRun } from './runs.ts'

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
  score.exact    0.914
  score.tools    0.983
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

  test('of a run with a baseline says which one, what changed, and what got worse', () => {
    expect(renderConsole(comparedRun, [], { colour: false })).toBe(`
✗ failed shipping-038 always passed before and never passes now
  54 of 60 measured examples passed; 180 of 180 planned trials measured (3 repeats each).

  metric         value                  threshold
  accuracy       0.900 (0.819 – 0.953)  >= 0.85    ? inconclusive
  tool accuracy  1.000
  latency mean   756 ms
  latency p50    547 ms
  latency p95    1.8 s
  latency p99    2.2 s
  cost           $0.3780
  score.exact    0.900
  score.tools    1.000
  tokens         75,600 in, 10,800 out
  coverage       1.000

  baseline   runs/main, 4f920a8d31c0, 2026-11-19 17:31:08 UTC; not the same: code, prompts
  compared   accuracy −7.5 points (−13.9 to −0.5): 7 regressed, 2 improved, 49 unchanged  ✗ failed
  regressed  shipping-038 critical broken, account-004 confirmed, refunds-012 confirmed, refunds-027, refunds-032 and 2 more

  6 examples did not pass

  again: agent-ci eval --dataset data/golden.jsonl --agent 'command:node agent.mjs' --model model-small-1 --repeats 3 --seed 42
`)
  })

  test('of a run that stopped early gives what was still possible', () => {
    expect(renderConsole(stoppedRun.results, [], { colour: false })).toBe(`
✗ failed accuracy misses >= 0.85
  Stopped early: every gate was decided after 39 of 200 trials, so the other 161 were not made; 0 of 39 measured examples passed until then.

  metric         value                   threshold
  accuracy       0.000 – 0.805 possible  >= 0.85    ✗ failed
  tool accuracy  not estimated
  latency mean   419 ms
  latency p50    419 ms
  latency p95    437 ms
  latency p99    438 ms
  cost           $0.0819
  score.exact    not estimated
  score.tools    not estimated
  tokens         16,380 in, 2,340 out
  coverage       1.000

  Possible: what the full run could still have come to. A run that ends once it is sure ends at a lucky or an unlucky moment, so the share that passed until then is no estimate.

  39 examples did not pass

  again: agent-ci eval --dataset data/golden.jsonl --agent 'command:node agent.mjs' --model model-small-1 --seed 42
`)
  })

  test('of an inconclusive run says what to do next', () => {
    expect(renderConsole(unsureRun, [], { colour: false })).toBe(`
? inconclusive accuracy 0.880 meets >= 0.85 as observed, but 50 examples are too few to be sure
  44 of 50 measured examples passed; 50 of 50 planned trials measured.

  metric         value                     threshold
  accuracy       0.880 (0.777 – 0.946)     >= 0.85    ? inconclusive
  latency mean   758 ms (661 ms – 892 ms)  <= 2 s     ✓ passed
  tool accuracy  1.000
  latency p50    547 ms
  latency p95    1.9 s
  latency p99    2.2 s
  cost           $0.1050
  score.exact    0.880
  score.tools    1.000
  tokens         21,000 in, 3,000 out
  coverage       1.000

  accuracy: If 0.88 is the true share, about 832 examples would decide it (50 were run). 50 examples cannot tell 0.85 from 0.9: a system that is really 0.9 is confirmed in 25 of 100 runs.

  6 examples did not pass

  again: agent-ci eval --dataset data/golden.jsonl --agent 'command:node agent.mjs' --model model-small-1 --seed 42
`)
  })

  test('of two runs that cannot be compared says why', () => {
    expect(renderConsole(incomparableRun, [], { colour: false })).toContain(`
  baseline   elsewhere/trials.jsonl, unknown commit, unknown date; what differs is unknown
  compared   No example could be compared with the baseline  ! errored

`)
  })

  test('in colour says the same', () => {
    const coloured = renderConsole(run, failing, { colour: true, files })
    expect(coloured).toContain('\u001b[31m✗ failed\u001b[0m')
    expect(coloured.replaceAll(/\u001b\[\d+m/g, '')).toBe(renderConsole(run, failing, { colour: false, files }))
  })
})

describe.each(Object.entries({ ...HOSTILE, ...PROBES }))('a terminal shown hostile text (%s)', (_, text) => {
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
