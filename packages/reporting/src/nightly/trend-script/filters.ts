/** Filters and orders the cards, and chooses the nights that are shown. */
export const FILTERS = `  const filters = document.getElementById('filters')
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
`
