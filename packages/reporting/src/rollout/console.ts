import type {
  ArmReading,
  CheckResult,
  RolloutCheck,
  RolloutEvent,
  RolloutTimeline,
} from '@agent-ci/core/rollout-timeline'
import { logLine } from '../log-line.ts'
import { countOf, formatCount, formatDuration } from '../numbers.ts'
import { BOLD, CYAN, DIM, GREEN, type Paints, paintsOf, RED, YELLOW } from '../paints.ts'
import {
  evidenceShare,
  formatEvidence,
  formatLatency,
  formatRate,
  NOTHING,
  outcomeWords,
  RESULT_WORDS,
  releaseName,
  tookMs,
  worstMetric,
} from './wording.ts'

/** The log shows lines of this width without a scroll bar. */
export const TABLE_WIDTH = 140

interface Paint {
  /** Whether the log shows ANSI colours. */
  readonly colour: boolean
}

const RESULT_COLOURS: Readonly<Record<CheckResult, number>> = {
  pass: GREEN,
  fail: RED,
  inconclusive: CYAN,
  error: YELLOW,
  noData: YELLOW,
  insufficient: DIM,
}

const BAR = 8
const FINDING = 19

/** The time of day of a moment. */
const timeOf = (iso: string): string => /^\d{4}-\d\d-\d\dT(\d\d:\d\d:\d\d)/.exec(iso)?.[1] ?? '??:??:??'

const weight = (percent: number | null): string => (percent === null ? NOTHING : String(Number(percent.toFixed(1))))

/** A count in at most `most` characters, six or more. */
function amount(count: number | null, most: number): string {
  if (count === null) return NOTHING
  const whole = formatCount(Math.round(count))
  if (whole.length <= most) return whole
  return count < 999_500_000 ? `${(count / 1e6).toFixed(1)}M` : `${(count / 1e9).toFixed(1)}G`
}

/** A rate in at most six characters. */
function rateOf(share: number | null): string {
  if (share !== null && share >= 0.9995) return '100 %'
  return share !== null && share > 0 && share < 0.000095 ? '<.01 %' : formatRate(share)
}

/** A latency in at most six characters. */
const latencyOf = (ms: number | null): string =>
  ms !== null && ms >= 999_500 ? `${Math.round(ms / 60_000)} min` : formatLatency(ms)

/** Evidence in at most six characters. */
const evidenceOf = (value: number | null): string =>
  value !== null && value > 0 && value < 1e-9 ? '<1e-9' : formatEvidence(value === null ? null : Math.min(value, 1e99))

/** Cells of fixed width, set to the right, two spaces apart. */
const rightCells = (widths: readonly number[], cells: readonly string[]): string =>
  cells.map((cell, at) => cell.padStart(widths[at] ?? 0)).join('  ')

const PLACE = [8, 5] as const
const WEIGHTS = [5, 5, 6] as const
const SIDE = [7, 6, 6, 6] as const
const SIDE_WIDTH = SIDE.reduce((sum, width) => sum + width + 2, -2)
const SIDE_HEADS = ['reqs', 'errs', 'rate', 'p95']
const GAP = '  '

const centred = (title: string, width: number): string =>
  ` ${title} `.padStart(Math.floor((width + title.length + 2) / 2), '-').padEnd(width, '-')

/** The two lines above a step's checks. */
function tableHead(limit: number): string[] {
  const [place, weights] = [PLACE[0] + PLACE[1] + 2, WEIGHTS[0] + WEIGHTS[1] + WEIGHTS[2] + 4]
  return [
    [
      ' '.repeat(place),
      centred('weight %', weights),
      centred('canary', SIDE_WIDTH),
      centred('stable', SIDE_WIDTH),
    ].join(GAP),
    [
      rightCells(PLACE, ['time', 'step']),
      rightCells(WEIGHTS, ['asked', 'route', 'served']),
      rightCells(SIDE, SIDE_HEADS),
      rightCells(SIDE, SIDE_HEADS),
      `${`evidence/${evidenceOf(limit)}`.padEnd(BAR + 7)} worst metric`,
    ].join(GAP),
  ]
}

