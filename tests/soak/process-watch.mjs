import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/**
 * What a process holds now, from /proc (Linux): resident memory in MiB, open file descriptors, and how many of them are sockets. undefined
 * once it has ended.
 */
function look(pid) {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    const fds = readdirSync(`/proc/${pid}/fd`)
    return {
      rss: Number(/VmRSS:\s*(\d+)/.exec(status)[1]) / 1024,
      fds: fds.length,
      sockets: fds.filter((fd) => isSocket(`/proc/${pid}/fd/${fd}`)).length,
    }
  } catch {
    return undefined
  }
}

function isSocket(path) {
  try {
    return readlinkSync(path).startsWith('socket:')
  } catch {
    // Closed since the directory was read.
    return false
  }
}

/** What the probe in a process told so far: its heap over time, and what it held at the end. */
function readProbe(path) {
  let text
  try {
    text = readFileSync(path, 'utf8')
  } catch {
    // It has not begun yet.
    text = ''
  }
  const lines = text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line))
  return { heaps: lines.filter(({ heap }) => heap !== undefined), held: lines.findLast(({ held }) => held)?.held }
}

/** Looks at a process every second until it has ended, and shows every so many seconds what it sees. */
export function watch(name, pid, { everySeconds, probe }) {
  const startedAt = performance.now()
  const samples = []
  const told = () => (probe === undefined ? { heaps: [] } : readProbe(`${probe}.${pid}`))
  const timer = setInterval(() => {
    const seen = look(pid)
    if (!seen) return
    const sample = { seconds: (performance.now() - startedAt) / 1_000, ...seen }
    samples.push(sample)
    if (samples.length % everySeconds === 0) console.error(`${name}: ${describe(sample, told().heaps.at(-1)?.heap)}`)
  }, 1_000)
  return {
    /** Everything seen: samples of the process, its heaps, and what it held at its end. */
    stop() {
      clearInterval(timer)
      return { samples, ...told() }
    },
  }
}

const describe = ({ seconds, rss, fds, sockets }, heap) =>
  [
    `${seconds.toFixed(0)} s`,
    `${rss.toFixed(0)} MiB`,
    ...(heap === undefined ? [] : [`${heap.toFixed(1)} MiB of live heap`]),
    `${fds} descriptors`,
    `${sockets} sockets`,
  ].join(', ')

/** The least-squares slope of a value over time, per second. */
function slope(samples, of) {
  const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length
  const [at, value] = [samples.map(({ seconds }) => seconds), samples.map(of)]
  const [meanAt, meanValue] = [mean(at), mean(value)]
  return mean(at.map((t, i) => (t - meanAt) * (value[i] - meanValue))) / mean(at.map((t) => (t - meanAt) ** 2))
}

/** By how much a value grew in the first and in the second half of the time, along the slope of each. */
export function growthOfHalves(samples, of) {
  const middle = (samples[0].seconds + samples.at(-1).seconds) / 2
  return [samples.filter(({ seconds }) => seconds < middle), samples.filter(({ seconds }) => seconds >= middle)].map(
    (half) => slope(half, of) * (half.at(-1).seconds - half[0].seconds),
  )
}

export const most = (samples, of) => Math.max(...samples.map(of))
