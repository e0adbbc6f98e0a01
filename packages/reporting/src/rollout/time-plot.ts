import { fixed, niceStep, stackLabels, textWidth } from '../charts.ts'
import { html, type Markup } from '../markup.ts'

/** The plots' own units; the script and the plots agree on them. */
export const PLOT = { width: 1_000, left: 62, right: 14 } as const

/** A point in time, in milliseconds, and a value; null where nothing was measured, and the line has a gap. */
export type Point = readonly [number, number | null]

export interface Line {
  /** For the style: `canary`, `stable`, and so on. */
  readonly kind: string
  readonly points: readonly Point[]
  /** Values hold until the next one. */
  readonly stepped?: boolean
}

/** A line across all plots. */
export interface Mark {
  readonly at: number
  readonly kind: 'step' | 'decision'
  readonly label: string
}

export interface TimeAxis {
  readonly start: number
  readonly end: number
  readonly marks: readonly Mark[]
}

export interface Panel {
  /** Says in words what the plot shows. */
  readonly title: string
  readonly lines: readonly Line[]
  readonly limit: { readonly at: number; readonly label: string } | null
  readonly scale: 'linear' | 'log'
  /** The axis never ends below. */
  readonly least: number
  readonly format: (value: number) => string
}

/** More points than this cannot be told apart: two a column of the screen. */
const MOST_POINTS = 600

const xOf = ({ start, end }: TimeAxis, at: number): number =>
  PLOT.left + ((at - start) / Math.max(1, end - start)) * (PLOT.width - PLOT.left - PLOT.right)

/**
 * At most about `most` points of a line, evenly over them: of each part its first, its lowest, its highest and its last, so that no
 * peak is lost, and its first gap.
 */
export function thinPoints(points: readonly Point[], most = MOST_POINTS): readonly Point[] {
  if (points.length <= most) return points
  const size = Math.ceil(points.length / (most / 5))
  const kept: Point[] = []
  for (let from = 0; from < points.length; from += size) {
    const part = points.slice(from, from + size)
    const values = part.map(([, value]) => value)
    const known = values.filter((value) => value !== null)
    const wanted = new Set([0, part.length - 1, values.indexOf(null)])
    if (known.length > 0) {
      wanted.add(values.indexOf(known.reduce((a, b) => Math.min(a, b))))
      wanted.add(values.indexOf(known.reduce((a, b) => Math.max(a, b))))
    }
    kept.push(...part.filter((_, at) => wanted.has(at)))
  }
  return kept
}

interface ValueAxis {
  readonly y: (value: number) => number
  readonly ticks: readonly number[]
}

const [TOP, HEIGHT] = [10, 132]

function linearAxis(values: readonly number[], { limit, least }: Panel, top: number): ValueAxis {
  const most = values.length === 0 ? Math.max(least, limit?.at ?? 0) : Math.max(least, ...values)
  // A limit far above all values would press them flat; its label says that it lies beyond.
  const high = (limit && limit.at <= 4 * most ? Math.max(most, limit.at) : most) * 1.08
  const step = niceStep(high / 4.5)
  const ticks = Array.from({ length: Math.floor(high / step + 1e-9) + 1 }, (_, at) => at * step)
  return { y: (value) => top + HEIGHT * (1 - value / high), ticks }
}

function logAxis(values: readonly number[], { limit }: Panel, top: number): ValueAxis {
  const known = [...values.filter((value) => value > 0), ...(limit ? [limit.at] : [])]
  const low = Math.max(-4, Math.min(-1, Math.floor(Math.log10(Math.min(...known)))))
  const high = Math.min(12, Math.max(2, Math.ceil(Math.log10(Math.max(...known) * 1.5))))
  const stride = Math.ceil((high - low) / 6)
  const ticks = Array.from({ length: high - low + 1 }, (_, at) => low + at)
    .filter((power) => power % stride === 0)
    .map((power) => 10 ** power)
  const share = (value: number) => Math.min(1, Math.max(0, (Math.log10(Math.max(value, 1e-300)) - low) / (high - low)))
  return { y: (value) => top + HEIGHT * (1 - share(value)), ticks }
}

function pathOf({ kind, points, stepped }: Line, axis: TimeAxis, y: ValueAxis['y']): Markup {
  const shown = thinPoints(points)
  const dots = points.length <= 80 && stepped !== true
  let path = ''
  let open = false
  const drawn: Markup[] = []
  for (const [at, [time, value]] of shown.entries()) {
    if (value === null) {
      open = false
      continue
    }
    const [px, py] = [fixed(xOf(axis, time)), fixed(y(value))]
    path += open ? (stepped ? `H${px}V${py}` : `L${px} ${py}`) : `M${px} ${py}`
    const alone = !open && (shown[at + 1]?.[1] ?? null) === null
    if (dots || alone) drawn.push(html`<circle class="${kind}" cx="${px}" cy="${py}" r="${dots ? 2.6 : 2}"/>`)
    open = true
  }
  return html`<path class="${kind}" d="${path}"/>${drawn}`
}

