/** Draws what comes into view, and again when the width changes. */
export const VIEW = `  const eye = new IntersectionObserver((entries) => {
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
`
