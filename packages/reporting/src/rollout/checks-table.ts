import type { ArmReading, RolloutCheck, RolloutTimeline } from '@agent-ci/core/rollout-timeline'
import { cut } from '@agent-ci/core/untrusted'
import { html, type Markup } from '../markup.ts'
import { countOf, formatCount, formatDuration } from '../numbers.ts'
import {
  formatEvidence,
  formatLatency,
  formatRate,
  formatWeight,
  NOTHING,
  RESULT_WORDS,
  worstMetric,
} from './wording.ts'

/** Rows that a page holds; `timeline.json` has all checks. */
export const MOST_CHECKS = 2_500
/** More rows than this are folded. */
const MOST_OPEN = 40

/** By the name that the readout gives them, and the shorter one in the table. */
const HEADS: readonly (readonly [string, string])[] = [
  ...['Asked', 'Route', 'Served', 'Evidence', 'Worst metric'].map((name) => [name, name] as const),
  ...['Canary', 'Stable'].flatMap((side) =>
    ['requests', 'errors', 'error rate', 'p50', 'p95'].map(
      (name, at) => [`${side} ${name}`, at === 0 ? `${side} ${name}` : name] as const,
    ),
  ),
]

const count = (amount: number | null): string => (amount === null ? NOTHING : formatCount(amount))

const side = ({ requests, errors, error_rate: rate, p50_ms: p50, p95_ms: p95 }: ArmReading): string[] => [
  count(requests),
  count(errors),
  formatRate(rate),
  formatLatency(p50),
  formatLatency(p95),
]

function row(check: RolloutCheck, start: number): Markup {
  const { at, step, weight, canary, stable, evidence } = check
  const time = Date.parse(at)
  const worst = worstMetric(check)
  const finding = worst
    ? worst.result === 'pass'
      ? 'pass'
      : `${RESULT_WORDS[worst.result]}: ${cut(worst.name, 80)}`
    : 'none'
  const numbers = (cells: readonly string[]) => cells.map((cell) => html`<td class="number">${cell}</td>`)
  const place = [weight.asked, weight.route, weight.served].map(formatWeight)
  const clock = /T(\d\d:\d\d:\d\d)/.exec(at)?.[1] ?? cut(at, 40)
  return html`<tr data-at="${Number.isFinite(time) ? time : start}"><th scope="row">${clock}</th><td class="number">${formatDuration(Math.max(0, time - start) || 0)}</td><td class="number">${step}</td>${numbers([...place, formatEvidence(evidence.value)])}<td class="name">${finding}</td>${numbers([...side(canary), ...side(stable)])}</tr>\n`
}

/** As many checks as a page holds: those that found something, and of the others every so many. */
function choose(checks: RolloutTimeline['checks']): RolloutTimeline['checks'] {
  if (checks.length <= MOST_CHECKS) return checks
  const every = Math.ceil(checks.length / (MOST_CHECKS / 2))
  let notable = MOST_CHECKS / 2
  return checks.filter(
    (check, at) =>
      at % every === 0 || at === checks.length - 1 || (worstMetric(check)?.result !== 'pass' && notable-- > 0),
  )
}

/** Every check as a row; the plots' readout reads them here. */
export function checksSection({ checks, started_at: started }: RolloutTimeline): Markup | false {
  if (checks.length === 0) return false
  const start = Date.parse(started)
  const shown = choose(checks)
  const left = checks.length - shown.length
  const heads = HEADS.map(
    ([name, short]) =>
      html`<th scope="col"${name !== 'Worst metric' && html` class="number"`} data-name="${name}">${short}</th>`,
  )
  const table = html`<div class="scroll"><table class="checks" id="check-table"><thead><tr><th scope="col">Time</th><th scope="col" class="number">After</th><th scope="col" class="number">Step</th>${heads}</tr></thead><tbody>${shown.map((check) => row(check, start))}</tbody></table></div>${left > 0 && html`<p class="note">${countOf(left, 'more check')} left out to keep this page quick; timeline.json has all ${formatCount(checks.length)}.</p>`}`
  const body =
    shown.length <= MOST_OPEN
      ? table
      : html`<details class="fold"><summary>${countOf(shown.length, 'check')}</summary>${table}</details>`
  return html`<section aria-labelledby="checks"><h2 id="checks">Checks</h2>${body}</section>`
}
