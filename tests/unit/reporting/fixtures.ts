import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { conclude, type RunFacts } from '@agent-ci/core/conclusion'
import type { Example } from '@agent-ci/core/example'
import { parseGate } from '@agent-ci/core/gate'
import type { Failure, Reply, Usage } from '@agent-ci/core/reply'
import type { Results } from '@agent-ci/core/results'
import type { Trial } from '@agent-ci/core/trial'
import { TrialTable } from '@agent-ci/core/trial-table'
import { untrusted } from '@agent-ci/core/untrusted'
import type { TrialView } from '@agent-ci/reporting/trial-view'

const TAGS = ['billing', 'refunds', 'shipping', 'account', 'smalltalk'] as const

export const example: Example = {
  id: 'billing-001',
  input: 'Why was I charged twice in March?',
  expected: 'A duplicate charge is refunded within 5 days.',
  expectedTools: [{ name: 'find_invoice', args: { month: 'March' } }],
  tags: ['billing'],
  critical: false,
  source: { file: 'data/golden.jsonl', line: 1 },
}

const reply: Reply = {
  output: untrusted('A duplicate charge is refunded within 5 days.'),
  toolCalls: [{ name: 'find_invoice', args: { month: 'March' } }],
  usage: { inputTokens: 420, outputTokens: 60, costUsd: 0.0021 },
  latencyMs: 640,
  attempts: 1,
}

const trial: Trial = {
  exampleId: example.id,
  index: 0,
  repeat: 0,
  outcome: 'passed',
  correct: true,
  toolCorrect: true,
  reply,
  scores: [
    { scorer: 'exact', value: 1, passed: true, reason: 'equals the expected answer' },
    { scorer: 'tools', value: 1, passed: true, reason: 'every expected tool was called' },
  ],
  startedAt: '2026-11-20T08:00:00.000Z',
}

/** The same example with another answer, which is wrong. */
export function wrong(view: TrialView, output: string, reason = 'differs from the expected answer'): TrialView {
  const scores = [{ scorer: 'exact', value: 0, passed: false, reason }]
  return {
    example: view.example,
    trial: {
      ...view.trial,
      outcome: 'failed',
      correct: false,
      reply: { ...view.trial.reply, output: untrusted(output) },
      scores: [...scores, ...view.trial.scores.slice(1)],
    },
  }
}

/** The same example, lost to the infrastructure. */
export function lost(view: TrialView, kind: Failure['kind'], message: string): TrialView {
  return {
    example: view.example,
    trial: {
      ...view.trial,
      outcome: 'errored',
      correct: null,
      toolCorrect: null,
      reply: {
        output: untrusted(''),
        toolCalls: null,
        usage: {},
        latencyMs: 30_000,
        attempts: 3,
        failure: { of: 'infrastructure', kind, message: untrusted(message), retryable: true },
      },
      scores: [],
    },
  }
}

/** A run's example at a position, passed. Latencies rise like a log-normal distribution's quantiles would. */
export function view(index: number, changes: { usage?: Usage; latencyMs?: number } = {}): TrialView {
  const tag = TAGS[index % TAGS.length]!
  const id = `${tag}-${String(index + 1).padStart(3, '0')}`
  const spread = ((index * 37) % 60) / 60
  const latencyMs = changes.latencyMs ?? Math.round(380 + 300 * spread + 1_700 * spread ** 6)
  const place = { file: 'data/golden.jsonl', line: index + 1 }
  return {
    example: { ...example, id, tags: index % 7 === 0 ? [tag, 'multi-turn'] : [tag], source: place },
    trial: {
      ...trial,
      exampleId: id,
      index,
      reply: { ...reply, latencyMs, usage: changes.usage ?? reply.usage },
    },
  }
}

const WRONG: Readonly<Record<number, string>> = {
  3: 'You can close your account in the settings.',
  11: 'I am sorry, I can not help with refunds.',
  21: 'Refunds take up to 30 days.',
  26: 'Please contact support.',
  44: 'Hello!',
}

/** 60 examples with 6 tags: 52 passed, 5 wrong, 1 with a right answer and wrong tools, 2 lost. */
export const views: readonly TrialView[] = Array.from({ length: 60 }, (_, index) => {
  const good = view(index)
  const answer = WRONG[index]
  if (answer !== undefined) return wrong(good, answer)
  if (index === 17) return lost(good, 'rate-limit', '429 Too Many Requests: retry after 60 s')
  if (index === 38) return lost(good, 'timeout', 'no answer within 30 s')
  if (index === 50) {
    const tools = { scorer: 'tools', value: 0, passed: false, reason: 'find_invoice was not called' }
    return {
      ...good,
      trial: {
        ...good.trial,
        toolCorrect: false,
        reply: { ...good.trial.reply, toolCalls: [] },
        scores: [good.trial.scores[0]!, tools],
      },
    }
  }
  return good
})

