import { growthOfHalves, most } from './process-watch.mjs'

/** One line of a soak's table: a figure, and the bound that it has to keep. */
export const row = (what, figure, bound, ok) => ({ what, figure, bound, ok })

const count = (value) => value.toLocaleString('en')
export const exactly = (what, figure, expected) => row(what, count(figure), `= ${count(expected)}`, figure === expected)
export const atMost = (what, figure, bound, unit = '') =>
  row(what, `${count(figure)}${unit}`, `<= ${count(bound)}${unit}`, figure <= bound)

const mib = (value) => `${value >= 0 ? '+' : ''}${value.toFixed(1)} MiB`

/**
 * Of a watched process: whether its memory is flat. The heap counts after a full collection, where every byte of growth is kept by somebody:
 * over the second half of the time at most so many bytes for each of `units` that came by in it. `resident`: bytes that each may add to the resident
 * memory, where things are kept by design and the allocator keeps its slack beside them.
 */
export function memoryRows({ samples, heaps }, { units, unit, bytes, resident = 0 }) {
  // The start is no steady state.
  const steady = (list) => list.slice(Math.ceil(list.length / 10))
  const [heapBefore, heapAfter] = growthOfHalves(steady(heaps), ({ heap }) => heap)
  const [before, after] = growthOfHalves(steady(samples), ({ rss }) => rss)
  const peak = most(samples, ({ rss }) => rss)
  const perUnit = (heapAfter * 2 ** 20) / units
  return [
    row(
      'live heap, growth over the first and the second half of the time',
      `${mib(heapBefore)}, ${mib(heapAfter)}: ${perUnit.toFixed(0)} bytes ${unit}`,
      `second half <= ${bytes} bytes ${unit}`,
      perUnit <= bytes,
    ),
    row(
      'resident memory, the same',
      `${mib(before)}, ${mib(after)}, at most ${peak.toFixed(0)} MiB`,
      resident > 0 ? `second half <= ${resident} bytes ${unit}` : 'second half <= 30 % of the most',
      after <= (resident > 0 ? (resident * units) / 2 ** 20 : 0.3 * peak),
    ),
  ]
}

/** Whether descriptors pile up: the median of the last quarter of the time, for a busy machine has peaks that pass. */
export function descriptorsRow({ samples }, bound) {
  const late = samples
    .slice(Math.floor(samples.length * 0.75))
    .map(({ fds }) => fds)
    .sort((a, b) => a - b)
  const median = late[Math.floor(late.length / 2)]
  return row(
    'open descriptors, the median of the last quarter of the time',
    `${count(median)}, at the most ${count(most(samples, ({ fds }) => fds))} at any time`,
    `<= ${count(bound)}`,
    median <= bound,
  )
}

/** Of a process that ended by itself: whether anything kept it alive; what the probe saw when nothing was left to do. */
export function heldRow({ held = ['unknown'] }) {
  const kinds = held.filter((kind) => !/^(Pipe|TTY|FSReq)/.test(kind))
  return row(
    'timers, sockets and servers that were left open at the end',
    kinds.join(', ') || 'none',
    'none',
    kinds.length === 0,
  )
}
