import { cut } from '@agent-ci/core/untrusted'
import { html, type Markup } from './markup.ts'
import { countOf, formatChange, formatCount, formatMs } from './numbers.ts'

/** Two decimals at most: the same input gives the same bytes everywhere. */
export const fixed = (value: number): string => String(Number(value.toFixed(2)))

/** The least of 1, 2, 2.5, 5, 10, 20, 25, 50 … (also 0.1, 0.2 …) that is not below `least`. */
export function niceStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least))
  return ([1, 2, 2.5, 5].find((step) => step * power >= least * (1 - 1e-9)) ?? 10) * power
}

/** A share as a bar over a track; `title` says it in words. */
export function bar(share: number, title: string): Markup {
  return html`<svg class="bar" role="img" viewBox="0 0 100 8" preserveAspectRatio="none"><title>${title}</title><rect class="track" width="100" height="8"/><rect class="fill" width="${fixed(100 * Math.min(1, Math.max(0, share)))}" height="8"/></svg>`
}

/** Parts of a whole side by side. */
export function splitBar(parts: readonly { readonly kind: string; readonly count: number }[], title: string): Markup {
  const total = parts.reduce((sum, { count }) => sum + count, 0)
  let before = 0
  const drawn = parts.map(({ kind, count }) => {
    const start = (100 * before) / total
    before += count
    return (
      count > 0 &&
      html`<rect class="${kind}-part" x="${fixed(start)}" width="${fixed((100 * count) / total)}" height="8"/>`
    )
  })
  return html`<svg class="bar" role="img" viewBox="0 0 100 8" preserveAspectRatio="none"><title>${title}</title>${drawn}</svg>`
}

/** A range, the observed value in it, and the threshold that they are held against. Without a value: what is still possible. */
export function intervalChart(
  value: number | null,
  range: readonly [number, number],
  threshold: number,
  title: string,
): Markup {
  const [width, height, edge] = [160, 28, 8]
  const least = Math.min(range[0], value ?? threshold, threshold)
  const most = Math.max(range[1], value ?? threshold, threshold)
  const x = (at: number) =>
    fixed(most === least ? width / 2 : edge + ((at - least) / (most - least)) * (width - 2 * edge))
  const y = height / 2
  const dot = value !== null && html`<circle class="value" cx="${x(value)}" cy="${y}" r="4.5"/>`
  return html`<svg class="interval" role="img" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"><title>${title}</title><line class="axis" x1="0" x2="${width}" y1="${y}" y2="${y}"/><line class="${value === null ? 'possible' : 'range'}" x1="${x(range[0])}" x2="${x(range[1])}" y1="${y}" y2="${y}"/><line class="limit-line" x1="${x(threshold)}" x2="${x(threshold)}" y1="2" y2="${height - 2}"/>${dot}</svg>`
}

/**
 * A change in points with its interval, on an axis that is divided at no change and at the tolerated drop. A bound that is null lies
 * beyond the axis.
 */
