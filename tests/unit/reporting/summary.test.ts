import { renderSummary, SUMMARY_BYTES } from '@agent-ci/reporting/summary'
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
  view,
  views,
  wrong,
} from './fixtures.ts'
import { comparedRun, incomparableRun, regressedRun, stoppedRun, unchangedRun, unclearRun, unsureRun } from './runs.ts'

const firstLine = (markdown: string): string => markdown.split('\n')[0]!

describe('the summary', () => {
  test('says everything, the verdict first', () => {
    const run = resultsOf(views, {
      verdict: 'failed',
      gates: [gate, { ...latencyGate, value: results.latency_p95 }],
    })
    const links = { reportPath: 'agent-ci-results/report.html', runUrl: 'https://github.com/o/r/actions/runs/1' }
    expect(
      renderSummary(run, [...failing.slice(0, 2), ...errored], links),
    ).toBe(`## ❌ failed — latency p95 1.9 s misses <= 1.5 s

53 of 58 measured examples passed; 58 of 60 planned trials measured; 2 trials lost to errors.

| gate | value | threshold | verdict |
|---|---|---|---|
| accuracy | 0.914 (0.829 – 0.964) | >= 0.85 | ✅ passed |
| latency p95 | 1.9 s | <= 1.5 s | ❌ failed |

In parentheses: the confidence interval, the values that fit what this run saw. Each end holds with 95 % confidence.

### Numbers

| metric | value |
|---|---|
| tool accuracy | 0.983 |
| latency mean | 764 ms |
| latency p50 | 557 ms |
| latency p99 | 2.2 s |
| cost | $0.1218 |
| score.exact | 0.914 |
| score.tools | 0.983 |
| tokens | 24,360 in, 3,480 out |
| coverage | 0.967 |

### By tag

| tag | examples | accuracy | tool accuracy |
|---|---|---|---|
| <code>refunds</code> | 12 | 0.750 | 1.000 |
| <code>multi&#45;turn</code> | 9 | 0.889 | 1.000 |
| <code>account</code> | 11 | 0.909 | 1.000 |
| <code>smalltalk</code> | 12 | 0.917 | 1.000 |
| <code>billing</code> | 12 | 1.000 | 0.917 |
| <code>shipping</code> | 11 | 1.000 | 1.000 |

### 5 failing examples

<details><summary><code>account&#45;004</code> wrong answer: expected <code>A duplicate charge is refunded within 5 days.</code>, got <code>You can close your account in the settings.</code></summary>

- **expected** <code>A duplicate charge is refunded within 5 days.</code>
- **got** <code>You can close your account in the settings.</code>
- **scored** 0.000 by <code>exact</code>: <code>differs from the expected answer</code>
- **latency** 1.3 s
- **source** <code>data&#47;golden.jsonl&#58;4</code>

</details>
<details><summary><code>refunds&#45;012</code> wrong answer: expected <code>A duplicate charge is refunded within 5 days.</code>, got <code>I am sorry, I can not help with refunds.</code></summary>

- **expected** <code>A duplicate charge is refunded within 5 days.</code>
- **got** <code>I am sorry, I can not help with refunds.</code>
- **scored** 0.000 by <code>exact</code>: <code>differs from the expected answer</code>
- **latency** 1.0 s
- **source** <code>data&#47;golden.jsonl&#58;12</code>

</details>

… and 3 more failing examples: see \`report.html\` and \`trials.jsonl\` among the run’s files

### 2 trials lost to errors

These are no answers of the agent: they count neither as passed nor as failed.

| error | trials |
|---|---|
| <code>rate&#45;limit</code> | 1 |
| <code>timeout</code> | 1 |

The first one, at <code>shipping&#45;018</code>: <code>429 Too Many Requests&#58; retry after 60 s</code>

### What was run

- dataset <code>golden</code>: 60 examples, <code>sha256&#58;0123456789ab</code>
- agent <code>command node agent.mjs</code>, model <code>model&#45;small&#45;1</code>, seed <code>42</code>
- Report: <code>agent&#45;ci&#45;results&#47;report.html</code> · [Run](https://github.com/o/r/actions/runs/1)

The same from a terminal:

\`\`\`sh
agent-ci eval --dataset data/golden.jsonl --agent 'command:node agent.mjs' --model model-small-1 --seed 42
\`\`\`
`)
  })

  test('of a run without failures, tags, cost or tokens holds no empty part', () => {
    const good = [0, 5].map((index) => {
      const each = view(index, { usage: {} })
      return { ...each, example: { ...each.example, tags: [] } }
    })
    const run = resultsOf(good, { gates: [{ ...gate, value: 1, interval: null }], model: null })
    expect(renderSummary(run, [])).toBe(`## ✅ passed — accuracy 1.000 meets >= 0.85

2 of 2 measured examples passed; 2 of 2 planned trials measured.

| gate | value | threshold | verdict |
|---|---|---|---|
| accuracy | 1.000 | >= 0.85 | ✅ passed |

### Numbers

| metric | value |
|---|---|
| tool accuracy | 1.000 |
| latency mean | 393 ms |
| latency p50 | 380 ms |
| latency p95 | 405 ms |
| latency p99 | 405 ms |
| cost | unknown |
| score.exact | 1.000 |
| score.tools | 1.000 |
| tokens | unknown |
| coverage | 1.000 |

### What was run

- dataset <code>golden</code>: 2 examples, <code>sha256&#58;0123456789ab</code>
- agent <code>command node agent.mjs</code>, seed <code>42</code>

The same from a terminal:

\`\`\`sh
agent-ci eval --dataset data/golden.jsonl --agent 'command:node agent.mjs' --seed 42
\`\`\`
`)
  })

  test('of a run with a baseline says which one, what changed, and what broke, the critical first', () => {
    expect(renderSummary(comparedRun, [])).toBe(`## ❌ failed — shipping-038 always passed before and never passes now

54 of 60 measured examples passed; 180 of 180 planned trials measured (3 repeats each).

| gate | value | threshold | verdict |
|---|---|---|---|
| accuracy | 0.900 (0.819 – 0.953) | >= 0.85 | ❔ inconclusive |

In parentheses: the confidence interval, the values that fit what this run saw. Each end holds with 95 % confidence.

<details><summary>What is inconclusive, and what would decide it</summary>

- accuracy: 180 trials are only a sample, and luck plays a part. Observed 0.9, but the true share may lie anywhere from 0.819 to 0.953: whether it is at least 0.85 cannot be told from this run. Run more examples: the more there are, the less luck counts.

</details>

### ❌ 1 critical example broken since the baseline

Baseline <code>runs&#47;main</code>, commit <code>4f920a8d31c0</code>, 2026-11-19 17:31:08 UTC; not the same: code, prompts.

shipping-038 always passed before and never passes now.

- accuracy **−7.5 points** (confidence interval −13.9 to −0.5); a drop of less than 3 points is tolerated
- 7 regressed, 2 improved, 49 unchanged
- latency mean 671 ms before, 763 ms now: +92 ms (+83 ms to +101 ms)
- cost per trial $0.0023 before, $0.0021 now: −$0.00020 (−$0.00022 to −$0.00018)
- A drop of 11.9 points or more would have been noticed with a chance of 80 %

#### 7 regressed examples

| example | passed before | passed now | run again | finding |
|---|---|---|---|---|
| <code>shipping&#45;038</code> **critical** | 3 of 3 | 0 of 3 | 0 of 8 | ❌ broken: never passes any more |
| <code>account&#45;004</code> | 3 of 3 | 0 of 3 | 0 of 8 | ❌ confirmed by new runs |
| <code>refunds&#45;012</code> | 3 of 3 | 0 of 3 | 1 of 8 | ❌ confirmed by new runs |
| <code>refunds&#45;027</code> | 2 of 3 | 0 of 3 |  | not run again |
| <code>refunds&#45;032</code> | 3 of 3 | 2 of 3 |  | not run again |
| <code>smalltalk&#45;045</code> | 3 of 3 | 1 of 3 |  | not run again |
| <code>refunds&#45;022</code> | 3 of 3 | 1 of 3 | 7 of 8 | flaky: new runs do not confirm it |

<details><summary>2 improved examples</summary>

| example | passed before | passed now |
|---|---|---|
| <code>account&#45;049</code> | 1 of 3 | 3 of 3 |
| <code>shipping&#45;053</code> | 1 of 3 | 2 of 3 |

</details>

<details><summary>4 examples not compared</summary>

- 2 changed (same id, other content): <code>billing&#45;006</code>, <code>billing&#45;041</code>
- 1 only in the baseline: <code>billing&#45;retired</code>
- 1 only in this run: <code>refunds&#45;new</code>

</details>

### Numbers

| metric | value |
|---|---|
| tool accuracy | 1.000 |
| latency mean | 756 ms |
| latency p50 | 547 ms |
| latency p95 | 1.8 s |
| latency p99 | 2.2 s |
| cost | $0.3780 |
| score.exact | 0.900 |
| score.tools | 1.000 |
| tokens | 75,600 in, 10,800 out |
| coverage | 1.000 |

### By tag

| tag | examples | accuracy | tool accuracy |
|---|---|---|---|
| <code>refunds</code> | 12 | 0.750 | 1.000 |
| <code>shipping</code> | 12 | 0.889 | 1.000 |
| <code>account</code> | 12 | 0.917 | 1.000 |
| <code>multi&#45;turn</code> | 9 | 0.926 | 1.000 |
| <code>smalltalk</code> | 12 | 0.944 | 1.000 |
| <code>billing</code> | 12 | 1.000 | 1.000 |

### 6 failing examples


6 failing examples: see \`report.html\` and \`trials.jsonl\` among the run’s files

### What was run

- dataset <code>golden</code>: 60 examples, <code>sha256&#58;0123456789ab</code>
- agent <code>command node agent.mjs</code>, model <code>model&#45;small&#45;1</code>, seed <code>42</code>

The same from a terminal:

\`\`\`sh
agent-ci eval --dataset data/golden.jsonl --agent 'command:node agent.mjs' --model model-small-1 --repeats 3 --seed 42
\`\`\`
`)
  })

  test('of a run that stopped early gives what was still possible, and calls no part of it an estimate', () => {
    expect(renderSummary(stoppedRun.results, [])).toBe(`## ❌ failed — accuracy misses >= 0.85

Stopped early: every gate was decided after 39 of 200 trials, so the other 161 were not made; 0 of 39 measured examples passed until then.

| gate | value | threshold | verdict |
|---|---|---|---|
| accuracy | 0.000 – 0.805 possible | >= 0.85 | ❌ failed |

Possible: what the full run could still have come to. A run that ends once it is sure ends at a lucky or an unlucky moment, so the share that passed until then is no estimate.

### Numbers

| metric | value |
|---|---|
| tool accuracy | not estimated |
| latency mean | 419 ms |
| latency p50 | 419 ms |
| latency p95 | 437 ms |
| latency p99 | 438 ms |
| cost | $0.0819 |
| score.exact | not estimated |
| score.tools | not estimated |
| tokens | 16,380 in, 2,340 out |
| coverage | 1.000 |

### 39 failing examples


39 failing examples: see \`report.html\` and \`trials.jsonl\` among the run’s files

### What was run

- dataset <code>golden</code>: 200 examples, <code>sha256&#58;0123456789ab</code>
- agent <code>command node agent.mjs</code>, model <code>model&#45;small&#45;1</code>, seed <code>42</code>

The same from a terminal:

\`\`\`sh
agent-ci eval --dataset data/golden.jsonl --agent 'command:node agent.mjs' --model model-small-1 --seed 42
\`\`\`
`)
  })

  test('of an inconclusive run says what that means and what to do next, in words for anybody', () => {
    expect(
      renderSummary(unsureRun, []),
    ).toBe(`## ❔ inconclusive — accuracy 0.880 meets >= 0.85 as observed, but 50 examples are too few to be sure

44 of 50 measured examples passed; 50 of 50 planned trials measured.

| gate | value | threshold | verdict |
|---|---|---|---|
| accuracy | 0.880 (0.777 – 0.946) | >= 0.85 | ❔ inconclusive |
| latency mean | 758 ms (661 ms – 892 ms) | <= 2 s | ✅ passed |

In parentheses: the confidence interval, the values that fit what this run saw. Each end holds with 95 % confidence.

**What this means:** 50 examples are only a sample, and luck plays a part. Observed 0.88, but the true share may lie anywhere from 0.777 to 0.946: whether it is at least 0.85 cannot be told from this run.

**What to do next:** If 0.88 is the true share, about 832 examples would decide it (50 were run). 50 examples cannot tell 0.85 from 0.9: a system that is really 0.9 is confirmed in 25 of 100 runs.

**Until then:** The setting on-inconclusive decides whether such a run fails its job; by default what was observed counts, so that this job passes.

### Numbers

| metric | value |
|---|---|
| tool accuracy | 1.000 |
| latency p50 | 547 ms |
| latency p95 | 1.9 s |
| latency p99 | 2.2 s |
| cost | $0.1050 |
| score.exact | 0.880 |
| score.tools | 1.000 |
| tokens | 21,000 in, 3,000 out |
| coverage | 1.000 |

### By tag

| tag | examples | accuracy | tool accuracy |
|---|---|---|---|
| <code>shipping</code> | 10 | 0.800 | 1.000 |
| <code>multi&#45;turn</code> | 8 | 0.875 | 1.000 |
| <code>billing</code> | 10 | 0.900 | 1.000 |
| <code>refunds</code> | 10 | 0.900 | 1.000 |
| <code>account</code> | 10 | 0.900 | 1.000 |
| <code>smalltalk</code> | 10 | 0.900 | 1.000 |

### 6 failing examples


6 failing examples: see \`report.html\` and \`trials.jsonl\` among the run’s files

### What was run

- dataset <code>golden</code>: 50 examples, <code>sha256&#58;0123456789ab</code>
- agent <code>command node agent.mjs</code>, model <code>model&#45;small&#45;1</code>, seed <code>42</code>

The same from a terminal:

\`\`\`sh
agent-ci eval --dataset data/golden.jsonl --agent 'command:node agent.mjs' --model model-small-1 --seed 42
\`\`\`
`)
  })

  test.each([
    ['passed', [gate], '## ✅ passed — accuracy 0.914 meets >= 0.85'],
    ['passed', [gate, gate, gate], '## ✅ passed — accuracy 0.914 meets >= 0.85, and 2 more gates pass'],
    ['failed', [{ ...gate, verdict: 'failed', value: 0.84999 }], '## ❌ failed — accuracy 0.84999 misses >= 0.85'],
    [
      'failed',
      [gate, { ...latencyGate, rule: 'latency_p95_ms[tag=billing] <= 1500' }],
      '## ❌ failed — latency p95 <code>&#91;tag&#61;billing&#93;</code> 1.8 s misses <= 1.5 s',
    ],
    [
      'inconclusive',
      [{ ...gate, verdict: 'inconclusive', value: 0.86 }],
      '## ❔ inconclusive — accuracy 0.860 meets >= 0.85 as observed, but 58 examples are too few to be sure',
    ],
    [
      'errored',
      [{ ...gate, verdict: 'errored', value: null }],
      '## ⚠️ errored — Only 12 of 60 planned trials could be measured',
    ],
    ['failed', [], '## ❌ failed — Only 12 of 60 planned trials could be measured'],
  ] as const)('of a run that %s begins with the verdict and its number', (verdict, gates, line) => {
    const reason = 'Only 12 of 60 planned trials could be measured'
    expect(firstLine(renderSummary({ ...results, verdict, gates: [...gates], reason } as typeof results, []))).toBe(
      line,
    )
  })

  test('explains a gate that could not be measured', () => {
    const reason = 'accuracy is unknown: nothing was measured'
    const gates = [{ ...gate, verdict: 'errored' as const, value: null, interval: null, reason }]
    expect(renderSummary({ ...results, verdict: 'errored', reason, gates }, [])).toContain(
      '\n\n- accuracy: accuracy is unknown: nothing was measured.\n',
    )
  })

  test('folds what is inconclusive where something else decided the run, and what decided gates could have seen', () => {
    const unsure = {
      ...gate,
      verdict: 'inconclusive' as const,
      reason: 'accuracy: It may be 0.8.',
      advice: 'Run more.',
    }
    const missed = { ...latencyGate, advice: '58 values can tell 1.5 s from 1.7 s.' }
    expect(renderSummary({ ...results, verdict: 'failed', gates: [unsure, missed] }, [])).toContain(`

<details><summary>What is inconclusive, and what would decide it</summary>

- accuracy: 58 examples are only a sample, and luck plays a part. It may be 0.8. Run more.

</details>

<details><summary>What this run could have seen</summary>

- latency p95: 58 values can tell 1.5 s from 1.7 s.

</details>
`)
  })

  test('of several inconclusive gates lists each, and says what becomes of the job', () => {
    const unsure = { ...gate, verdict: 'inconclusive' as const, reason: 'accuracy: It may be 0.8.' }
    const missed = { ...unsure, rule: 'accuracy[tag=billing] >= 0.95', reason: 'accuracy[tag=billing]: It may be 0.9.' }
    const markdown = renderSummary({ ...results, verdict: 'inconclusive', gates: [unsure, missed] }, [])
    expect(firstLine(markdown)).toMatch(/58 examples are too few to be sure, and 1 more gate is inconclusive$/)
    expect(markdown).toContain(`

**What this means**

- accuracy: 58 examples are only a sample, and luck plays a part. It may be 0.8.
- accuracy <code>&#91;tag&#61;billing&#93;</code>: 58 examples are only a sample, and luck plays a part. It may be 0.9.

**What to do next**

- accuracy: Run more examples: the more there are, the less luck counts.
- accuracy <code>&#91;tag&#61;billing&#93;</code>: Run more examples: the more there are, the less luck counts.

**Until then:** The setting on-inconclusive decides whether such a run fails its job; by default what was observed counts, so that this job fails.
`)
  })

  test('of many gates that could not be measured explains the first and counts the others', () => {
    const lost = { ...gate, verdict: 'errored' as const, value: null, interval: null, reason: 'nothing was measured' }
    const gates = Array.from({ length: 7 }, () => lost)
    expect(renderSummary({ ...results, verdict: 'errored', gates }, [])).toMatch(
      /(?:- accuracy: Nothing was measured\.\n){5}- and 2 more gates\n/,
    )
  })

  test('of a gate that was set aside says so, and lets it decide nothing', () => {
    const aside = {
      ...latencyGate,
      value: null,
      verdict: 'inconclusive' as const,
      set_aside: true as const,
      reason: 'latency_p95_ms was not measured: every answer was replayed',
    }
    const recorded = { latency_p95: 1_234, cost_usd: 0.5 }
    const markdown = renderSummary({ ...results, gates: [gate, aside], recorded }, [])
    expect(firstLine(markdown)).toBe('## ✅ passed — accuracy 0.914 meets >= 0.85')
    expect(markdown).toContain('| latency p95 | not measured | <= 1.5 s | ➖ not counted |')
    expect(markdown).toContain('- latency p95: latency_p95_ms was not measured: every answer was replayed.')
    expect(markdown).toContain('| latency p95 when recorded | 1.2 s |\n| cost when recorded | $0.5000 |')
  })

  test('of a run without a gate says so', () => {
    expect(renderSummary({ ...results, gates: [] }, [])).toContain('\n\nNo gate was set.\n\n### Numbers\n')
  })

  test.each([
    ['as good', unchangedRun, '### ✅ Not worse than the baseline', '; not worse than the baseline'],
    ['worse', regressedRun, '### ❌ Worse than the baseline', 'failed — Compared with the baseline, accuracy fell'],
    ['not comparable', incomparableRun, '### ⚠️ Not comparable with the baseline', '; not comparable with the baseline'],
    [
      'unclear',
      unclearRun,
      '### ❔ Compared with the baseline: too close to tell',
      '; too close to the baseline to tell',
    ],
  ])('of a run that compares %s says so in its first line and above the comparison', (_, run, heading, words) => {
    const markdown = renderSummary(run, [])
    expect(firstLine(markdown)).toContain(words)
    expect(markdown).toContain(`\n\n${heading}\n\nBaseline `)
  })

  test('warns where the two runs were judged by different scorers', () => {
    const { comparison } = comparedRun
    const baseline = { ...comparison!.baseline, differs: ['scorers'] }
    expect(renderSummary({ ...comparedRun, comparison: { ...comparison!, baseline } }, [])).toContain(
      'UTC; not the same: scorers. The two runs were judged by different scorers: the change may come from the judging.\n',
    )
  })

  test('with a configuration names it, and what else it takes to run the same', () => {
    expect(renderSummary({ ...results, config: 'ci/agent-ci.yaml' }, [])).toContain(`
The same from a terminal, with the inputs that override the configuration:

\`\`\`sh
agent-ci eval --config ci/agent-ci.yaml --dataset data/golden.jsonl --model model-small-1 --seed 42
\`\`\`
`)
  })

  test('shows expected and called tools where the tools were wrong', () => {
    const tools = views[50]!
    expect(renderSummary(results, [tools])).toContain(
      '- **tools expected** <code>find&#95;invoice&#40;&#123;&#34;month&#34;&#58; &#34;March&#34;&#125;&#41;</code>\n- **tools called** (empty)\n',
    )
  })

  test('marks a critical example', () => {
    const critical = { ...failing[0]!, example: { ...failing[0]!.example, critical: true } }
    expect(renderSummary(results, [critical])).toContain('</code> wrong answer (critical): expected')
  })

  test('counts the repeats of an example in one entry', () => {
    const repeat = (at: number) => ({ ...failing[0]!, trial: { ...failing[0]!.trial, repeat: at } })
    const markdown = renderSummary({ ...results, repeats: 3 }, [repeat(0), repeat(2)])
    expect(markdown).toContain('<summary><code>account&#45;004</code> wrong answer in 2 of 3 repeats: expected')
    expect(markdown.match(/<details>/g)).toHaveLength(1)
  })
})

