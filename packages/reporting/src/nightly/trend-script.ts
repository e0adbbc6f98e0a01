import { DAYS } from './trend-script/days.ts'
import { FILTERS } from './trend-script/filters.ts'
import { NIGHTS_TABLE } from './trend-script/nights-table.ts'
import { NUMBERS } from './trend-script/numbers.ts'
import { PLOT } from './trend-script/plot.ts'
import { READOUT } from './trend-script/readout.ts'
import { VIEW } from './trend-script/view.ts'

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

${NUMBERS}
${DAYS}
${PLOT}
${READOUT}
${NIGHTS_TABLE}
${VIEW}
${FILTERS}  setRange(Number((ranges.find((button) => button.getAttribute('aria-pressed') === 'true') || { dataset: { days: 0 } }).dataset.days))
  for (const card of cards) {
    card.querySelector('.plot').tabIndex = 0
    eye.observe(card)
  }
  filters.hidden = false
  document.getElementById('unscripted').hidden = true
  apply()
})()`
