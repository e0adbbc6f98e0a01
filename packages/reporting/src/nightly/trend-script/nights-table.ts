/** Fills the table of all nights of a card that is opened. */
export const NIGHTS_TABLE = `  const cell = (row, text, name) => {
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
`
