import { createHash } from 'node:crypto'
import { formatSource } from '@agent-ci/core/errors'
import type { PromptResults, RegressedExample } from '@agent-ci/core/prompt-results'
import { cut } from '@agent-ci/core/untrusted'
import { intervalChart } from '../charts.ts'
import { type ComparisonReading, readComparison } from '../comparison.ts'
import { STYLE } from '../html/style.ts'
import { html, type Markup } from '../markup.ts'
import { countOf, formatCount, formatMoment, formatPercent } from '../numbers.ts'
import type { ReportLinks } from '../summary.ts'
import { MARKS, shortDigest } from '../wording.ts'
import { promptTestCommand } from './command.ts'
import { diffLines, type PromptDiff } from './diff-block.ts'
import { madeWith } from './summary.ts'
import { changeText, keptText, partingText, promptCounts, promptHeadline } from './wording.ts'

const DIFF_STYLE = `
pre.diff { white-space: pre-wrap; max-height: 40rem; }
pre.diff span { display: block; min-height: 1.5em; }
pre.diff .added { background: var(--passed-tint); color: var(--passed); }
pre.diff .removed { background: var(--failed-tint); color: var(--failed); }
pre.diff .place { color: var(--soft); }
p + .scroll { margin-top: 1rem; }
`
const PAGE_STYLE = STYLE + DIFF_STYLE
const MOST_LINES = 2_000
const MOST_PROMPTS = 200

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`
/** Nothing may run or load but the one style that is named here by its hash. */
const POLICY = `default-src 'none'; style-src ${hashOf(PAGE_STYLE)}; base-uri 'none'; form-action 'none'`
const WEB_ADDRESS = /^https?:\/\//i

const facts = (entries: readonly (readonly [string, string | Markup] | false)[], name: string): Markup =>
  html`<dl class="${name}">${entries.map((entry) => entry && html`<div><dt>${entry[0]}</dt><dd>${entry[1]}</dd></div>`)}</dl>`

function header(results: PromptResults, links: ReportLinks): Markup {
  const { verdict, dataset, agent, model } = results
  const addresses = [
    ['the run', links.runUrl],
    ['all files', links.artifactUrl],
  ].filter((each): each is [string, string] => each[1] !== undefined && WEB_ADDRESS.test(each[1]))
  return html`<header class="verdict ${verdict}"><span class="mark" aria-hidden="true">${MARKS[verdict]}</span><div>
