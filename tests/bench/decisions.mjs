// Simulates the decision rules that we ship and prints each goal beside its figure; exits with 1 when a goal is missed.
//   node tests/bench/decisions.mjs [gate] [sequential] [paired] [flips] [prompts] [canary] [nightly] [quarantine] [cost]
import { availableParallelism } from 'node:os'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'

const SECTIONS = ['gate', 'sequential', 'paired', 'flips', 'prompts', 'canary', 'nightly', 'quarantine', 'cost']
const load = async (section) => (await import(`./decisions/${section}.mjs`)).parts

function inWorker(task) {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: task })
    worker.once('message', resolve)
    worker.once('error', reject)
  })
}

function print({ section, rows }) {
  for (const { what, figure, goal, unit, ok } of rows) {
    const value = typeof figure === 'number' ? figure.toFixed(unit === 'ms' ? 0 : 2) : figure
    const verdict = goal === '' ? '' : ok ? 'kept' : 'MISSED'
    console.log(
      [section.padEnd(10), what.padEnd(112), `${value} ${unit}`.padStart(16), goal.padStart(9), verdict]
        .join('  ')
        .trimEnd(),
    )
  }
}

async function main(wanted) {
  const unknown = wanted.filter((section) => !SECTIONS.includes(section))
  if (unknown.length > 0)
    throw new Error(`There is no section ${unknown.join(', ')}: expected some of ${SECTIONS.join(', ')}`)
  const sections = wanted.length > 0 ? wanted : SECTIONS
  const tasks = []
  for (const section of sections) {
    for (const part of Object.keys(await load(section))) tasks.push({ section, part })
  }
  const results = new Array(tasks.length)
  let [next, printed] = [0, 0]
  const start = performance.now()
  await Promise.all(
    Array.from({ length: availableParallelism() }, async () => {
      while (next < tasks.length) {
        const i = next++
        results[i] = { ...tasks[i], rows: await inWorker(tasks[i]) }
        while (results[printed]) print(results[printed++])
      }
    }),
  )
  const goals = results.flatMap(({ rows }) => rows).filter(({ goal }) => goal !== '')
  const missed = goals.filter(({ ok }) => !ok).length
  console.log(
    `${goals.length - missed} of ${goals.length} goals kept, ${((performance.now() - start) / 1000).toFixed(0)} s`,
  )
  if (missed > 0) process.exitCode = 1
}

if (isMainThread) await main(process.argv.slice(2))
else {
  const parts = await load(workerData.section)
  parentPort.postMessage(await parts[workerData.part]())
}
