import { renderSummary, SUMMARY_BYTES } from '@agent-ci/reporting/summary'
import { describe, expect, test } from '@jest/globals'
import {
  errored,
  failing,
  gate,
  HOSTILE,
  hostileRun,
  latencyGate,
  results,
  resultsOf,
  view,
  views,
  wrong,
} from './fixtures.ts'

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

| metric | value | threshold | verdict |
|---|---|---|---|
| accuracy | 0.914 (0.829 – 0.964) | >= 0.85 | ✅ passed |
| latency p95 | 1.9 s | <= 1.5 s | ❌ failed |
| tool accuracy | 0.983 |  |  |
| latency mean | 764 ms |  |  |
| latency p50 | 557 ms |  |  |
| latency p99 | 2.2 s |  |  |
| cost | $0.1218 |  |  |
| tokens | 24,360 in, 3,480 out |  |  |
| coverage | 0.967 |  |  |

In parentheses: the confidence interval.

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

| metric | value | threshold | verdict |
|---|---|---|---|
| accuracy | 1.000 | >= 0.85 | ✅ passed |
| tool accuracy | 1.000 |  |  |
| latency mean | 393 ms |  |  |
| latency p50 | 380 ms |  |  |
| latency p95 | 405 ms |  |  |
| latency p99 | 405 ms |  |  |
| cost | unknown |  |  |
| tokens | unknown |  |  |
| coverage | 1.000 |  |  |

### What was run

- dataset <code>golden</code>: 2 examples, <code>sha256&#58;0123456789ab</code>
- agent <code>command node agent.mjs</code>, seed <code>42</code>

The same from a terminal:

\`\`\`sh
agent-ci eval --dataset data/golden.jsonl --agent 'command:node agent.mjs' --seed 42
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
      '## ❔ inconclusive — accuracy 0.860 is too close to >= 0.85 to tell',
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

  test('explains a gate that is inconclusive or could not be measured', () => {
    const unsure = { ...gate, verdict: 'inconclusive' as const, reason: 'with 58 examples 0.85 and 0.93 look alike' }
    expect(renderSummary({ ...results, verdict: 'inconclusive', gates: [unsure] }, [])).toContain(
      '\n\n- accuracy: with 58 examples 0.85 and 0.93 look alike\n',
    )
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

const HEADING = /^## ❌ failed — accuracy|^### (?:By tag|1 failing example|1 trial lost to errors|What was run)$/

describe.each(Object.entries(HOSTILE))('a summary of hostile text (%s)', (_, text) => {
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
      .replaceAll(/^<details><summary>C|<\/summary>$|^<\/details>$/gm, '')
      .replaceAll('`report.html` and `trials.jsonl`', '')
    expect(rest).not.toMatch(/[<`[\]@!\\{}~_^]|::|##\[|&#|https?:|www\.|deadbeef|GH-1/i)
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
