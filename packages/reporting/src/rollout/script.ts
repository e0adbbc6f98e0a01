import { PLOT } from './time-plot.ts'

/**
 * The page's only script: it shows the check that is nearest to the pointer, or that the arrow keys move to. All it shows it reads from
 * the table of checks and writes by `textContent`: no text of a rollout is ever markup or code.
 */
export const SCRIPT = `(() => {
  const plots = document.getElementById('plots')
  const readout = document.getElementById('readout')
  const table = document.getElementById('check-table')
  if (!plots || !readout || !table) return
  const rows = Array.from(table.tBodies[0].rows)
  const times = rows.map((row) => Number(row.dataset.at))
  const names = Array.from(table.tHead.rows[0].cells, (cell) => cell.dataset.name || cell.textContent)
  if (rows.length === 0) return
  const start = Number(plots.dataset.start)
  const end = Number(plots.dataset.end)
  const cursors = Array.from(plots.querySelectorAll('.cursor'))
  const values = names.map((name) => {
    const item = document.createElement('div')
    const term = document.createElement('dt')
    const value = document.createElement('dd')
    term.textContent = name
    item.append(term, value)
    readout.append(item)
    return value
  })
  let current = rows.length - 1
  const show = (at) => {
    current = Math.max(0, Math.min(rows.length - 1, at))
    const cells = rows[current].cells
    for (let i = 0; i < values.length; i++) values[i].textContent = cells[i].textContent
    const x = ${PLOT.left} + ((times[current] - start) / Math.max(1, end - start)) * ${PLOT.width - PLOT.left - PLOT.right}
    for (const cursor of cursors) {
      cursor.setAttribute('x1', x)
      cursor.setAttribute('x2', x)
      cursor.setAttribute('visibility', 'visible')
    }
  }
  const nearest = (time) => {
    let low = 0
    let high = times.length - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if (times[middle] < time) low = middle + 1
      else high = middle
    }
    return low > 0 && time - times[low - 1] < times[low] - time ? low - 1 : low
  }
  plots.addEventListener('pointermove', (event) => {
    const box = cursors[0].ownerSVGElement.getBoundingClientRect()
    const x = ((event.clientX - box.left) / box.width) * ${PLOT.width}
    show(nearest(start + ((x - ${PLOT.left}) / ${PLOT.width - PLOT.left - PLOT.right}) * (end - start)))
  })
  plots.addEventListener('keydown', (event) => {
    const moves = { ArrowLeft: current - 1, ArrowRight: current + 1, Home: 0, End: rows.length - 1 }
    if (!(event.key in moves)) return
    event.preventDefault()
    show(moves[event.key])
  })
  plots.tabIndex = 0
  plots.setAttribute('role', 'group')
  plots.setAttribute('aria-label', 'Plots; arrow keys move from check to check')
  readout.hidden = false
  show(current)
})()`
