import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** The peak resident memory of a running process in MiB (Linux; elsewhere NaN). */
function peakMiB(pid) {
  try {
    return Number(/VmHWM:\s*(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024
  } catch {
    return Number.NaN
  }
}

/** Runs a command as a whole process: wall seconds, peak MiB, exit status. */
export function measure(command, args, options = {}) {
  return new Promise((done, fail) => {
    const startedAt = performance.now()
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options })
    let output = ''
    let memory = 0
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding('utf8').on('data', (text) => {
        output += text
      })
    const look = setInterval(() => {
      memory = Math.max(memory, peakMiB(child.pid) || 0)
    }, 20)
    child.on('error', fail)
    child.on('close', (status) => {
      clearInterval(look)
      done({ seconds: (performance.now() - startedAt) / 1000, memory, status, output })
    })
  })
}

export const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]

/**
 * Medians of two commands that take turns, after a warm-up of each, and of the ratio of each pair: the machine's speed drifts, which a ratio
 * within a pair does not.
 */
export async function pairs(runs, ours, floor) {
  await ours()
  await floor()
  const results = []
  for (let i = 0; i < runs; i++) results.push({ ours: await ours(), floor: await floor() })
  const of = (who, what) => median(results.map((pair) => pair[who][what]))
  const medians = (who) => ({ seconds: of(who, 'seconds'), memory: of(who, 'memory') })
  return {
    ours: medians('ours'),
    floor: medians('floor'),
    ratio: median(results.map((pair) => pair.ours.seconds / pair.floor.seconds)),
    more: median(results.map((pair) => pair.ours.seconds - pair.floor.seconds)),
  }
}
