import { tmpdir } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import type { Host } from '@agent-ci/core/host'
import { renderProgressLine } from '@agent-ci/reporting/progress-line'
import { ProgressBar } from './progress-bar.ts'

const LINE_EVERY_MS = 5_000

/** A host on a terminal, or on a pipe: progress goes to stderr, everything else to stdout. */
export function terminalHost(input: (name: string) => string, signal: AbortSignal): Host {
  const { env, stdout, stderr } = process
  const colour = stdout.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb'
  const bar = stderr.isTTY === true && env.TERM !== 'dumb' ? new ProgressBar(stderr, colour) : undefined
  let shownAt = performance.now()
  const print = (line: string) => {
    bar?.clear()
    stdout.write(`${line}\n`)
  }
  return {
    input,
    env,
    cwd: process.cwd(),
    tempDir: tmpdir(),
    signal,
    now: () => performance.now(),
    date: () => new Date(),
    random: Math.random,
    sleep: (ms, abort) => delay(ms, undefined, { signal: abort }),
    colour,
    info: print,
    annotate: () => undefined,
    warn: (_, message) => {
      bar?.clear()
      stderr.write(`warning: ${message}\n`)
    },
    group: async (title, work) => {
      print(title)
      return work()
    },
    progress: (progress) => {
      const now = performance.now()
      if (bar) return bar.show(progress, now)
      if (now - shownAt < LINE_EVERY_MS) return
      shownAt = now
      stderr.write(`${renderProgressLine(progress)}\n`)
    },
    output: () => undefined,
    summary: async () => undefined,
    uploadArtifact: async () => undefined,
  }
}
