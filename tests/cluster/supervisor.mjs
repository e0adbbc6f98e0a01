// Runs the control plane's processes as its own children, and ends them when its stdin closes: also when the process
// that holds the other end was killed. One JSON value a line comes in: { name, command, args, log }.
import { spawn } from 'node:child_process'
import { openSync, rmSync } from 'node:fs'
import { createInterface } from 'node:readline'

const directory = process.argv[2]
const children = new Set()
let ending = false

function end() {
  if (ending) return
  ending = true
  if (children.size === 0) finish()
  for (const child of children) child.kill('SIGKILL')
}

function finish() {
  rmSync(directory, { recursive: true, force: true })
  process.exit(0)
}

function start({ name, command, args, log }) {
  const output = openSync(log, 'a')
  const child = spawn(command, args, { cwd: directory, stdio: ['ignore', output, output] })
  const ended = (how) => {
    children.delete(child)
    if (!ending) process.stdout.write(`${JSON.stringify({ name, ...how })}\n`)
    else if (children.size === 0) finish()
  }
  children.add(child)
  child.once('error', (error) => ended({ error: error.message }))
  child.once('exit', (code, signal) => ended({ code, signal }))
}

process.on('SIGTERM', end)
process.on('SIGINT', end)
process.on('SIGHUP', end)
process.stdout.on('error', end)
createInterface({ input: process.stdin })
  .on('line', (line) => start(JSON.parse(line)))
  .once('close', end)
