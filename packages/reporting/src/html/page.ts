import { createHash } from 'node:crypto'
import type { Results } from '@agent-ci/core/results'
import { cut } from '@agent-ci/core/untrusted'
import { type ExampleRuns, groupByExample } from '../example-runs.ts'
import { html, type Markup } from '../markup.ts'
import { countOf, formatCount } from '../numbers.ts'
import type { ReportLinks } from '../summary.ts'
import type { TrialStream } from '../trial-view.ts'
import { comparedIds, comparisonSection } from './comparison.ts'
import { exampleRow, kindsOf } from './examples.ts'
import {
  aboutSection,
  errorsSection,
  gatesSection,
  latencySection,
  safetySection,
  tagsSection,
  tiles,
  verdictHeader,
} from './overview.ts'
import { SCRIPT } from './script.ts'
import { STYLE } from './style.ts'

/** Rows that a page holds; `trials.jsonl` holds all. */
export const MOST_NOTABLE = 2_000
export const MOST_PASSING = 1_000
export const MOST_UNRUN = 200
/** However long the texts are, a page stays one that a browser opens. In characters. */
export const MOST_CHARACTERS = 20_000_000
/** Tags in the filter's list. */
const MOST_TAGS = 500

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

/** Nothing may run or load but the two parts that are named here by their hashes. */
const POLICY = `default-src 'none'; script-src ${hashOf(SCRIPT)}; style-src ${hashOf(STYLE)}; base-uri 'none'; form-action 'none'`

/** The rows of a page, and what was seen on the way to them. */
class Rows {
  readonly notable: string[] = []
  readonly passing: string[] = []
  readonly unrun: string[] = []
  /** Of the rows that something on the page links to. */
  readonly anchors = new Map<string, string>()
  readonly latenciesMs: number[] = []
  /** By what the filters go by. */
  readonly counts = new Map<string, number>()
  leftOut = 0
  total = 0
  private characters = 0
  private readonly tagNumbers: ReadonlyMap<string, number>
  private readonly linked: ReadonlySet<string>

  constructor(tags: readonly string[], linked: ReadonlySet<string>) {
    this.tagNumbers = new Map(tags.map((tag, at) => [tag, at]))
    this.linked = linked
  }

  get shown(): number {
    return this.notable.length + this.passing.length + this.unrun.length
  }

  add(runs: ExampleRuns): void {
    this.total++
    for (const { reply } of runs.trials) {
      if (!reply.replayed && !reply.failure) this.latenciesMs.push(reply.latencyMs)
    }
    const kinds = kindsOf(runs)
    const passing = kinds.length === 1 && kinds[0] === 'passed'
    const [rows, most] =
      runs.status === 'not run'
        ? [this.unrun, MOST_UNRUN]
        : passing
          ? [this.passing, MOST_PASSING]
          : [this.notable, MOST_NOTABLE]
    if (rows.length >= most || this.characters > MOST_CHARACTERS) {
      this.leftOut++
      return
    }
    const numbers = runs.example.tags.flatMap((tag) => this.tagNumbers.get(tag) ?? [])
    const anchor = this.linked.has(runs.example.id) ? `example-${this.total}` : undefined
    if (anchor !== undefined) this.anchors.set(runs.example.id, anchor)
    const row = exampleRow(runs, numbers, anchor)
    this.characters += row.length
    rows.push(row)
    for (const kind of kinds) this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1)
  }
}

function filterBar(rows: Rows, tags: readonly string[]): Markup {
  const chips = [
    ['all', 'All', rows.shown],
    ['failed', 'Failing', rows.counts.get('failed')],
    ['wrong-tools', 'Wrong tools', rows.counts.get('wrong-tools')],
    ['errored', 'Errored', rows.counts.get('errored')],
    ['flaky', 'Flaky', rows.counts.get('flaky')],
    ['not-run', 'Not run', rows.counts.get('not-run')],
    ['passed', 'Passed', rows.counts.get('passed')],
  ] as const
  const buttons = chips.map(
    ([kind, label, count]) =>
      count !== undefined &&
      html`<button type="button" data-status="${kind}" aria-pressed="${String(kind === 'all')}">${label}<span class="n">${formatCount(count)}</span></button>`,
  )
  const select =
    tags.length > 0 &&
    html`<label><span class="vh">Tag</span><select id="tag"><option value="">any tag</option>${tags.map((tag, at) => html`<option value="${at}">${cut(tag, 60)}</option>`)}</select></label>`
  return html`<div class="filters" id="filters" role="group" aria-label="Filter the examples" hidden>${buttons}${select}<input id="search" type="search" placeholder="Search in all texts" aria-label="Search in all texts"><button type="button" id="fold">Open all shown</button><span class="soft" id="count" role="status"></span></div>`
}

/**
 * A run as one page of HTML that needs nothing but itself: every style and the one script are inline and named by hash in its content
 * security policy, so nothing that a model wrote can run or load. Rows are kept to the limits above; the rest is counted.
 */
export async function* renderHtml(
  results: Results,
  trials: TrialStream,
  { links = {} }: { readonly links?: ReportLinks } = {},
): AsyncGenerator<string> {
  const tags = Object.keys(results.tags).slice(0, MOST_TAGS)
  const rows = new Rows(tags, comparedIds(results.comparison))
  for await (const runs of groupByExample(trials)) rows.add(runs)

  const title = `${results.verdict}: ${cut(results.dataset.name, 80)}`
  yield `<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<meta http-equiv="Content-Security-Policy" content="${POLICY}">\n`
  yield html`<meta name="viewport" content="width=device-width, initial-scale=1">\n<meta name="referrer" content="no-referrer">\n<title>${title}</title>\n`
    .text
  yield `<style>${STYLE}</style>\n</head>\n<body>\n<div class="page">\n`
  yield html`<a class="skip" href="#examples">Skip to the examples</a>\n${verdictHeader(results, links)}\n<main>\n`.text
  yield html`${tiles(results)}\n${gatesSection(results)}\n${comparisonSection(results.comparison, rows.anchors)}\n${safetySection(results)}\n<div class="pair">${tagsSection(results)}<div>${latencySection(results, results.latency_mean === null ? [] : rows.latenciesMs)}${errorsSection(results)}</div></div>\n`
    .text
  yield html`<section aria-labelledby="examples"><h2 id="examples">Examples</h2>\n${filterBar(rows, tags)}\n<div class="columns" aria-hidden="true"><span></span><span>Result</span><span>Example</span><span>Expected</span><span>Got</span><span>Latency</span></div>\n`
    .text
  yield* rows.notable
  yield* rows.passing
  yield* rows.unrun
  yield html`<p id="none" class="note" hidden>No example matches.</p><p class="note"><button type="button" id="more" hidden></button></p>\n`
    .text
  if (rows.total === 0) yield html`<p class="note">No example was run.</p>\n`.text
  if (rows.leftOut > 0) {
    yield html`<p class="note">${countOf(rows.leftOut, 'more example')} left out to keep this page quick; trials.jsonl beside it has all ${formatCount(rows.total)}.</p>\n`
      .text
  }
  yield html`</section>\n${aboutSection(results)}\n</main>\n<footer class="soft">Everything on this page is in <code>results.json</code> and <code>trials.jsonl</code> beside it. Made by agent-ci.</footer>\n</div>\n`
    .text
  yield `<script>${SCRIPT}</script>\n</body>\n</html>\n`
}
