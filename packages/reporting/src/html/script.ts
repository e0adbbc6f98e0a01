/**
 * The page's only script: filters. It shows the first rows that match, and the others on demand, so that a click stays instant. It
 * reads attributes that hold nothing but our own words and numbers, and writes text by `textContent`: no text of an example is ever
 * markup or code.
 */
export const SCRIPT = `(() => {
  const filters = document.getElementById('filters')
  if (!filters) return
  const rows = Array.from(document.querySelectorAll('.example'))
  const chips = Array.from(filters.querySelectorAll('button[data-status]'))
  const tag = document.getElementById('tag')
  const search = document.getElementById('search')
  const count = document.getElementById('count')
  const none = document.getElementById('none')
  const kinds = rows.map((row) => row.dataset.is.split(' '))
  const tags = rows.map((row) => row.dataset.tags.split(' '))
  const more = document.getElementById('more')
  let texts
  let status = 'all'
  let most = 200
  const apply = () => {
    const words = search.value.toLowerCase().split(/\\s+/).filter(Boolean)
    if (words.length > 0 && !texts) texts = rows.map((row) => row.textContent.toLowerCase())
    const wanted = tag ? tag.value : ''
    let found = 0
    for (let at = 0; at < rows.length; at++) {
      const match =
        (status === 'all' || kinds[at].includes(status)) &&
        (wanted === '' || tags[at].includes(wanted)) &&
        words.every((word) => texts[at].includes(word))
      if (match) found++
      const hide = !match || found > most
      if (rows[at].hidden !== hide) rows[at].hidden = hide
    }
    const number = (value) => value.toLocaleString('en-US')
    count.textContent = number(found) + ' of ' + number(rows.length) + ' examples'
    none.hidden = found > 0 || rows.length === 0
    more.hidden = found <= most
    more.textContent = 'Show all ' + number(found)
  }
  for (const chip of chips) {
    chip.addEventListener('click', () => {
      status = chip.dataset.status
      for (const each of chips) each.setAttribute('aria-pressed', String(each === chip))
      apply()
    })
  }
  if (tag) tag.addEventListener('change', apply)
  search.addEventListener('input', apply)
  document.getElementById('fold').addEventListener('click', (event) => {
    const open = event.currentTarget.dataset.open !== 'true'
    event.currentTarget.dataset.open = String(open)
    event.currentTarget.textContent = open ? 'Close all shown' : 'Open all shown'
    for (const row of rows) if (!row.hidden) row.open = open
  })
  // A link on the page may mean a row that a filter hides.
  const reveal = () => {
    const row = document.getElementById(location.hash.slice(1))?.closest('.example')
    if (!row) return
    row.hidden = false
    row.open = true
    row.scrollIntoView()
  }
  addEventListener('hashchange', reveal)
  more.addEventListener('click', () => {
    most = rows.length
    apply()
  })
  filters.hidden = false
  apply()
  reveal()
})()`
