/** Reads a night under the pointer, or by the keys. */
export const READOUT = `  const shown = new Map()
  const hints = new Map(cards.map((card) => [card, card.querySelector('.readout').textContent]))
  const current = new Map()
  const runOf = (one, day) => (one.r && one.r[day]) || page.runs[day]
  // What came between the night before and this one.
  const marksOf = (day) => [
    ...page.releases.filter(([place]) => Math.ceil(place) === day).map(([, label]) => 'after release ' + label),
    ...page.blessings.filter(([place]) => Math.ceil(place) === day).map(([, label]) => 'baseline blessed by ' + label),
  ]
  const findingOf = (one, day) =>
    one.m
      .filter(([on]) => on === day)
      .map(([, rank, cause, incident]) =>
        [page.states[rank][1], ...(cause < 0 ? [] : [page.causes[cause]]), ...(incident === undefined ? [] : ['incident ' + page.incidents[incident]])].join(', '),
      )
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
`
