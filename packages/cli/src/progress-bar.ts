import type { WriteStream } from 'node:tty'
import type { Progress } from '@agent-ci/core/host'
import { renderProgressLine } from '@agent-ci/reporting/progress-line'

const WIDTH = 24
const FRAME_MS = 60
const PAINT = { passed: 32, failed: 31, errored: 33 } as const

/** One line at the bottom of a terminal that is drawn over itself. */
export class ProgressBar {
  private readonly stream: WriteStream
  private readonly colour: boolean
  private drawnAt = Number.NEGATIVE_INFINITY
  private visible = false

  constructor(stream: WriteStream, colour: boolean) {
    this.stream = stream
    this.colour = colour
  }

  /** Draws the progress, at most every 60 ms; the last one always. */
  show(progress: Progress, now: number): void {
    const ended = progress.passed + progress.failed + progress.errored
    if (now - this.drawnAt < FRAME_MS && ended < progress.planned) return
    this.drawnAt = now
    const line = ` ${renderProgressLine(progress)}`.slice(0, Math.max(0, this.stream.columns - WIDTH - 1))
    this.stream.write(`\r${this.bar(progress)}${line}\u001b[K`)
    this.visible = true
  }

  clear(): void {
    if (this.visible) this.stream.write('\r\u001b[K')
    this.visible = false
  }

  private bar(progress: Progress): string {
    let cells = 0
    let done = 0
    let bar = ''
    for (const part of ['passed', 'failed', 'errored'] as const) {
      done += progress[part]
      const upTo = Math.round((WIDTH * done) / progress.planned)
      const block = '━'.repeat(upTo - cells)
      bar += this.colour && block !== '' ? `\u001b[${PAINT[part]}m${block}\u001b[39m` : block
      cells = upTo
    }
    const rest = '─'.repeat(WIDTH - cells)
    return bar + (this.colour ? `\u001b[2m${rest}\u001b[22m` : rest)
  }
}
