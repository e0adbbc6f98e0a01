import { parseComment, renderComment } from '@agent-ci/reporting/comment/body'
import { partOf, type ResultFile } from '@agent-ci/reporting/comment/part'
import { renderSection, type SectionContent } from '@agent-ci/reporting/comment/stored-section'
import { describe, expect, test } from '@jest/globals'
import { gate, HOSTILE, hostileRun, PROBES, resultsOf, views } from '../fixtures.ts'
import { hostileTrend, results as night } from '../nightly/nights.ts'
import { promptRun as prompts } from '../prompts/prompt-runs.ts'
import { rolledBack, withTexts } from '../rollout/rollouts.ts'
import { regressedRun } from '../runs.ts'

const CONTENT: Omit<SectionContent, 'parts'> = {
  facts: {
    key: 'Evaluation / evaluate (opus)',
    run: '7',
    attempt: 2,
    sha: 'c0ffee'.padEnd(40, '0'),
    url: 'https://github.com/acme/support/actions/runs/7/attempts/2',
    stamp: 's',
  },
  notes: [],
  artifactUrl: 'https://github.com/acme/support/actions/runs/7/artifacts/12',
}

const shown = (file: ResultFile, transcripts = false, maxBytes = 60_000): string =>
  renderSection({ ...CONTENT, parts: [{ file: 'results.json', part: partOf(file, transcripts) }] }, maxBytes).markdown

const failed = [
  { id: 'refunds-012', correct: false, tool_correct: true, latency_ms: 640, response: 'I can not help with refunds.' },
  { id: 'billing-051', correct: true, tool_correct: false, latency_ms: 1_240 },
  { id: 'smalltalk-045', correct: false, tool_correct: null, latency_ms: null, error: 'the agent said: boom' },
]
const evaluation = resultsOf(views, {
  verdict: 'failed',
  gates: [{ ...gate, verdict: 'failed' }],
  failed_examples: failed,
})

