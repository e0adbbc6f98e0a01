/** The days that are shown, what was measured on them, and the ticks of their axis. */
export const DAYS = `  let firstDay = 0
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
`