const STEPS_S = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 21_600, 43_200, 86_400]

function timeText(seconds: number): string {
  const parts = [
    [Math.floor(seconds / 3_600), 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ] as const
  return parts.flatMap(([value, unit]) => (value === 0 ? [] : [`${value} ${unit}`])).join(' ') || '0'
}

function timeTicks({ start, end }: TimeAxis): readonly number[] {
  const length = (end - start) / 1_000
  const step = STEPS_S.find((each) => length / each <= 10) ?? 86_400 * Math.ceil(length / 864_000)
  return Array.from({ length: Math.floor(length / step + 1e-9) + 1 }, (_, at) => at * step)
}

const markLine = ({ at, kind }: Mark, axis: TimeAxis, top: number, base: number): Markup => {
  const x = fixed(xOf(axis, at))
  return html`<line class="${kind}-mark" x1="${x}" x2="${x}" y1="${fixed(top)}" y2="${fixed(base)}"/>`
}

/** The strip above the plots that names what the lines across them are. */
export function markStrip(axis: TimeAxis): Markup {
  const marks = axis.marks.toSorted((a, b) => a.at - b.at)
  const rows = stackLabels(
    marks.map(({ at, label }) => ({ at: xOf(axis, at), width: textWidth(label) })),
    PLOT.width,
  )
  const height = 6 + 17 * (Math.max(0, ...rows) + 1)
  const labels = marks.map((mark, index) => {
    const x = xOf(axis, mark.at)
    const flipped = x + textWidth(mark.label) > PLOT.width
    const y = 14 + 17 * rows[index]!
    return html`${markLine(mark, axis, y - 11, height)}<text class="label ${mark.kind}-label" x="${fixed(x + (flipped ? -4 : 4))}" y="${y}" text-anchor="${flipped ? 'end' : 'start'}">${mark.label}</text>`
  })
  const title = `Steps and decisions: ${marks.map(({ label }) => label).join(', ') || 'none'}`
  return html`<svg class="timeplot" role="img" viewBox="0 0 ${PLOT.width} ${height}"><title>${title}</title>${labels}</svg>`
}

/** Values over time. `withTimes`: the axis of times stands below. */
export function timePlot(panel: Panel, axis: TimeAxis, withTimes: boolean): Markup {
  const { title, lines, limit, scale, format } = panel
  const [left, right, base] = [PLOT.left, PLOT.width - PLOT.right, TOP + HEIGHT]
  const height = base + (withTimes ? 26 : 8)
  const values = lines.flatMap(({ points }) => points.flatMap(([, value]) => (value === null ? [] : [value])))
  const bounds =
    values.length === 0 ? [] : [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))]
  const { y, ticks } = scale === 'log' ? logAxis(bounds, panel, TOP) : linearAxis(bounds, panel, TOP)
  const grid = ticks.map(
    (value) =>
      html`<line class="grid" x1="${left}" x2="${right}" y1="${fixed(y(value))}" y2="${fixed(y(value))}"/><text class="tick" x="${left - 8}" y="${fixed(y(value) + 4)}" text-anchor="end">${format(value)}</text>`,
  )
  const times = timeTicks(axis).map((seconds) => {
    const x = xOf(axis, axis.start + seconds * 1_000)
    const text =
      withTimes &&
      x <= right - 12 &&
      html`<text class="tick" x="${fixed(x)}" y="${base + 18}" text-anchor="middle">${timeText(seconds)}</text>`
    return html`<line class="time" x1="${fixed(x)}" x2="${fixed(x)}" y1="${base}" y2="${base + 4}"/>${text}`
  })
  const limitY = limit && y(limit.at)
  const beyond = limitY !== null && limitY < TOP
  const limitLine =
    limit &&
    limitY !== null &&
    html`${!beyond && html`<line class="limit-line" x1="${left}" x2="${right}" y1="${fixed(limitY)}" y2="${fixed(limitY)}"/>`}<text class="label limit-label" x="${left + 6}" y="${fixed(beyond ? TOP + 12 : limitY < TOP + 16 ? limitY + 14 : limitY - 5)}">${limit.label}${beyond && ', above this plot'}</text>`
  const nothing =
    values.length === 0 &&
    html`<text class="nothing" x="${(left + right) / 2}" y="${TOP + HEIGHT / 2 + 5}" text-anchor="middle">No data</text>`
  return html`<svg class="timeplot" role="img" viewBox="0 0 ${PLOT.width} ${height}"><title>${title}</title>${grid}${times}<line class="axis" x1="${left}" x2="${right}" y1="${base}" y2="${base}"/>${axis.marks.map((mark) => markLine(mark, axis, 0, base))}${lines.map((line) => pathOf(line, axis, y))}${limitLine || false}${nothing}<line class="cursor" x1="0" x2="0" y1="0" y2="${base}" visibility="hidden"/></svg>`
}