export const failing = views.filter(({ trial: { outcome } }) => outcome === 'failed')
export const errored = views.filter(({ trial: { outcome } }) => outcome === 'errored')

const DIGEST = `sha256:${'0123456789abcdef'.repeat(4)}`

const facts = (all: readonly TrialView[], changes: Partial<RunFacts> = {}): RunFacts => ({
  dataset: {
    name: 'golden',
    files: ['data/golden.jsonl'],
    digest: DIGEST,
    size: new Set(all.map((each) => each.example.id)).size,
  },
  agent: 'command node agent.mjs',
  config: null,
  model: 'model-small-1',
  repeats: 1,
  seed: '42',
  fingerprint: {
    code: 'cd9d0a3f001122334455',
    prompts: null,
    config: DIGEST,
    model: 'model-small-1',
    tools: null,
    dataset: DIGEST,
    scorers: DIGEST,
  },
  planned: all.length,
  end: { ending: 'complete', reason: '', started: all.length },
  errors: new Map(
    Object.entries(
      Object.groupBy(
        all.filter(({ trial: { outcome } }) => outcome === 'errored'),
        ({ trial: { reply: each } }) => each.failure?.kind ?? 'scorer',
      ),
    ).map(([kind, of = []]) => [kind, of.length]),
  ),
  confidence: 0.95,
  estimand: 'population',
  minCoverage: 0.8,
  startedAt: '2026-11-20T08:00:00.000Z',
  finishedAt: '2026-11-20T08:00:41.500Z',
  ...changes,
})

function tableOf(all: readonly TrialView[]): TrialTable {
  const table = new TrialTable()
  for (const each of all) table.add(each.trial, each.example)
  return table
}

/** What the trials come to, the gates and verdict as the caller says. */
export const resultsOf = (all: readonly TrialView[], changes: Partial<Results> = {}): Results => ({
  ...conclude(tableOf(all), [], facts(all), []).results,
  verdict: 'passed',
  reason: 'every gate passed',
  ...changes,
})

/** What the trials come to by these gates, whose advice the caller adds. */
export function decided(all: readonly TrialView[], rules: readonly string[], changes?: Partial<RunFacts>): Results {
  const gates = rules.map((rule) => parseGate(rule, { name: 'gates' }))
  const { results: run } = conclude(tableOf(all), gates, facts(all, changes), [])
  return { ...run, gates: run.gates.map(({ advice: _, ...each }) => each) }
}

type Gate = Results['gates'][number]

export const gate: Gate = {
  metric: 'accuracy',
  rule: 'accuracy >= 0.85',
  value: 53 / 58,
  interval: [0.8291, 0.9641],
  verdict: 'passed',
  reason: 'accuracy is 0.914 (53 of 58), meets 0.85',
}

export const latencyGate: Gate = {
  metric: 'latency_p95_ms',
  rule: 'latency_p95_ms <= 1500',
  value: 1_810,
  interval: null,
  verdict: 'failed',
  reason: 'latency_p95_ms is 1810, misses 1500',
}

export const results: Results = resultsOf(views, { gates: [gate] })

export async function* streamOf<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items
}

export async function textOf(chunks: AsyncIterable<string>): Promise<string> {
  let text = ''
  for await (const chunk of chunks) text += chunk
  return text
}

/** What an agent may say to break out of a report. Each holds the word `pwned`, so that a test finds what became of it. */
export const HOSTILE: Readonly<Record<string, string>> = {
  'workflow command': '::add-mask::pwned\n  ::error file=a.js::pwned\n::stop-commands::pwned',
  'legacy workflow command': 'x ##[error]pwned ##[set-output name=accuracy]pwned',
  html: '<img src=x onerror="window.__pwned=1"><svg onload=window.__pwned=1>pwned</svg><script>window.__pwned=1</script>',
  'end of script': '</script><script>window.__pwned=1</script></style></title></textarea>pwned',
  attribute: '"\' autofocus onfocus=window.__pwned=1 x="pwned',
  'end of CDATA': ']]></failure></testcase><testcase name="pwned"/><!-- --> &pwned; <?php pwned ?>',
  'Markdown table': '| pwned | pwned |\n|---|---|\n| ✅ passed | pwned |',
  'Markdown link':
    '[pwned](https://evil.example) ![pwned](https://evil.example/p.png) <https://evil.example/pwned> www.pwned.example',
  mention: '@pwned #1 GH-1 pwned/pwned#1 deadbeefdeadbeefdeadbeefdeadbeefdeadbeef :pwned: $pwned$',
  backticks: '```\npwned\n``` ` `` pwned ~~~ </code></details></summary> # pwned\n# pwned\n- [x] pwned',
  ansi: '\u001b[31mpwned\u001b[0m \u001b]8;;https://evil.example\u0007pwned\u001b]8;;\u0007 \u009b2Jpwned',
  'NUL and controls': 'a\u0000pwned\u0008\u000b\u007f\u0085\r\nb\rpwned',
  'broken surrogates': 'pwned \ud800 \udc00\ud800 pwned \ufffe\uffff \ufffd',
  bidi: '\u202epwned\u202c \u2066pwned\u2069 \u200bpwned\ufeff \u2028pwned\u2029',
  'five megabytes': `pwned ${'<a href="x">&'.repeat(400_000)}`,
}

