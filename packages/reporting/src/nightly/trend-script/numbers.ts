/** How numbers are written, and the nodes of a plot are made. */
export const NUMBERS = `  const digitsOf = (step) => {
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
`
