// The floor of an evaluation with attacks: the same workers, asked as many questions and nothing else. node plain-agents.mjs <agent> <n> <workers>
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

const [agent, n, workers] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])]
let next = 0
let answered = 0
await Promise.all(
  Array.from({ length: workers }, async () => {
    const worker = spawn(process.execPath, [agent], { stdio: ['pipe', 'pipe', 'inherit'] })
    const ask = () => {
      if (next >= n) return worker.stdin.end()
      const id = String(next++)
      worker.stdin.write(`${JSON.stringify({ id, trial: id, input: `What does the document say of point ${id}?` })}\n`)
    }
    for await (const line of createInterface({ input: worker.stdout })) {
      const said = JSON.parse(line)
      if (said.error) throw new Error(said.error.message)
      if (!said.ready) answered++
      ask()
    }
  }),
)
if (answered !== n) throw new Error(`${answered} of ${n}`)
