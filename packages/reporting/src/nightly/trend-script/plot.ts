/** Draws the plot of a card. */
export const PLOT = `  const draw = (card) => {
    const plot = card.querySelector('.plot')
    const one = seriesOf(card)
    const open = card.classList.contains('open')
    const width = plot.clientWidth
    const height = plot.clientHeight
    if (width === 0) return
    const m = { left: 46, right: 10, top: open ? 34 : 14, bottom: 20 }
    let low = Infinity
    let high = -Infinity
    const see = (value) => {
      if (value < low) low = value
      if (value > high) high = value
    }
    const from = Math.max(firstDay, one.f)
    const to = Math.min(lastDay, one.f + one.v.length - 1)
    for (let day = from; day <= to; day++) {
      const value = at(one, day, 'v')
      if (value === null) continue
      see(value - (at(one, day, 'l') || 0))
      see(value + (at(one, day, 'h') || 0))
    }
    if (one.b) {
      see(one.b[0] - 2 * one.b[1])
      see(one.b[0] + 2 * one.b[1])
    }
    const fraction = one.u === 'fraction'
    if (low > high) [low, high] = [0, 1]
    const least = fraction ? 0.02 : Math.abs(high) * 0.04 || 1
    if (high - low < least) [low, high] = [low - least / 2, high + least / 2]
    const pad = (high - low) * 0.06
    low = Math.max(0, low - pad)
    high += pad
    if (fraction) high = Math.min(1, high)
    const x = (day) => round(m.left + ((day - firstDay + 0.5) / (lastDay - firstDay + 1)) * (width - m.left - m.right))
    const y = (value) => round(m.top + ((high - value) / (high - low)) * (height - m.top - m.bottom))
    const floor = height - m.bottom
    const svg = node('svg', { width, height, viewBox: '0 0 ' + width + ' ' + height, role: 'img', 'aria-label': plot.dataset.name })

    const step = niceStep((high - low) / (open ? 7 : 4))
    for (let tick = Math.ceil(low / step - 1e-9); tick * step <= high + step * 1e-9; tick++) {
      const line = y(tick * step)
      svg.append(node('line', { class: 'grid', x1: m.left, x2: width - m.right, y1: line, y2: line }))
      svg.append(node('text', { x: m.left - 6, y: line + 4, 'text-anchor': 'end' }, inUnit(tick * step, one.u, step)))
    }
    for (const [day, label] of dateTicks(width - m.left)) {
      const middle = x(day)
      const half = label.length * 3.2
      if (middle - half < m.left - 8) continue
      const anchor = middle + half > width ? 'end' : 'middle'
      svg.append(node('text', { x: anchor === 'end' ? width : middle, y: height - 4, 'text-anchor': anchor }, label))
    }

    if (one.b) {
      const [mean, sd, begins, ends] = one.b
      const left = x(Math.max(firstDay, begins) - 0.5)
      const right = width - m.right
      const top = y(Math.min(high, mean + 2 * sd))
      const bottom = y(Math.max(low, mean - 2 * sd))
      svg.append(node('rect', { class: 'band', x: left, y: top, width: Math.max(0, right - left), height: Math.max(1, round(bottom - top)) }))
      if (ends >= firstDay) {
        const stop = x(ends + 0.5)
        svg.append(node('path', { class: 'pinned', d: 'M' + left + ' ' + top + 'H' + stop + 'M' + left + ' ' + bottom + 'H' + stop }))
      }
      svg.append(node('line', { class: 'mean', x1: left, x2: right, y1: y(mean), y2: y(mean) }))
    }

    const marks = []
    for (const kind of ['releases', 'blessings']) {
      for (const [day, label] of page[kind]) if (day >= firstDay) marks.push({ day, label, kind: kind.slice(0, -1) })
    }
    // Daily releases would cover the plot with their lines.
    for (const { day, kind } of marks.length > width / 24 ? [] : marks) svg.append(node('line', { class: kind, x1: x(day), x2: x(day), y1: m.top - 2, y2: floor }))
    for (const day of one.c || []) if (day > firstDay) svg.append(node('line', { class: 'broken', x1: x(day - 0.5), x2: x(day - 0.5), y1: m.top, y2: floor }))

    // Runs of nights without a gap that can be compared with each other.
    const runs = []
    let run = []
    const breaks = new Set(one.c)
    for (let day = from; day <= to; day++) {
      const value = at(one, day, 'v')
      if (run.length > 0 && (value === null || breaks.has(day))) {
        runs.push(run)
        run = []
      }
      if (value !== null) run.push(day)
    }
    if (run.length > 0) runs.push(run)
    const pitch = (width - m.left - m.right) / (lastDay - firstDay + 1)
    const lower = (day) => y(Math.max(low, at(one, day, 'v') - at(one, day, 'l')))
    const upper = (day) => y(Math.min(high, at(one, day, 'v') + at(one, day, 'h')))
    const spread = []
    const whiskers = []
    const lines = []
    const thin = []
    const means = []
    for (const days of runs) {
      if (one.l && pitch >= 9) for (const day of days) whiskers.push('M' + x(day) + ' ' + lower(day) + 'V' + upper(day))
      else if (one.l && days.length > 1) {
        spread.push('M' + days.map((day) => x(day) + ' ' + upper(day)).join('L') + 'L' + days.toReversed().map((day) => x(day) + ' ' + lower(day)).join('L') + 'Z')
      } else if (one.l) whiskers.push('M' + x(days[0]) + ' ' + lower(days[0]) + 'V' + upper(days[0]))
      // Of a night and the six before it, as the detector's long scale takes them.
      const week = (index) => {
        const values = days.slice(Math.max(0, index - 6), index + 1).map((day) => at(one, day, 'v'))
        return values.reduce((sum, value) => sum + value, 0) / values.length
      }
      const line = 'M' + days.map((day) => x(day) + ' ' + y(at(one, day, 'v'))).join('L')
      if (pitch < 2.2 && days.length > 7) {
        thin.push(line)
        means.push('M' + days.slice(6).map((day, index) => x(day) + ' ' + y(week(index + 6))).join('L'))
      } else if (days.length > 1) lines.push(line)
    }
    if (spread.length > 0) svg.append(node('path', { class: 'sure', d: spread.join('') }))
    if (whiskers.length > 0) svg.append(node('path', { class: 'whisker', d: whiskers.join('') }))
    if (lines.length > 0) svg.append(node('path', { class: 'values', d: lines.join('') }))
    if (means.length > 0) {
      svg.append(node('path', { class: 'values thin', d: thin.join('') }))
      svg.append(node('path', { class: 'week', d: means.join('') }))
    }
    for (const days of runs) {
      if (pitch < 7 && days.length > 1) continue
      for (const day of days) svg.append(node('circle', { class: 'dot', cx: x(day), cy: y(at(one, day, 'v')), r: 2.5 }))
    }

    // From the night that an incident was opened on to the one that closed it, or to the last.
    const incidents = []
    let since
    const span = (begin, end, isOver) => {
      if (end < firstDay) return
      const left = begin < firstDay ? m.left : x(begin)
      const cap = (place) => 'M' + place + ' ' + (floor - 9) + 'V' + floor
      incidents.push((begin < firstDay ? '' : cap(left)) + 'M' + left + ' ' + (floor - 2) + 'H' + x(end) + (isOver ? cap(x(end)) : ''))
    }
    for (const [day, , , incident] of one.m) {
      if (incident === 0) since = since ?? day
      if (incident !== 1) continue
      span(since ?? day, day, true)
      since = undefined
    }
    if (since !== undefined) span(since, lastDay, false)
    if (incidents.length > 0) svg.append(node('path', { class: 'incident', d: incidents.join('') }))

    for (const [day, rank] of one.m) {
      const value = at(one, day, 'v')
      const state = page.states[rank][0]
      if (day < firstDay || value === null) continue
      const [cx, cy] = [x(day), y(value)]
      if (state === 'regressed' || state === 'suspect') svg.append(node('circle', { class: 'found ' + state, cx, cy, r: state === 'regressed' ? 5 : 4 }))
      if (state === 'improved') svg.append(node('path', { class: 'found improved', d: 'M' + cx + ' ' + (cy - 6) + 'l6 6l-6 6l-6 -6Z' }))
    }

    const taken = [[], []]
    for (const { day, label, kind } of marks.toSorted((a, b) => a.day - b.day)) {
      const middle = x(day)
      const top = m.top - 2
      svg.append(
        kind === 'release'
          ? node('path', { class: kind, d: 'M' + (middle - 4) + ' ' + (top - 7) + 'h8l-4 7Z' })
          : node('path', { class: kind, d: 'M' + middle + ' ' + (top - 8) + 'l4 4l-4 4l-4 -4Z' }),
      )
      if (!open) continue
      const text = label.length > 24 ? label.slice(0, 23) + '…' : label
      const own = text.length * 6.2 + 8
      const [begin, end] = middle + own > width ? [middle - own, middle] : [middle, middle + own]
      const row = taken.findIndex((spans) => spans.every(([a, b]) => end <= a || begin >= b))
      if (row === -1) continue
      taken[row].push([begin, end])
      svg.append(node('text', { class: 'mark', x: begin === middle ? middle - 4 : middle + 4, y: top - 11 - 12 * row, 'text-anchor': begin === middle ? 'start' : 'end' }, text))
    }

    const cursor = node('line', { class: 'cursor', y1: m.top, y2: floor, visibility: 'hidden' })
    const dot = node('circle', { class: 'cursor-dot', r: 3.5, visibility: 'hidden' })
    svg.append(cursor, dot)
    plot.replaceChildren(svg)
    shown.set(card, { x, y, cursor, dot, m, width })
  }
`
