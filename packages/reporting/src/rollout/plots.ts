import type { RolloutCheck, RolloutTimeline } from '@agent-ci/core/rollout-timeline'
import { html, type Markup } from '../markup.ts'
import { formatCount } from '../numbers.ts'
import { type Line, type Mark, markStrip, type Panel, type Point, type TimeAxis, timePlot } from './time-plot.ts'
import { formatEvidence, formatLatency, formatRate, formatWeight } from './wording.ts'

/** Decisions beyond these are in the list of events only. */
export const MOST_DECISIONS = 12

type Legend = readonly (readonly [kind: string, words: string])[]

interface Plot {
  readonly heading: string
  readonly legend: Legend
  readonly panel: Panel
}

const SIDES: Legend = [
  ['canary', 'canary'],
  ['stable', 'stable'],
]

/** The decisions with the names under which the plots and the list of events speak of them. */
export const decisionNames = ({ events }: RolloutTimeline): ReadonlyMap<RolloutTimeline['events'][number], string> =>
  new Map(
    events
      .filter(({ kind }) => kind === 'decision')
      .slice(-MOST_DECISIONS)
      .map((event, at) => [event, `D${at + 1}`]),
  )

/** The time of a rollout with its steps and decisions on it; undefined where it has no length. */
export function timeAxis(timeline: RolloutTimeline): TimeAxis | undefined {
  const [start, end] = [Date.parse(timeline.started_at), Date.parse(timeline.ended_at)]
  if (!(end > start)) return undefined
  const inside = ({ at }: Mark) => at >= start && at <= end
  const steps = timeline.steps.map(
    ({ index, real, started_at: at }): Mark => ({
      at: Date.parse(at),
      kind: 'step',
      label: `${index}: ${formatWeight(real)}`,
    }),
  )
  const decisions = [...decisionNames(timeline)].map(
    ([{ at }, label]): Mark => ({ at: Date.parse(at), kind: 'decision', label }),
  )
  return { start, end, marks: [...steps, ...decisions].filter(inside) }
}

function weightPlot({ steps, checks, outcome, ended_at: ended }: RolloutTimeline, axis: TimeAxis): Plot {
  const lastMoment = Date.parse(steps.at(-1)?.ended_at ?? ended)
  const after = outcome === 'promoted' ? 100 : outcome === 'rolled-back' ? 0 : (steps.at(-1)?.asked ?? 0)
  const asked: Point[] = [
    [axis.start, 0],
    ...steps.map((step): Point => [Date.parse(step.started_at), step.asked]),
    [lastMoment, after],
    [axis.end, after],
  ]
  // A step begins once the route has its weight: what its first check reads held from there.
  const route = checks.flatMap(({ at, step, weight }, index): Point[] => {
    const began = checks[index - 1]?.step === step ? undefined : steps.find((each) => each.index === step)?.started_at
    const point: Point = [Date.parse(at), weight.route]
    return began === undefined ? [point] : [[Date.parse(began), weight.route], point]
  })
  const served = checks.map(({ at, weight }): Point => [Date.parse(at), weight.served])
  return {
    heading: 'Weight of the canary',
    legend: [
      ['asked', 'asked'],
      ['route', 'route'],
      ['canary', 'served'],
    ],
    panel: {
      title: `Weight of the canary over time: asked for, set in the route, and served; at the end ${formatWeight(after)}`,
      lines: [
        { kind: 'asked', points: asked, stepped: true },
        { kind: 'route', points: route, stepped: true },
        { kind: 'canary', points: served },
      ],
      limit: null,
      scale: 'linear',
      least: 100,
      format: formatWeight,
    },
  }
}

function sides(
  checks: RolloutTimeline['checks'],
  of: (side: RolloutCheck['canary']) => number | null,
  suffix = '',
): Line[] {
  return (['stable', 'canary'] as const).map((side) => ({
    kind: `${side}${suffix}`,
    points: checks.map((check): Point => [Date.parse(check.at), of(check[side])]),
  }))
}

