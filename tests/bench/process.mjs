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

/** Median over `runs` runs after a warm-up. */
export async function medianOf(runs, work) {
  await work()
  const results = []
  for (let i = 0; i < runs; i++) results.push(await work())
  return {
    seconds: median(results.map((r) => r.seconds)),
    memory: median(results.map((r) => r.memory)),
    last: results.at(-1),
  }
}
