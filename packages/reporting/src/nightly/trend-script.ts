/**
 * The page's only script: it draws the plots that come into view, and filters. The texts of the data block it writes by `textContent`
 * only, and an address becomes a link only if it is one of the web: no text of a night is ever markup or code.
 */
export const SCRIPT = `(() => {
  const data = document.getElementById('data')
  const list = document.getElementById('cards')
  if (!data || !list) return
  const { page, series } = JSON.parse(data.textContent)
  data.remove()
  const DAY = 86400000
  const start = Date.parse(page.start)
  const iso = (day) => new Date(start + day * DAY).toISOString().slice(0, 10)
  const cards = Array.from(list.children)
  const seriesOf = (card) => series[Number(card.dataset.at)]
  const plural = (count, noun) => count.toLocaleString('en-US') + ' ' + noun + (count === 1 ? '' : 's')

  const digitsOf = (step) => {
    let digits = 0
    while (digits < 9 && Math.abs(step * 10 ** digits - Math.round(step * 10 ** digits)) > 1e-6) digits++
    return digits
  }
  // A number in its unit; on an axis with as many digits as its steps take.
  const inUnit = (value, unit, step) => {
    const fixed = (factor, usual) => (value * factor).toFixed(step ? digitsOf(step * factor) : usual)
    const size = Math.abs(value)
    if (unit === 'fraction') return fixed(100, 1) + ' %'
    if (unit === 'ms') return size >= 999.5 ? fixed(1e-3, size < 10000 ? 2 : 1) + ' s' : fixed(1, size < 10 ? 1 : 0) + ' ms'
    if (unit === 'usd') return '$' + fixed(1, size === 0 ? 0 : size >= 1 ? 2 : size >= 0.0001 ? 4 : 8)
    if (size >= 1e6) return fixed(1e-6, 2) + ' M'
    return step && size >= 1e4 ? fixed(1e-3, 1) + ' k' : Math.round(value).toLocaleString('en-US')
  }
  const niceStep = (least) => {
    const power = 10 ** Math.floor(Math.log10(least))
    return ([1, 2, 2.5, 5].find((step) => step * power >= least * (1 - 1e-9)) || 10) * power
  }
  const node = (name, attributes, text) => {
    const made = document.createElementNS('http://www.w3.org/2000/svg', name)
    for (const key in attributes) made.setAttribute(key, attributes[key])
    if (text !== undefined) made.textContent = text
    return made
  }
  const round = (x) => Math.round(x * 100) / 100

  let firstDay = 0
  const lastDay = page.days - 1
  const setRange = (days) => {
    // Few nights stand at the right of two weeks, not stretched over the whole width.
    firstDay = Math.min(Math.max(0, days > 0 ? page.days - days : 0), lastDay - 13)
  }
  const at = (one, day, name) => {
    const values = one[name]
    const value = values ? values[day - one.f] : undefined
    return value === null || value === undefined ? null : value * one.q
  }
  const trialsAt = (one, day) => Array.isArray(one.n) ? one.n[day - one.f] : one.n

  const dateTicks = (width) => {
    const days = lastDay - firstDay + 1
    const most = Math.max(2, Math.floor(width / 58))
    const ticks = []
    const months = days > 75
    if (months) {
      const every = [1, 2, 3, 6, 12].find((step) => days / 30.4 / step <= most) || 12
      for (let day = firstDay; day <= lastDay; day++) {
        const date = new Date(start + day * DAY)
        if (date.getUTCDate() !== 1 || date.getUTCMonth() % every !== 0) continue
        const name = date.toLocaleString('en-US', { month: 'short', timeZone: 'UTC' })
        ticks.push([day, date.getUTCMonth() === 0 ? String(date.getUTCFullYear()) : name])
      }
      return ticks
    }
    const every = [1, 2, 7, 14, 28].find((step) => days / step <= most) || 28
    for (let day = lastDay; day >= firstDay; day -= every) {
      const date = new Date(start + day * DAY)
      ticks.push([day, date.toLocaleString('en-US', { month: 'short', day: 'numeric', timeZone: 'UTC' })])
    }
    return ticks
  }

  const draw = (card) => {
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

  const shown = new Map()
  const hints = new Map(cards.map((card) => [card, card.querySelector('.readout').textContent]))
  const current = new Map()
  const runOf = (one, day) => (one.r && one.r[day]) || page.runs[day]
  // What came between the night before and this one.
  const marksOf = (day) => [
    ...page.releases.filter(([place]) => Math.ceil(place) === day).map(([, label]) => 'after release ' + label),
    ...page.blessings.filter(([place]) => Math.ceil(place) === day).map(([, label]) => 'baseline blessed by ' + label),
  ]
  const findingOf = (one, day) =>
    one.m.filter(([on]) => on === day).map(([, rank, cause]) => page.states[rank][1] + (cause < 0 ? '' : ', ' + page.causes[cause]))
  const intervalOf = (one, day) => {
    const value = at(one, day, 'v')
    const below = at(one, day, 'l')
    if (value === null || below === null) return ''
    return inUnit(value - below, one.u).replace(' %', '') + ' – ' + inUnit(value + at(one, day, 'h'), one.u)
  }
  const show = (card, wanted) => {
    const one = seriesOf(card)
    const state = shown.get(card)
    const readout = card.querySelector('.readout')
    if (!state) return
    const day = Math.max(Math.max(0, firstDay), Math.min(lastDay, wanted))
    current.set(card, day)
    const value = at(one, day, 'v')
    const left = state.x(day)
    for (const name of ['x1', 'x2']) state.cursor.setAttribute(name, left)
    state.cursor.setAttribute('visibility', 'visible')
    state.dot.setAttribute('visibility', value === null ? 'hidden' : 'visible')
    if (value !== null) {
      state.dot.setAttribute('cx', left)
      state.dot.setAttribute('cy', state.y(value))
    }
    const interval = intervalOf(one, day)
    readout.textContent = [
      iso(day),
      value === null ? 'not measured' : inUnit(value, one.u) + (interval === '' ? '' : ' (' + interval + ')'),
      ...(value === null ? [] : [plural(trialsAt(one, day), 'trial')]),
      ...findingOf(one, day),
      ...marksOf(day),
    ].join(' · ')
  }
  const dayAt = (card, clientX) => {
    const { m, width } = shown.get(card)
    const box = card.querySelector('.plot').getBoundingClientRect()
    const share = (clientX - box.left - m.left) / (width - m.left - m.right)
    return firstDay + Math.floor(share * (lastDay - firstDay + 1))
  }
  list.addEventListener('pointermove', (event) => {
    const card = event.target.closest('.plot')?.closest('.card')
    if (card && shown.has(card)) show(card, dayAt(card, event.clientX))
  })
  list.addEventListener('pointerout', (event) => {
    const plot = event.target.closest('.plot')
    const card = plot?.closest('.card')
    if (!card || plot.contains(event.relatedTarget) || plot === document.activeElement || !shown.has(card)) return
    card.querySelector('.readout').textContent = hints.get(card)
    for (const each of [shown.get(card).cursor, shown.get(card).dot]) each.setAttribute('visibility', 'hidden')
  })
  list.addEventListener('keydown', (event) => {
    if (!event.target.classList.contains('plot')) return
    const card = event.target.closest('.card')
    const day = current.get(card) ?? lastDay + 1
    const moves = { ArrowLeft: day - 1, ArrowRight: day + 1, Home: 0, End: lastDay }
    if (!(event.key in moves)) return
    event.preventDefault()
    show(card, moves[event.key])
  })

  const cell = (row, text, name) => {
    const made = document.createElement(name || 'td')
    made.textContent = text
    row.append(made)
    return made
  }
  const fillNights = (card) => {
    const place = card.querySelector('.nights')
    if (!place || place.firstChild) return
    const one = seriesOf(card)
    const table = document.createElement('table')
    const head = table.createTHead().insertRow()
    const names = ['Night', 'Value', ...(one.l ? ['Interval'] : []), 'Trials', 'Run', 'What happened']
    for (const name of names) cell(head, name, 'th').scope = 'col'
    const body = table.createTBody()
    for (let day = one.f + one.v.length - 1; day >= one.f; day--) {
      const row = body.insertRow()
      const value = at(one, day, 'v')
      cell(row, iso(day), 'th').scope = 'row'
      cell(row, value === null ? 'not measured' : inUnit(value, one.u))
      if (one.l) cell(row, intervalOf(one, day))
      cell(row, value === null ? '' : trialsAt(one, day).toLocaleString('en-US'))
      const url = runOf(one, day)
      const run = cell(row, '')
      if (url && /^https?:/i.test(url)) {
        const link = document.createElement('a')
        link.href = url
        link.rel = 'noopener noreferrer'
        link.textContent = 'run'
        link.setAttribute('aria-label', 'Run of ' + iso(day))
        run.append(link)
      }
      cell(row, [...findingOf(one, day), ...marksOf(day), ...((one.c || []).includes(day) ? ['not comparable with the night before'] : [])].join(' · '))
    }
    place.append(table)
  }
  list.addEventListener('toggle', (event) => {
    const card = event.target.closest('.card')
    card.classList.toggle('open', event.target.open)
    if (event.target.open) fillNights(card)
    shown.delete(card)
    draw(card)
  }, true)

  const eye = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue
      eye.unobserve(target)
      draw(target)
    }
  }, { rootMargin: '300px' })
  const redraw = () => {
    shown.clear()
    for (const card of cards) {
      eye.unobserve(card)
      eye.observe(card)
    }
  }
  let width = innerWidth
  let waiting
  addEventListener('resize', () => {
    clearTimeout(waiting)
    waiting = setTimeout(() => {
      if (innerWidth === width) return
      width = innerWidth
      redraw()
    }, 120)
  })

  const filters = document.getElementById('filters')
  const chips = Array.from(filters.querySelectorAll('button[data-state]'))
  const selects = Array.from(filters.querySelectorAll('select[data-by]'))
  const search = document.getElementById('search')
  const count = document.getElementById('count')
  const none = document.getElementById('none')
  const texts = cards.map((card) => card.textContent.toLowerCase())
  let state = 'all'
  const apply = () => {
    const words = search.value.toLowerCase().split(/\\s+/).filter(Boolean)
    let found = 0
    cards.forEach((card, index) => {
      const match =
        (state === 'all' || card.dataset.state === state) &&
        selects.every((select) => select.value === '' || card.dataset[select.dataset.by] === select.value) &&
        words.every((word) => texts[index].includes(word))
      if (match) found++
      if (card.hidden === match) card.hidden = !match
    })
    count.textContent = found.toLocaleString('en-US') + ' of ' + cards.length.toLocaleString('en-US') + ' series'
    none.hidden = found > 0
  }
  for (const chip of chips) {
    chip.addEventListener('click', () => {
      state = chip.dataset.state
      for (const each of chips) each.setAttribute('aria-pressed', String(each === chip))
      apply()
    })
  }
  for (const select of selects) select.addEventListener('change', apply)
  search.addEventListener('input', apply)
  const names = cards.map((card) => card.querySelector('.plot').dataset.name)
  document.getElementById('sort').addEventListener('change', (event) => {
    const order = cards.map((card, index) => index)
    if (event.target.value === 'name') order.sort((a, b) => names[a].localeCompare(names[b]))
    list.append(...order.map((index) => cards[index]))
  })
  const ranges = Array.from(filters.querySelectorAll('button[data-days]'))
  for (const button of ranges) {
    button.addEventListener('click', () => {
      setRange(Number(button.dataset.days))
      for (const each of ranges) each.setAttribute('aria-pressed', String(each === button))
      redraw()
    })
  }
  setRange(Number((ranges.find((button) => button.getAttribute('aria-pressed') === 'true') || { dataset: { days: 0 } }).dataset.days))
  for (const card of cards) {
    card.querySelector('.plot').tabIndex = 0
    eye.observe(card)
  }
  filters.hidden = false
  document.getElementById('unscripted').hidden = true
  apply()
})()`