/** The texts of the attack suites. */
export const PROBES: Readonly<Record<string, string>> = Object.fromEntries(
  ['injection', 'leak', 'tools']
    .flatMap((name) =>
      readFileSync(join(import.meta.dirname, `../../../suites/${name}.jsonl`), 'utf8')
        .trimEnd()
        .split('\n'),
    )
    .map((line) => JSON.parse(line) as { id: string; input: string })
    .map(({ id, input }) => [id, `pwned\n${input}`]),
)

/** A comparison in which every text is hostile; the first regressed example is the first one of `hostileRun`. */
const hostileComparison = (text: string): NonNullable<Results['comparison']> => {
  const [id, all, none] = [`${text.slice(0, 300)}-id`, { passes: 1, runs: 1 }, { passes: 0, runs: 1 }]
  return {
    baseline: { source: text, code: text.slice(0, 12), finished_at: text, differs: [text, 'scorers'] },
    verdict: 'failed',
    reading: 'regression',
    reason: text,
    examples: 2,
    regressed: 2,
    improved: 1,
    unchanged: 0,
    delta_accuracy: -0.5,
    interval: [null, -0.1],
    margin: 0.03,
    detectable_drop: 0.4,
    latency_ms: null,
    cost_usd: null,
    regressions: [
      { id, critical: true, before: all, after: none, again: none, finding: 'broken' },
      { id: text, critical: false, before: all, after: none },
    ],
    improvements: [{ id: text, before: none, after: all }],
    changed: [text],
    only_baseline: [text, id],
    only_candidate: [text],
  }
}

/** A run in which every text that somebody else writes is hostile. */
export function hostileRun(text: string): { views: TrialView[]; results: Results } {
  const json = { [text.slice(0, 2_000)]: text }
  const hostileExample: Example = {
    ...example,
    id: `${text.slice(0, 300)}-id`,
    input: [{ role: text.slice(0, 300), content: text }, json],
    expected: [text, text],
    expectedTools: [{ name: text, args: json }],
    tags: [text.slice(0, 300), 'plain'],
    group: text,
    source: { file: `${text.slice(0, 300)}.jsonl`, line: 7 },
  }
  const bad: Trial = {
    ...trial,
    exampleId: hostileExample.id,
    outcome: 'failed',
    correct: false,
    toolCorrect: false,
    reply: { ...reply, output: untrusted(text), toolCalls: [{ name: text, args: json }], usage: { model: text } },
    scores: [{ scorer: text, value: 0, passed: false, reason: text }],
  }
  const failed = { example: hostileExample, trial: bad }
  const other = { ...hostileExample, id: `${hostileExample.id}-2` }
  const broken = lost({ example: other, trial: { ...bad, exampleId: other.id, index: 1 } }, 'crash', text)
  const all = [failed, broken]
  // A metric of such a scorer's name is none; the page shows what results.json says all the same.
  const unscored = all.map((each) => ({ ...each, trial: { ...each.trial, scores: [] } }))
  return {
    views: all,
    results: resultsOf(unscored, {
      verdict: 'failed',
      reason: text,
      gates: [
        { ...gate, rule: `accuracy[tag=${text}] >= 0.85`, value: 0, verdict: 'failed', reason: text },
        { ...gate, metric: text, rule: text, verdict: 'inconclusive', reason: text, advice: text },
        { ...gate, metric: text, verdict: 'inconclusive', reason: text, advice: text },
        { ...gate, metric: text, verdict: 'errored', value: null, interval: null, reason: text, advice: text },
      ],
      metrics: { [`score.${text}`]: { value: 0.5, n: 2, unit: 'fraction', definition: text } },
      errors: { [text]: 1 },
      dataset: { name: text, files: [text], digest: text, examples: 2 },
      agent: text,
      model: text,
      seed: text,
      fingerprint: { code: text },
      comparison: hostileComparison(text),
      started_at: text,
    }),
  }
}
