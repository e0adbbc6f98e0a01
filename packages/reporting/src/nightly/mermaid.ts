import type { Finding } from '@agent-ci/core/nightly/finding'
import type { Series } from '@agent-ci/core/nightly/night'
import { BLUE, GREY, xyChart } from '../xy-chart.ts'

/** Measured nights that a chart shows. */
const MOST_NIGHTS = 30

/** How far it fell, in standard deviations of its baseline. */
const severity = ({ drop, baseline }: Finding): number =>
  drop === null || !baseline ? -Infinity : drop / Math.max(baseline.sd, 1e-12)

/** The finding that a reader wants to see first: what regressed, else a suspect, else what is furthest below its baseline. */
export function worstFinding(findings: readonly Finding[]): Finding | undefined {
  // What was not measured, or has no baseline, shows nothing in a chart.
  const told = findings.filter(({ value, baseline }) => value !== null && baseline !== null)
  const [worst] = told.toSorted((a, b) => severity(b) - severity(a))
  return told.find(({ state }) => state === 'regressed') ?? told.find(({ state }) => state === 'suspect') ?? worst
}

interface ChartScale {
  readonly title: string
  readonly factor: number
}

/** Three digits after the point have to tell the values apart. */
function scaleOf(unit: Finding['unit'], most: number): ChartScale {
  switch (unit) {
    case 'fraction':
      return { title: '%', factor: 100 }
    case 'ms':
      return most >= 10_000 ? { title: 'seconds', factor: 1e-3 } : { title: 'ms', factor: 1 }
    case 'usd':
      return most < 0.01 ? { title: 'millionths of a dollar', factor: 1e6 } : { title: 'dollars', factor: 1 }
    case 'tokens':
      return { title: 'tokens', factor: 1 }
  }
}

/**
 * A series' last measured nights beside its baseline in Mermaid's language. Nothing but our own words and numbers goes into it.
 * Undefined where two nights were not measured yet.
 */
export function nightsChart({ points }: Series, { baseline, unit }: Finding): string | undefined {
  const measured = points.flatMap(({ night, value }) => (value === null ? [] : [{ night, value }])).slice(-MOST_NIGHTS)
  const [first, last] = [measured[0], measured.at(-1)]
  if (!first || !last || measured.length < 2) return undefined
  const day = ({ night }: { night: string }) => (/^\d{4}-\d\d-\d\d$/.test(night) ? night : 'unknown')
  const known = [...measured.map(({ value }) => value), ...(baseline ? [baseline.mean] : [])]
  const { title, factor } = scaleOf(unit, Math.max(...known))
  const [low, high] = [Math.min(...known) * factor, Math.max(...known) * factor]
  const room = Math.max(high - low, Math.abs(high) * 0.02, 1e-3) * 0.15
  const ceiling = unit === 'fraction' ? Math.min(100, high + room) : high + room
  return xyChart({
    title: `From ${day(first)} to ${day(last)}: blue${baseline ? ', baseline grey' : ''}`,
    x: { title: 'measured nights', from: 1, to: measured.length },
    y: { title, from: Math.max(0, low - room), to: ceiling },
    lines: [
      { colour: BLUE, values: measured.map(({ value }) => value * factor) },
      ...(baseline ? [{ colour: GREY, values: measured.map(() => baseline.mean * factor) }] : []),
    ],
  })
}