<h1>${verdict} — ${cut(promptHeadline(results), 400)}</h1>
<p class="soft">${promptCounts(results)}</p>
${(results.candidate && html`<p>${cut(results.reason, 1_000)}</p>`) || ''}
${results.notes.map((note) => html`<p class="note">${cut(note, 1_000)}</p>`)}
${facts(
  [
    ['Compared', cut(results.because, 400)],
    dataset !== null && [
      'Dataset',
      html`${cut(dataset.name, 120)} <span class="soft">(${countOf(dataset.examples, 'example')})</span>`,
    ],
    agent !== null && ['Agent', html`<code>${cut(agent, 300)}</code>`],
    model !== null && ['Model', cut(model, 120)],
    ['Started', cut(formatMoment(results.started_at), 60)],
    addresses.length > 0 && [
      'See',
      html`${addresses.map(([name, address]) => html`<a href="${address}" rel="noopener noreferrer">${name}</a> `)}`,
    ],
  ],
  'meta',
)}</div></header>`
}

function tiles({ comparison, base, candidate, kept, counts }: PromptResults): Markup | false {
  if (!candidate) return false
  const rate = (value: number | null | undefined) => (value == null ? 'unknown' : formatPercent(value))
  const entries: (readonly [string, string, string] | false)[] = [
    base !== null && ['Passed before', rate(base.accuracy), `${formatCount(base.counts.measured)} trials`],
    ['Passed now', rate(candidate.accuracy), `${formatCount(candidate.counts.measured)} trials`],
    comparison !== null && [
      'Regressed',
      formatCount(comparison.regressed),
      `of ${countOf(comparison.examples, 'example')}`,
    ],
    comparison !== null && ['Improved', formatCount(comparison.improved), ''],
    comparison !== null && ['Unchanged', formatCount(comparison.unchanged), ''],
    kept !== null && [
      'Still pass',
      `${formatCount(kept.still_passed)} of ${formatCount(kept.passed_before)}`,
      `${formatCount(kept.needed)} must`,
    ],
    ['Coverage', counts.planned === 0 ? 'unknown' : formatPercent(counts.measured / counts.planned), ''],
  ]
  return html`<ul class="tiles" aria-label="Key numbers">${entries.map((entry) => entry && html`<li><span class="name">${entry[0]}</span><b>${entry[1]}</b><span class="base">${entry[2]}</span></li>`)}</ul>`
}

const lineClass = (line: string): string =>
  line.startsWith('+++') || line.startsWith('---') || line.startsWith('@@')
    ? 'place'
    : line.startsWith('+')
      ? 'added'
      : line.startsWith('-')
        ? 'removed'
        : 'same'

function diffs({ changed_prompts: changed }: PromptResults, texts: readonly PromptDiff[]): Markup {
  const blocks = changed.slice(0, MOST_PROMPTS).map((prompt, at) => {
    const { lines, left } = diffLines(texts[at]?.unified ?? '', MOST_LINES)
    const body =
      texts[at]?.unified === ''
        ? html`<p class="soft">The text is the same.</p>`
        : html`<pre class="diff">${lines.map((line) => html`<span class="${lineClass(line)}">${line}</span>`)}</pre>`
    return html`<h3><code>${cut(prompt.path, 300)}</code> ${cut(changeText(prompt), 600)}</h3>${body}${left > 0 && html`<p class="note">and ${countOf(left, 'more line')} in prompts.diff</p>`}`
  })
  const left = changed.length - blocks.length
  return html`<section aria-labelledby="prompts"><h2 id="prompts">${countOf(changed.length, 'changed prompt')}</h2>${blocks}${left > 0 && html`<p class="note">and ${countOf(left, 'more prompt')} in prompts.diff</p>`}</section>`
}

function comparisonSection(results: PromptResults): Markup | false {
  const { comparison } = results
  if (!comparison) return false
  const reading: ComparisonReading = readComparison(comparison)
  const { delta_accuracy: delta, interval } = comparison
  const closed = interval && interval[0] !== null && interval[1] !== null ? ([interval[0], interval[1]] as const) : null
  const chart =
    closed &&
    delta !== null &&
    intervalChart(
      delta,
      closed,
      -comparison.margin,
      `Change ${reading.deltaText}, interval ${reading.intervalText}, margin ${-comparison.margin}`,
    )
  const rows = [
    ...reading.regressions.map((row) => ({
      ...row,
      status: row.finding === undefined ? 'inconclusive' : row.finding === 'flaky' ? 'flaky' : 'failed',
      words: row.finding ?? 'worse, not run again',
    })),
    ...reading.improvements.map((row) => ({ ...row, critical: false, again: '', status: 'passed', words: 'better' })),
  ]
  const shown = rows.slice(0, 300)
  const table = html`<div class="scroll"><table><thead><tr><th scope="col">Example</th><th scope="col" class="number">Before</th><th scope="col" class="number">Now</th><th scope="col" class="number">Again</th><th scope="col">Finding</th></tr></thead><tbody>${shown.map((row) => html`<tr><th scope="row">${cut(row.id, 120)}${row.critical && html` <span class="tag">critical</span>`}</th><td class="number">${row.before}</td><td class="number">${row.after}</td><td class="number">${row.again}</td><td><span class="status ${row.status}">${row.words}</span></td></tr>`)}</tbody></table></div>${rows.length > shown.length && html`<p class="note">and ${countOf(rows.length - shown.length, 'more example')} in results.json</p>`}`
  return html`<section aria-labelledby="compared"><h2 id="compared">${reading.title}</h2>${chart || ''}<p>${reading.deltaText === null ? cut(reading.reason, 400) : `Accuracy ${reading.deltaText}${reading.intervalText === '' ? '' : ` (${reading.intervalText})`}; ${reading.marginText}`}</p><p class="soft">${reading.countsText}. ${reading.detectableText}. ${keptText(results)}</p>${reading.amounts.map(({ title, text }) => html`<p class="soft">${title} ${text}</p>`)}${rows.length > 0 && table}</section>`
}

function exampleBlock(example: RegressedExample): Markup {
  const parting = partingText(example)
  const field = (title: string, text: string) =>
    html`<div><h3>${title}</h3>${text === '' ? html`<p class="soft">empty</p>` : html`<pre>${text}</pre>`}</div>`
  return html`<h2>${cut(example.id, 120)} <span class="soft">${cut(formatSource(example.source), 300)}</span></h2><div class="sides">${example.expected !== '' && field('Expected', example.expected)}${field('Before', example.before)}${field('Now', example.after)}</div>${parting !== '' && html`<p>The trajectories part ${cut(parting, 1_500)}</p>`}<p class="note">Again: <code>${cut(example.reproduce, 2_000)}</code></p>`
}

function examplesSection({ regressed, regressed_examples: examples }: PromptResults): Markup | false {
  if (regressed.length === 0) return false
  return html`<section aria-labelledby="worse"><h2 id="worse">${countOf(regressed.length, 'example')} got worse</h2>${examples.map((example) => html`<div class="body">${exampleBlock(example)}</div>`)}${regressed.length > examples.length && html`<p class="note">and ${countOf(regressed.length - examples.length, 'more example')} in the journals</p>`}</section>`
}

function aboutSection(results: PromptResults): Markup | false {
  const made = madeWith(results)
  if (!made) return false
  return html`<section aria-labelledby="about"><h2 id="about">What was run</h2>${facts(
    Object.entries(results.fingerprint ?? {}).map(
      ([part, value]) =>
        [part, html`<code>${value === null ? 'unknown' : cut(shortDigest(value), 40)}</code>`] as const,
    ),
    'facts',
  )}${results.base !== null && html`<p class="note">The same from a terminal</p><pre>${cut(promptTestCommand(made), 4_000)}</pre>`}</section>`
}

/** A prompt comparison as one page of HTML that needs nothing but itself; no script runs in it. */
export function renderPromptHtml(
  results: PromptResults,
  texts: readonly PromptDiff[],
  links: ReportLinks = {},
): string {
  const title = `${results.verdict}: ${countOf(results.changed_prompts.length, 'changed prompt')}`
  return `<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<meta http-equiv="Content-Security-Policy" content="${POLICY}">\n${
    html`<meta name="viewport" content="width=device-width, initial-scale=1">\n<meta name="referrer" content="no-referrer">\n<title>${title}</title>\n`
      .text
  }<style>${PAGE_STYLE}</style>\n</head>\n<body>\n<div class="page">\n${
    html`${header(results, links)}\n<main>\n${tiles(results)}\n<div class="pair">${diffs(results, texts)}${comparisonSection(results)}</div>\n${examplesSection(results)}\n${aboutSection(results)}\n</main>\n<footer class="soft">Everything on this page is in <code>results.json</code> and the journals of trials beside it. Made by agent-ci.</footer>\n</div>\n`
      .text
  }</body>\n</html>\n`
}