function requestPoints({ checks, steps, started_at: started }: RolloutTimeline, side: 'canary' | 'stable'): Point[] {
  let before = Date.parse(started)
  return checks.map((check, at): Point => {
    const time = Date.parse(check.at)
    if (checks[at - 1]?.step !== check.step) {
      before = Math.max(before, Date.parse(steps.find(({ index }) => index === check.step)?.started_at ?? started))
    }
    const seconds = (time - before) / 1_000
    before = time
    const { requests } = check[side]
    return [time, requests === null || !(seconds > 0) ? null : requests / seconds]
  })
}

const secondsOrLess = (ms: number): string =>
  ms < 1_000 ? `${Number(ms.toPrecision(6))} ms` : `${formatCount(Number((ms / 1_000).toPrecision(6)))} s`

const powerOfTen = (value: number): string =>
  value >= 1e5 || value < 1e-3 ? value.toExponential(0).replace('e+', 'e') : formatCount(value)

const perSecond = (value: number): string => formatCount(Number(value.toPrecision(3)))

function plotsOf(timeline: RolloutTimeline, axis: TimeAxis): Plot[] {
  const { checks, limits } = timeline
  const linear = { scale: 'linear', limit: null } as const
  const evidenceLimit = checks.at(-1)?.evidence.limit ?? null
  return [
    weightPlot(timeline, axis),
    {
      heading: 'Error rate since the start of the step',
      legend: SIDES,
      panel: {
        ...linear,
        title: 'Error rate of canary and stable over time',
        lines: sides(checks, ({ error_rate: rate }) => rate),
        limit:
          limits.error_rate === null
            ? null
            : { at: limits.error_rate, label: `limit ${formatRate(limits.error_rate)}` },
        least: 0.001,
        format: (value) => `${Number((value * 100).toPrecision(6))} %`,
      },
    },
    {
      heading: 'Latency',
      legend: [
        ['canary', 'canary p95'],
        ['canary-low', 'canary p50'],
        ['stable', 'stable p95'],
        ['stable-low', 'stable p50'],
      ],
      panel: {
        ...linear,
        title: 'Latency of canary and stable over time, p50 and p95',
        lines: [...sides(checks, ({ p50_ms: p50 }) => p50, '-low'), ...sides(checks, ({ p95_ms: p95 }) => p95)],
        limit:
          limits.p95_ms === null ? null : { at: limits.p95_ms, label: `limit of p95 ${formatLatency(limits.p95_ms)}` },
        least: 1,
        format: secondsOrLess,
      },
    },
    {
      heading: 'Evidence that the canary is worse',
      legend: [['canary', 'e-value, on a logarithmic axis']],
      panel: {
        title: 'Evidence that the canary is worse over time, as an e-value',
        lines: [{ kind: 'canary', points: checks.map((check): Point => [Date.parse(check.at), check.evidence.value]) }],
        limit:
          evidenceLimit === null
            ? null
            : { at: evidenceLimit, label: `taken back at ${formatEvidence(evidenceLimit)}` },
        scale: 'log',
        least: 1,
        format: powerOfTen,
      },
    },
    {
      heading: 'Requests per second',
      legend: SIDES,
      panel: {
        ...linear,
        title: 'Requests per second of canary and stable over time',
        lines: (['stable', 'canary'] as const).map((side) => ({ kind: side, points: requestPoints(timeline, side) })),
        least: 0.1,
        format: perSecond,
      },
    },
  ]
}

const legendItem = ([kind, words]: Legend[number]): Markup =>
  html`<li><svg class="swatch" role="img" viewBox="0 0 26 10" width="26" height="10"><title>${words}</title><path class="${kind}" d="M1 5H25"/></svg>${words}</li>`

/** The plots of a rollout, one below the other on one axis of time. */
export function rolloutPlots(timeline: RolloutTimeline, axis: TimeAxis): Markup {
  const plots = plotsOf(timeline, axis)
  const drawn = plots.map(
    ({ heading, legend, panel }, at) =>
      html`<div class="plot-head"><h3>${heading}</h3><ul class="legend">${legend.map(legendItem)}</ul></div>${timePlot(panel, axis, at === plots.length - 1)}\n`,
  )
  return html`${markStrip(axis)}\n${drawn}`
}