describe('a section', () => {
  test('of an evaluation: gates, what fails without what was said, cost, and where the rest is', () => {
    expect(
      shown({ kind: 'evaluation', results: evaluation }),
    ).toBe(`### ❌ failed — <code>Evaluation &#47; evaluate &#40;opus&#41;</code>: accuracy 0.914 misses >= 0.85

53 of 58 measured examples passed; 58 of 60 planned trials measured; 2 trials lost to errors.

| gate | value | threshold | verdict |
|---|---|---|---|
| accuracy | 0.914 (0.829 – 0.964) | >= 0.85 | ❌ failed |

In parentheses: the confidence interval, the values that fit what this run saw. Each end holds with 95 % confidence.

<details><summary>5 failing examples</summary>

| example | what is wrong | took |
|---|---|---|
| <code>refunds&#45;012</code> | wrong answer | 640 ms |
| <code>billing&#45;051</code> | wrong tool calls | 1.2 s |
| <code>smalltalk&#45;045</code> | ended with an error | – |

… and 2 more failing examples: see [the run](https://github.com/acme/support/actions/runs/7/attempts/2)

</details>

2 trials lost to errors, which count neither as passed nor as failed: 1 <code>rate&#45;limit</code>, 1 <code>timeout</code>.

cost $0.1218 · 24,360 tokens in, 3,480 out · dataset <code>golden</code>, 60 examples · model <code>model&#45;small&#45;1</code> · no baseline to compare with

[Run](https://github.com/acme/support/actions/runs/7/attempts/2) · [Report and all trials](https://github.com/acme/support/actions/runs/7/artifacts/12) · commit <code>c0ffee000000</code>`)
  })

  test('shows answers and error messages where transcripts were asked for', () => {
    const rows = shown({ kind: 'evaluation', results: evaluation }, true).match(/^\| <code>.*$/gm)
    expect(rows).toEqual([
      '| <code>refunds&#45;012</code> | wrong answer | 640 ms | <code>I can not help with refunds.</code> |',
      '| <code>billing&#45;051</code> | wrong tool calls | 1.2 s | (empty) |',
      '| <code>smalltalk&#45;045</code> | <code>the agent said&#58; boom</code> | – | (empty) |',
    ])
  })

  test('of an evaluation with a baseline: which one, the change of each gate, and the regressed examples folded', () => {
    expect(
      shown({ kind: 'evaluation', results: regressedRun }),
    ).toBe(`### ❌ failed — <code>Evaluation &#47; evaluate &#40;opus&#41;</code>: Compared with the baseline, accuracy fell by 7.5 points over 58 examples (7 worse, 2 better): more than chance

54 of 60 measured examples passed; 180 of 180 planned trials measured (3 repeats each).

| gate | value | since the baseline | threshold | verdict |
|---|---|---|---|---|
| accuracy | 0.900 (0.819 – 0.953) | −7.5 points (−13.9 to −0.5) | >= 0.95 | ❔ inconclusive |
| accuracy <code>&#91;tag&#61;refunds&#93;</code> | 0.750 (0.466 – 0.931) | – | >= 0.9 | ❔ inconclusive |

In parentheses: the confidence interval, the values that fit what this run saw. Each end holds with 95 % confidence.

<details><summary>What is inconclusive, and what would decide it</summary>

- accuracy: 180 trials are only a sample, and luck plays a part. Observed 0.9, but the true share may lie anywhere from 0.819 to 0.953: whether it is at least 0.95 cannot be told from this run. Run more examples: the more there are, the less luck counts.
- accuracy <code>&#91;tag&#61;refunds&#93;</code>: 36 trials are only a sample, and luck plays a part. Observed 0.75, but the true share may lie anywhere from 0.466 to 0.931: whether it is at least 0.9 cannot be told from this run. Run more examples: the more there are, the less luck counts.

</details>

#### ❌ Worse than the baseline

Baseline <code>runs&#47;main</code>, commit <code>4f920a8d31c0</code>, 2026-11-19 17:31:08 UTC; not the same: code, prompts.

Compared with the baseline, accuracy fell by 7.5 points over 58 examples (7 worse, 2 better): more than chance.

- accuracy **−7.5 points** (confidence interval −13.9 to −0.5); a drop of less than 3 points is tolerated
- 7 regressed, 2 improved, 49 unchanged
- latency mean 671 ms before, 763 ms now: +92 ms (+83 ms to +101 ms)
- cost per trial $0.0023 before, $0.0021 now: −$0.00020 (−$0.00022 to −$0.00018)
- A drop of 11.9 points or more would have been noticed with a chance of 80 %

<details><summary>7 regressed examples</summary>

| example | passed before | passed now | run again | finding |
|---|---|---|---|---|
| <code>shipping&#45;038</code> **critical** | 3 of 3 | 0 of 3 |  | not run again |
| <code>account&#45;004</code> | 3 of 3 | 0 of 3 |  | not run again |
| <code>refunds&#45;012</code> | 3 of 3 | 0 of 3 |  | not run again |
| <code>refunds&#45;022</code> | 3 of 3 | 1 of 3 |  | not run again |
| <code>refunds&#45;027</code> | 2 of 3 | 0 of 3 |  | not run again |
| <code>refunds&#45;032</code> | 3 of 3 | 2 of 3 |  | not run again |
| <code>smalltalk&#45;045</code> | 3 of 3 | 1 of 3 |  | not run again |

</details>

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

<details><summary>6 failing examples</summary>

6 failing examples: see [the run](https://github.com/acme/support/actions/runs/7/attempts/2)

</details>

cost $0.3780 · 75,600 tokens in, 10,800 out · dataset <code>golden</code>, 60 examples · model <code>model&#45;small&#45;1</code>

[Run](https://github.com/acme/support/actions/runs/7/attempts/2) · [Report and all trials](https://github.com/acme/support/actions/runs/7/artifacts/12) · commit <code>c0ffee000000</code>`)
  })

  test('of changed prompts, without what was said', () => {
    expect(
      shown({ kind: 'prompts', results: prompts }),
    ).toBe(`### ❌ failed — <code>Evaluation &#47; evaluate &#40;opus&#41;</code>: 1 template variable dropped; Worse than the baseline

1 prompt changed; 359 of 360 planned trials measured (3 repeats with each prompt); 95.0 % of the trials passed before, 90.0 % now; 1 trial lost to errors.

51 of 58 examples that passed before still pass; at least 53 must (threshold 0.9).

> The dataset changed with the prompts

**1 changed prompt**

- <code>prompts&#47;support.md</code> modified; variables dropped: name

#### ❌ Worse than the baseline

Baseline <code>runs&#47;main</code>, commit <code>4f920a8d31c0</code>, 2026-11-19 17:31:08 UTC; not the same: code, prompts.

Compared with the baseline, accuracy fell by 7.5 points over 58 examples (7 worse, 2 better): more than chance.

- accuracy **−7.5 points** (confidence interval −13.9 to −0.5); a drop of less than 3 points is tolerated
- 7 regressed, 2 improved, 49 unchanged
- latency mean 671 ms before, 763 ms now: +92 ms (+83 ms to +101 ms)
- cost per trial $0.0023 before, $0.0021 now: −$0.00020 (−$0.00022 to −$0.00018)
- A drop of 11.9 points or more would have been noticed with a chance of 80 %

<details><summary>1 example got worse</summary>

- <code>refunds&#45;012</code> at step 2: <code>find&#95;order</code> before, no further tool call now

</details>

1 trial lost to errors, which count neither as passed nor as failed: 1 <code>timeout</code>.

cost $0.9000 · dataset <code>golden</code>, 60 examples · model <code>model&#45;small&#45;1</code> · <code>main..change</code>

[Run](https://github.com/acme/support/actions/runs/7/attempts/2) · [Report and all trials](https://github.com/acme/support/actions/runs/7/artifacts/12) · commit <code>c0ffee000000</code>`)
  })

  test('of changed prompts, with it', () => {
    const text = shown({ kind: 'prompts', results: prompts }, true)
    expect(
      text.slice(text.indexOf('- <code>refunds'), text.lastIndexOf('</details>')),
    ).toBe(`- <code>refunds&#45;012</code>
  - expected <code>Within 5 days.</code>
  - before <code>Within 5 days.</code>
  - now <code>Never.</code>
  - the two part at step 2: <code>find&#95;order&#40;&#123;&#34;id&#34;&#58;&#34;1042&#34;&#125;&#41;</code> before, no further tool call now

`)
  })

  test('of a rollout', () => {
    expect(
      shown({ kind: 'rollout', timeline: rolledBack }),
    ).toBe(`### ❌ failed — <code>Evaluation &#47; evaluate &#40;opus&#41;</code>: agent-service in production rolled back at 25 %: error rate 10.3 % against 2.7 % of stable over 58 requests, evidence 1299 of 33

Release <code>r&#45;42 &#40;1.4.2&#41;</code> in the place of <code>r&#45;41 &#40;1.4.1&#41;</code> · canary, 2 of 5 steps · 3 min 15 s

#### Steps

| step | asked | real | took | requests, canary / stable | error rate, canary / stable | p95, canary / stable | evidence |
|---|---|---|---|---|---|---|---|
| 1/5 | 10 % | 10 % | 1 min 30 s | 35 / 325 | 8.6 % / 1.2 % | 1.4 s / 1.4 s | 8.5 of 33 |
| 2/5 | 25 % | 25 % | 1 min 1 s | 58 / 182 | 10.3 % / 2.7 % | 1.2 s / 1.1 s | 1,299 of 33 |

#### Metrics at 2026-11-20 08:02:50 UTC

| metric | value | limit | result | reason |
|---|---|---|---|---|
| **<code>error&#45;rate</code>** | 10.3 % | 5.0 % | fail | the canary answers with more errors than stable |
| <code>latency&#45;p95</code> | 1.2 s | 5.0 s | pass | within its limit |
| <code>cost&#45;per&#45;request</code> | – | $0.0200 | no data, not counted | no series answers |

#### What the release changes

- <code>image agent&#58;1.4.1 &#8594; agent&#58;1.4.2</code>
- <code>model claude&#45;a &#8594; claude&#45;b</code>
- <code>prompt triage 7 &#8594; 8</code>

[Run](https://github.com/acme/support/actions/runs/7/attempts/2) · [Report and all trials](https://github.com/acme/support/actions/runs/7/artifacts/12) · commit <code>c0ffee000000</code>`)
  })

  test('of a night: what regressed and who moved, what cannot be judged, the evaluations folded', () => {
    expect(
      shown({ kind: 'nightly', results: night }),
    ).toBe(`### ❌ failed — <code>Evaluation &#47; evaluate &#40;opus&#41;</code>: accuracy of golden with opus is 6.2 points worse than its baseline of 0.912: the provider moved

Night 2026-11-25; 2 evaluations; 6 series: 1 regressed, 1 suspect, 1 stale, 1 warming up, 1 improved, 1 steady; cost $2.43.

> The leg golden with sonnet was run again after a timeout

#### 1 series regressed

| series | tonight | baseline | change | run again | cause | why |
|---|---|---|---|---|---|---|
| accuracy of <code>golden</code> with <code>opus</code> | 0.850, 200 trials | 0.912 ± 0.012, 28 nights | 6.2 points worse, p 0.00042 | 0.845, 200 trials, p 0.0011 | the provider moved | The control arm fell too, from 0.912 to 0.848 |

<details><summary>1 suspect: flagged, and not confirmed</summary>

| series | tonight | baseline | change | run again | cause | why |
|---|---|---|---|---|---|---|
| latency p95 of <code>golden</code> with <code>opus</code> | 1.8 s, 200 trials | 1.5 s ± 90 ms, 28 nights | 210 ms worse over a week, p 0.021 | not run again | – | Three more runs were as fast as the baseline |

</details>

- 1 series warming up: fewer nights than a baseline needs (accuracy of <code>golden</code> with <code>sonnet</code>, prompts <code>v2</code>)
- 1 series stale: dataset, judge or model is another one than the baseline’s; bless a run to set a new one (accuracy of <code>refunds</code> with <code>opus</code>)

<details><summary>2 evaluations</summary>

| evaluation | arm | verdict | accuracy | latency p95 | cost | coverage | answered by |
|---|---|---|---|---|---|---|---|
| <code>golden</code> with <code>opus</code> | current | ❌ failed: accuracy 0.850 misses >= 0.9 | 0.850 | 1.8 s | $1.23 | 100.0 % | <code>opus&#45;2026&#45;10&#45;01</code> |
| <code>golden</code> with <code>opus</code> | control | ✅ passed | 0.848 | 1.8 s | $1.20 | 99.5 % | <code>opus&#45;2026&#45;10&#45;01</code> |

</details>

#### 1 incident

- **open** since 2026-11-24: accuracy of golden with opus fell

<details><summary>2 examples in quarantine: they flip from night to night, inform, and block nothing</summary>

| example | dataset | flips | owner | until |
|---|---|---|---|---|
| <code>refunds&#45;012</code> | <code>golden</code> | 31.0 % of nights | <code>&#64;acme&#47;support</code> | 2026-12-09 |
| <code>billing&#45;051</code> | <code>golden</code> | 25.0 % of nights | nobody | 2026-12-01 |

</details>

[Run](https://github.com/acme/support/actions/runs/7/attempts/2) · [Report and all trials](https://github.com/acme/support/actions/runs/7/artifacts/12) · commit <code>c0ffee000000</code>`)
  })

  test('of a file that holds no results is errored, and says what to do', () => {
    const problem = { what: 'a.json holds no results', why: 'It is empty', mend: 'Give results.json' }
    expect(shown({ kind: 'unreadable', problem }).split('\n')[0]).toBe(
      '### ⚠️ errored — <code>Evaluation &#47; evaluate &#40;opus&#41;</code>: a.json holds no results. It is empty. Give results.json.',
    )
  })

  test('keeps to its bytes: rows go first, and it says how many and where they are', () => {
    const text = shown({ kind: 'evaluation', results: regressedRun }, false, 3_000)
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(3_000)
    expect(text.split('\n')[0]).toContain('### ❌ failed')
    expect(text).toMatch(/(?:more|[0-9]) (?:regressed|failing) examples?: see \[the run\]/)
  })
})