export function changeChart(
  change: number,
  [low, high]: readonly [number | null, number | null],
  margin: number,
  title: string,
): Markup {
  const [width, height, top, base] = [460, 96, 22, 70]
  const known = [0, -margin, change, ...[low, high].filter((bound) => bound !== null)]
  const span = Math.max(1, Math.max(...known) - Math.min(...known))
  const [left, right] = [Math.min(...known) - 0.14 * span, Math.max(...known) + 0.14 * span]
  const at = (points: number) => ((points - left) / (right - left)) * width
  const x = (points: number) => fixed(at(points))
  const step = niceStep((right - left) / 8)
  const first = Math.ceil(left / step)
  const ticks = Array.from({ length: Math.floor(right / step) - first + 1 }, (_, i) => (first + i) * step)
    .filter((points) => at(points) > 16 && at(points) < width - 16)
    .map(
      (points) =>
        html`<text class="tick" x="${x(points)}" y="${base + 16}" text-anchor="middle">${points === 0 ? '0' : formatChange(points, fixed)}</text>`,
    )
  const zone = (kind: string, from: number, to: number) =>
    to > from &&
    html`<rect class="${kind}-zone" x="${x(from)}" y="${top}" width="${fixed(at(to) - at(from))}" height="${base - top}"/>`
  const limit = `margin ${formatChange(-margin, fixed)}`
  const flipped = at(-margin) < textWidth(limit)
  const y = (top + base) / 2
  return html`<svg class="change" role="img" viewBox="0 0 ${width} ${height}"><title>${title}</title>${zone('worse', left, -margin)}${zone('tolerated', -margin, 0)}${zone('better', 0, right)}<text class="tick" x="8" y="${base - 6}">worse</text><text class="tick" x="${width - 8}" y="${base - 6}" text-anchor="end">better</text>${ticks}<line class="zero-line" x1="${x(0)}" x2="${x(0)}" y1="${top}" y2="${base}"/><text class="label" x="${fixed(Math.min(at(0) + 5, width - textWidth('no change')))}" y="${top - 8}">no change</text>${margin > 0 && html`<line class="limit-line" x1="${x(-margin)}" x2="${x(-margin)}" y1="${top}" y2="${base}"/><text class="label limit-label" x="${flipped ? 4 : fixed(at(-margin) - 5)}" y="${top - 8}" text-anchor="${flipped ? 'start' : 'end'}">${limit}</text>`}<line class="range" x1="${x(low ?? left)}" x2="${x(high ?? right)}" y1="${y}" y2="${y}"/><circle class="value" cx="${x(change)}" cy="${y}" r="6"/></svg>`
}

/** A vertical line across a histogram. */
export interface Marker {
  readonly label: string
  readonly at: number
  readonly kind: 'quantile' | 'limit'
}

interface Scale {
  readonly start: number
  readonly step: number
  readonly bins: number
  /** The last bin holds everything above. */
  readonly open: boolean
}

/** 16 to 33 bins of a round width, but for few values. A few values far above the others share one open bin, so that the others stay readable. */
function chooseScale(values: ArrayLike<number>, limits: readonly number[]): Scale {
  let [least, most] = [Number.POSITIVE_INFINITY, 0]
  for (let at = 0; at < values.length; at++) {
    least = Math.min(least, values[at]!)
    most = Math.max(most, values[at]!)
  }
  const sorted = Float64Array.from(values).sort()
  const usual = sorted[Math.ceil(0.99 * sorted.length) - 1]! * 1.25
  const near = Math.max(0, ...limits.filter((limit) => limit <= 1.5 * usual))
  const top = Math.max(most > 2 * usual ? usual : most, near)
  const step = niceStep(Math.max(top - (least > top / 2 ? least : 0), top * 1e-3, 0.01) / 32)
  const start = least > top / 2 ? Math.floor(least / step) * step : 0
  const bins = Math.max(1, Math.floor((top - start) / step) + 1)
  return { start, step, bins, open: most >= start + bins * step }
}

/** Of a label in the chart's size with the space around it; a little more than most fonts need. */
export const textWidth = (text: string): number => text.length * 6.6 + 12