const side = ({ requests, errors, error_rate: rate, p95_ms: p95 }: ArmReading): string =>
  rightCells(SIDE, [amount(requests, SIDE[0]), amount(errors, SIDE[1]), rateOf(rate), latencyOf(p95)])

const shorten = (text: string, width: number): string =>
  text.length <= width ? text : `${text.slice(0, width - 1).toWellFormed()}…`

/** Evidence as a bar: full at its limit, growing with its logarithm. */
export function evidenceBar(evidence: RolloutCheck['evidence'], width = BAR): string {
  const full = Math.floor(evidenceShare(evidence) * width + 1e-9)
  return '█'.repeat(full) + '░'.repeat(width - full)
}

function tableRow(check: RolloutCheck, stepsPlanned: number, { paint }: Paints): string {
  const { at, step, weight: weights, canary, stable, evidence } = check
  const worst = worstMetric(check)
  const finding = worst
    ? worst.result === 'pass'
      ? 'pass'
      : `${RESULT_WORDS[worst.result]} ${logLine(worst.name, 60)}`
    : 'none'
  const bar = `${evidenceBar(evidence)} ${evidenceOf(evidence.value).padEnd(6)}`
  const over = evidence.value !== null && evidence.value >= evidence.limit
  return [
    rightCells(PLACE, [timeOf(at), `${step}/${stepsPlanned}`]),
    rightCells(WEIGHTS, [weight(weights.asked), weight(weights.route), weight(weights.served)]),
    side(canary),
    side(stable),
    `${over ? paint(RED, bar) : bar} ${paint(worst ? RESULT_COLOURS[worst.result] : DIM, shorten(finding, FINDING))}`,
  ].join(GAP)
}

/**
 * The lines that a check adds to the live table of the log, at most `TABLE_WIDTH` characters wide: the table's head where the check is
 * the first of its step, and the check itself. `previous` is the check before it.
 */
export function renderCheck(
  check: RolloutCheck,
  previous: RolloutCheck | undefined,
  { stepsPlanned, colour }: Paint & { readonly stepsPlanned: number },
): string[] {
  const paints = paintsOf(colour)
  const head = previous?.step === check.step ? [] : tableHead(check.evidence.limit).map(paints.dim)
  return [...head, tableRow(check, stepsPlanned, paints)]
}

const EVENT_COLOURS = { phase: DIM, decision: BOLD, warning: YELLOW, problem: RED } as const

/** A change of phase, a decision, a warning or a problem, as a line of the log. */
export function renderEvent({ at, kind, text }: RolloutEvent, { colour }: Paint): string {
  return paintsOf(colour).paint(EVENT_COLOURS[kind], `${timeOf(at)}  ${kind.padEnd(8)}  ${logLine(text, 600)}`)
}

/** The end of a rollout: its verdict and what became of it and why, what was measured, and the files with the rest. */
export function renderRolloutEnd(
  timeline: RolloutTimeline,
  { files = [], colour }: Paint & { readonly files?: readonly string[] },
): string[] {
  const { bold, paintVerdict } = paintsOf(colour)
  const { verdict, app, environment, reason, release, previous, checks, steps, steps_planned: planned } = timeline
  const took = tookMs(timeline)
  const measured = [
    ...(planned > 0 ? [`${steps.length} of ${countOf(planned, 'step')}`, countOf(checks.length, 'check')] : []),
    ...(took === null ? [] : [formatDuration(took)]),
  ]
  const before = previous === null ? 'the first release' : `in the place of ${logLine(releaseName(previous), 120)}`
  return [
    `${bold(paintVerdict(verdict))} ${logLine(app, 80)} in ${logLine(environment, 80)} ${outcomeWords(timeline)}: ${logLine(reason, 600)}`,
    `  release ${logLine(releaseName(release), 120)}, ${before}`,
    ...(measured.length > 0 ? [`  ${measured.join(', ')}`] : []),
    ...files.map((file) => `  ${logLine(file, 1_000)}`),
  ]
}