describe('the room of the summary', () => {
  const many = Array.from({ length: 5_000 }, (_, index) => wrong(view(index), `answer ${index} ${'&'.repeat(2_000)}`))
  const run = resultsOf(many, {
    verdict: 'failed',
    gates: [{ ...gate, value: 0, verdict: 'failed' }],
    tags: Object.fromEntries(
      many.map((_, index) => [`tag ${index}`, { examples: 1, accuracy: 0, tool_accuracy: null }]),
    ),
  })
  const compared = {
    ...run,
    comparison: {
      ...comparedRun.comparison!,
      regressions: many.map(({ example: { id } }) => ({ ...comparedRun.comparison!.regressions[0]!, id })),
      improvements: many.map(({ example: { id } }) => ({ ...comparedRun.comparison!.improvements[0]!, id })),
      only_baseline: many.map(({ example: { id } }) => `gone-${id}`),
    },
  }

  test.each([SUMMARY_BYTES, 60_000, 8_000, 3_000])('%d bytes hold a large comparison cut at a row', (most) => {
    const markdown = renderSummary(compared, many.slice(0, 3), {}, most)
    expect(Buffer.byteLength(markdown)).toBeLessThanOrEqual(most)
    expect(markdown).toContain('\n- accuracy **−7.5 points** (confidence interval −13.9 to −0.5)')
    expect(markdown.match(/<details>/g)?.length).toBe(markdown.match(/<\/details>/g)?.length)
    const rows = markdown.match(/\| ❌ broken: never passes any more \|$/gm)?.length ?? 0
    expect(rows).toBeLessThanOrEqual(100)
    if (rows > 0)
      expect(markdown).toContain(`… and ${(5_000 - rows).toLocaleString('en-US')} more regressed examples: see`)
    if (most === SUMMARY_BYTES) expect(markdown).toMatch(/- 5,000 only in the baseline: .* and 4,950 more\n/)
  })

  test.each([SUMMARY_BYTES, 60_000, 8_000, 1_500])(
    '%d bytes are kept, rows are whole, and what is left out is said',
    (most) => {
      const markdown = renderSummary(run, many, {}, most)
      expect(Buffer.byteLength(markdown)).toBeLessThanOrEqual(most)
      expect(firstLine(markdown)).toBe('## ❌ failed — accuracy 0.000 misses >= 0.85')
      expect(markdown.match(/<details>/g)?.length).toBe(markdown.match(/<\/details>/g)?.length)
      expect(markdown.match(/<code>/g)?.length).toBe(markdown.match(/<\/code>/g)?.length)
      expect(markdown).toContain('--seed 42\n```\n')
      const shown = markdown.match(/<details>/g)?.length ?? 0
      if (shown > 0)
        expect(markdown).toContain(`… and ${(5_000 - shown).toLocaleString('en-US')} more failing examples: see`)
      const tags = markdown.match(/^\| <code>tag /gm)?.length ?? 0
      if (tags < 5_000 && tags > 0)
        expect(markdown).toContain(`… and ${(5_000 - tags).toLocaleString('en-US')} more tags: see`)
    },
  )

  test('is used: a large room holds 200 examples', () => {
    expect(renderSummary({ ...run, tags: {} }, many, {}, 8_000_000).match(/<details>/g)).toHaveLength(200)
  })

  test('without the trials says how many failed and where they are', () => {
    expect(renderSummary(run, [], {}, 60_000)).toContain('\n\n5,000 failing examples: see `report.html`')
  })
})

