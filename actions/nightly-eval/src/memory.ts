import { formatProblem, messageOf } from '@agent-ci/core/errors'
import type { Host } from '@agent-ci/core/host'
import type { Addition, History, Remembered } from '@agent-ci/core/nightly/history'
import { forLog } from '@agent-ci/core/untrusted'
import { openHistory } from '@agent-ci/github/history/open-history'
import type { NightFacts } from './night-of.ts'
import type { NightlySettings } from './settings.ts'

/** The runner kills a cancelled job some ten seconds after it told us. */
const GRACE_MS = 5_000

/** Aborted a while after another signal: what was measured is still written. */
function graceAfter(signal: AbortSignal): AbortSignal {
  const late = new AbortController()
  signal.addEventListener('abort', () => setTimeout(() => late.abort(), GRACE_MS).unref(), { once: true })
  return late.signal
}

/** The history as a night uses it. What cannot be written is a trouble of the night; its results are kept all the same. */
export class NightMemory {
  readonly troubles: string[] = []
  readonly remembered: Remembered
  private readonly history: History
  private readonly host: Host

  private constructor(history: History, remembered: Remembered, host: Host) {
    this.history = history
    this.remembered = remembered
    this.host = host
  }

  /** Reads it before anything is paid for. */
  static async open({ history: setting }: Pick<NightlySettings, 'history'>, host: Host): Promise<NightMemory> {
    const history = openHistory(setting, { ...host, signal: graceAfter(host.signal) })
    const remembered = await history.read()
    const memory = new NightMemory(history, remembered, host)
    memory.warn(remembered.problems)
    return memory
  }

  async add(addition: Addition, { night, run }: NightFacts): Promise<void> {
    try {
      this.warn(await this.history.append(addition, `Night ${night}${run ? `, run ${run.id}` : ''}`))
    } catch (error) {
      const trouble = `The night was not written to the history: ${messageOf(error)}`
      this.host.warn('History', forLog(trouble))
      this.troubles.push(trouble)
    }
  }

  /** Removes the nights that are older than so many days. */
  async prune(days: number, night: string): Promise<void> {
    const before = new Date(Date.parse(night) - days * 86_400_000).toISOString().slice(0, 10)
    try {
      const { files } = await this.history.prune(before)
      if (files.length > 0) this.host.info(`Removed from the history: ${forLog(files.join(', '))}`)
    } catch (error) {
      this.host.warn('History', forLog(`Older nights were not removed: ${messageOf(error)}`))
    }
  }

  private warn(problems: Remembered['problems']): void {
    for (const problem of problems) this.host.warn('History', forLog(formatProblem(problem)))
  }
}