/** A histogram of durations with its markers; those that lie beyond the axis are not drawn and returned instead. */
export function latencyHistogram(
  valuesMs: ArrayLike<number>,
  markers: readonly Marker[],
): { readonly svg: Markup; readonly beyond: readonly Marker[] } {
  const scale = chooseScale(
    valuesMs,
    markers.map((marker) => marker.at),
  )
  const columns = scale.bins + (scale.open ? 1 : 0)
  const counts = new Array<number>(columns).fill(0)
  for (let at = 0; at < valuesMs.length; at++) {
    const bin = Math.min(columns - 1, Math.floor((valuesMs[at]! - scale.start) / scale.step))
    counts[bin] = counts[bin]! + 1
  }

  const [width, left, right, bottom] = [560, 36, 8, 28]
  const end = scale.start + scale.bins * scale.step
  const visible = markers.filter((marker) => marker.at >= scale.start && marker.at <= end).sort((a, b) => a.at - b.at)
  const columnWidth = (width - left - right) / columns
  const x = (ms: number) => left + ((ms - scale.start) / scale.step) * columnWidth
  const rows = stackLabels(
    visible.map((marker) => ({ at: x(marker.at), width: textWidth(marker.label) })),
    width,
  )
  const plotTop = 12 + 18 * (Math.max(-1, ...rows) + 1)
  const height = plotTop + 190 + bottom
  const base = height - bottom
  const highest = Math.max(...counts)
  const yStep = Math.max(1, Math.ceil(niceStep(highest / 4)))
  const y = (count: number) => base - (count / highest) * (base - plotTop)

  const grid = Array.from({ length: Math.floor(highest / yStep) + 1 }, (_, at) => at * yStep).map(
    (count) =>
      html`<line class="grid" x1="${left}" x2="${width - right}" y1="${fixed(y(count))}" y2="${fixed(y(count))}"/><text class="tick" x="${left - 8}" y="${fixed(y(count) + 4)}" text-anchor="end">${formatCount(count)}</text>`,
  )
  const above = `above ${formatMs(end)}`
  const columnsDrawn = counts.map((count, at) => {
    if (count === 0) return false
    const open = scale.open && at === columns - 1
    const from = scale.start + at * scale.step
    const range = open ? above : `${formatMs(from)} to ${formatMs(from + scale.step)}`
    return html`<rect class="${open ? 'column open' : 'column'}" x="${fixed(left + at * columnWidth + 0.5)}" y="${fixed(y(count))}" width="${fixed(columnWidth - 1)}" height="${fixed(base - y(count))}"><title>${countOf(count, 'trial')}: ${range}</title></rect>`
  })
  const every = Math.ceil(scale.bins / 7)
  const lastTick = width - right - (scale.open ? textWidth(above) + 24 : 0)
  const ticks = Array.from(
    { length: Math.floor(scale.bins / every) + 1 },
    (_, at) => scale.start + at * every * scale.step,
  )
    .filter((ms) => x(ms) <= lastTick)
    .map(
      (ms) => html`<text class="tick" x="${fixed(x(ms))}" y="${base + 18}" text-anchor="middle">${formatMs(ms)}</text>`,
    )
  const openTick =
    scale.open && html`<text class="tick" x="${width - right}" y="${base + 18}" text-anchor="end">${above}</text>`
  const lines = visible.map(({ label, at, kind }, index) => {
    const top = 14 + 18 * rows[index]!
    const flipped = x(at) + textWidth(label) > width
    return html`<line class="marker ${kind}-line" x1="${fixed(x(at))}" x2="${fixed(x(at))}" y1="${top - 10}" y2="${base}"/><text class="label ${kind}-label" x="${fixed(x(at) + (flipped ? -5 : 5))}" y="${top}" text-anchor="${flipped ? 'end' : 'start'}">${label}</text>`
  })
  const title = `Latency of ${countOf(valuesMs.length, 'trial')}: ${markers.map(({ label }) => label).join(', ')}`
  const svg = html`<svg class="histogram" role="img" viewBox="0 0 ${width} ${fixed(height)}"><title>${cut(title, 400)}</title>${grid}${columnsDrawn}<line class="axis" x1="${left}" x2="${width - right}" y1="${base}" y2="${base}"/>${ticks}${openTick}${lines}</svg>`
  return { svg, beyond: markers.filter((marker) => !visible.includes(marker)) }
}

/** For labels from left to right: the row of each, so that none covers another. */
export function stackLabels(
  labels: readonly { readonly at: number; readonly width: number }[],
  width: number,
): number[] {
  const taken: { from: number; to: number }[][] = []
  return labels.map(({ at, width: own }) => {
    const [from, to] = at + own > width ? [at - own, at] : [at, at + own]
    let row = taken.findIndex((spans) => spans.every((span) => to <= span.from || from >= span.to))
    if (row === -1) row = taken.push([]) - 1
    taken[row]!.push({ from, to })
    return row
  })
}