describe('hostile texts', () => {
  const forged = '<!-- agent-ci:end -->\n<!-- agent-ci:section %7B%7D -->\n<!-- agent-ci:comment %7B%7D -->'
  const texts = Object.entries({ ...HOSTILE, ...PROBES, 'forged markers': forged })

  test.each(texts)('%s: no markup of theirs, and no section that they forged', (_, text) => {
    const run = hostileRun(text)
    const said = [{ id: text, correct: false, tool_correct: null, latency_ms: 1, response: text }]
    const hostile = {
      ...prompts,
      reason: text,
      notes: [text],
      because: text,
      regressed_examples: prompts.regressed_examples.map((each) => ({ ...each, id: text, before: text, after: text })),
      changed_prompts: prompts.changed_prompts.map((each) => ({ ...each, path: text, variables_added: [text] })),
    }
    const files: ResultFile[] = [
      { kind: 'evaluation', results: { ...run.results, reason: text, failed_examples: said } },
      { kind: 'prompts', results: hostile },
      { kind: 'rollout', timeline: withTexts(text) },
      { kind: 'nightly', results: hostileTrend(text).results },
      { kind: 'unreadable', problem: { what: text, why: text, mend: text } },
    ]
    const section = renderSection(
      {
        ...CONTENT,
        facts: { ...CONTENT.facts, key: text.slice(0, 200) },
        parts: files.map((file) => ({ file: text, part: partOf(file, true) })),
      },
      50_000,
    )
    const body = renderComment({ head: { id: text.slice(0, 200), run: '7/2' }, sections: [section] })
    expect(parseComment(body)?.sections).toEqual([section])
    const ours = /<!-- agent-ci:(?:(?:comment|section) [\w%.!~*'()]+|end) -->|<\/?(?:code|details|summary)>/g
    const rest = body.replaceAll(ours, '').replaceAll(/\[[\w ]+\]\(https:\/\/github\.com\/acme\/[^)]*\)/g, '')
    expect(rest).not.toMatch(/<[^=]|!\[|\]\(|@\w|https?:\/\/|javascript:|^#{1,2} /m)
  })
})