const HEADING =
  /^## ❌ failed — accuracy|^#### 2 regressed examples$|^### (?:❌ 1 critical example broken since the baseline|Numbers|By tag|1 failing example|1 trial lost to errors|What was run)$/

describe.each(Object.entries({ ...HOSTILE, ...PROBES }))('a summary of hostile text (%s)', (_, text) => {
  const { results: run, views: all } = hostileRun(text)
  const markdown = renderSummary(run, all, {
    reportPath: text,
    artifactUrl: text,
    runUrl: `https://evil.example/${text}`,
  })

  test('keeps all of it in inline code or in the last block', () => {
    const SAFE = String.raw`(?:[\p{L}\p{N}\p{Emoji_Presentation} ,.;?%€…↵]|&#\d+;)*`
    const page = markdown.replace(/\n```sh\nagent-ci eval [^\n]*\n```\n$/, '')
    expect(page).not.toMatch(/www\./i)
    const rest = page
      .replaceAll(new RegExp(`<code>${SAFE}</code>`, 'gu'), 'C')
      .replaceAll(/^<details><summary>(?=C|[\w ,]+<\/summary>$)|<\/summary>$|^<\/details>$/gm, '')
      .replaceAll('`report.html` and `trials.jsonl`', '')
      // Inside a word an underscore is a letter to GitHub.
      .replaceAll(/(?<=\p{L})_(?=\p{L})/gu, '')
    expect(rest).not.toMatch(/[<`[\]@!\\{}~_^]|^\s*::|##\[|&#|https?:|www\.|deadbeef|GH-1/im)
    expect(rest.replaceAll('\n', '')).toMatch(/^[\P{C}]*$/u)
    for (const [heading] of rest.matchAll(/^#.*$/gm)) expect(heading).toMatch(HEADING)
    for (const [table] of rest.matchAll(/(?:^\|.*\n)+/gm)) {
      const cells = table
        .trim()
        .split('\n')
        .map((row) => row.split('|').length)
      expect(new Set(cells).size).toBe(1)
    }
  })

  test('has its command on one line, whose quotes hold', () => {
    const [, command = ''] = /\n```sh\n(agent-ci eval [^\n]*)\n```\n$/.exec(markdown) ?? []
    expect(command).not.toBe('')
    expect(command).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/)
  })

  test('stays within its room', () => {
    expect(Buffer.byteLength(markdown)).toBeLessThan(SUMMARY_BYTES)
  })
})
