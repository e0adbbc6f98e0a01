import type { Example } from './example.ts'
import { type ProbeKind, probeKind } from './probe.ts'
import type { Trial, TrialOutcome } from './trial.ts'

const OUTCOMES: readonly TrialOutcome[] = ['passed', 'failed', 'errored']
const flag = (value: boolean | null): number => (value === null ? 2 : value ? 1 : 0)

/** A column that doubles its room as it grows. */
class Column<T extends Float64Array | Uint32Array | Uint8Array> {
  values: T
  private readonly make: (length: number) => T
  constructor(make: (length: number) => T) {
    this.make = make
    this.values = make(64)
  }
  set(row: number, value: number): void {
    if (row >= this.values.length) {
      const wider = this.make(Math.max(this.values.length * 2, row + 1))
      wider.set(this.values)
      this.values = wider
    }
    this.values[row] = value
  }
}

const reals = () => new Column((length) => new Float64Array(length))
const counts = () => new Column((length) => new Uint32Array(length))
const codes = () => new Column((length) => new Uint8Array(length))

interface Traits {
  readonly tags: readonly string[]
  readonly critical: boolean
  readonly group: string | undefined
  readonly probe: ProbeKind | undefined
}

export interface Row {
  readonly index: number
  readonly outcome: TrialOutcome
  readonly correct: boolean | null
  readonly toolCorrect: boolean | null
  readonly safe: boolean | null
  /** What the example tries: nothing, an attack, or a harmless look-alike of one. */
  readonly probe: ProbeKind | undefined
  /** Milliseconds; NaN where the trial errored, was replayed, or was one of a batch. */
  readonly latencyMs: number
  /** Milliseconds that a replayed trial took when it was recorded; NaN for others. */
  readonly recordedMs: number
  /** NaN where unknown. */
  readonly costUsd: number
  readonly inputTokens: number
  readonly outputTokens: number
  readonly replayed: boolean
  /** Answered with a whole batch, so that it has no latency. */
  readonly batched: boolean
}

/**
 * The numbers of all trials, in columns: about 50 bytes a trial, so that 100,000 of them stay small. Texts are in the journal.
 */
export class TrialTable {
  rows = 0
  /** Whether some trial was answered with a whole batch. */
  hasBatched = false
  private readonly index = counts()
  private readonly outcome = codes()
  private readonly correct = codes()
  private readonly toolCorrect = codes()
  private readonly unjudgedTools = codes()
  private readonly safe = codes()
  private readonly anyLatencyMs = reals()
  private readonly costUsd = reals()
  private readonly inputTokens = reals()
  private readonly outputTokens = reals()
  private readonly replayed = codes()
  private readonly batched = codes()
  private readonly scores = new Map<string, Column<Float64Array>>()
  /** What selectors and clusters need of an example: the number of its traits by its position; 0: it has none. */
  private readonly traitNumbers = counts()
  private readonly traits: Traits[] = [{ tags: [], critical: false, group: undefined, probe: undefined }]
  private readonly numberOf = new Map<string, number>()

  add(trial: Trial, example: Pick<Example, 'tags' | 'critical' | 'group' | 'metadata'>): void {
    const row = this.rows++
    const { reply } = trial
    this.index.set(row, trial.index)
    this.outcome.set(row, OUTCOMES.indexOf(trial.outcome))
    this.correct.set(row, flag(trial.correct))
    this.toolCorrect.set(row, flag(trial.toolCorrect))
    this.safe.set(row, flag(trial.safe ?? null))
    this.unjudgedTools.set(row, trial.toolUnjudged ? 1 : 0)
    this.anyLatencyMs.set(row, reply.failure || reply.batched ? Number.NaN : reply.latencyMs)
    this.costUsd.set(row, reply.usage.costUsd ?? Number.NaN)
    this.inputTokens.set(row, reply.usage.inputTokens ?? Number.NaN)
    this.outputTokens.set(row, reply.usage.outputTokens ?? Number.NaN)
    this.replayed.set(row, reply.replayed ? 1 : 0)
    this.batched.set(row, reply.batched ? 1 : 0)
    if (reply.batched) this.hasBatched = true
    for (const score of trial.scores) {
      const column = this.scores.get(score.scorer) ?? reals()
      if (!this.scores.has(score.scorer)) {
        this.scores.set(score.scorer, column)
        for (let before = 0; before < row; before++) column.set(before, Number.NaN)
      }
    }
    for (const [name, column] of this.scores) {
      column.set(row, trial.scores.find((score) => score.scorer === name)?.value ?? Number.NaN)
    }
    const { tags, critical, group } = example
    const probe = probeKind(example)
    if (tags.length > 0 || critical || group !== undefined || probe !== undefined) {
      const key = JSON.stringify([tags, critical, group, probe])
      let number = this.numberOf.get(key)
      if (number === undefined) {
        number = this.traits.push({ tags, critical, group, probe }) - 1
        this.numberOf.set(key, number)
      }
      this.traitNumbers.set(trial.index, number)
    }
  }

  row(row: number): Row {
    const replayed = this.replayed.values[row] === 1
    const latencyMs = this.anyLatencyMs.values[row]!
    return {
      index: this.index.values[row]!,
      outcome: OUTCOMES[this.outcome.values[row]!]!,
      correct: this.flagAt(this.correct, row),
      toolCorrect: this.flagAt(this.toolCorrect, row),
      safe: this.flagAt(this.safe, row),
      probe: this.traitsOf(this.index.values[row]!).probe,
      latencyMs: replayed ? Number.NaN : latencyMs,
      recordedMs: replayed ? latencyMs : Number.NaN,
      costUsd: this.costUsd.values[row]!,
      inputTokens: this.inputTokens.values[row]!,
      outputTokens: this.outputTokens.values[row]!,
      replayed,
      batched: this.batched.values[row] === 1,
    }
  }

  /** Whether tool calls of a row had to be judged but could not be. */
  hasUnjudgedTools(row: number): boolean {
    return this.unjudgedTools.values[row] === 1
  }

  /** The value that a scorer gave in a row; NaN where it gave none. */
  score(name: string, row: number): number {
    return this.scores.get(name)?.values[row] ?? Number.NaN
  }

  get scorerNames(): string[] {
    return [...this.scores.keys()]
  }

  traitsOf(index: number): Traits {
    return this.traits[this.traitNumbers.values[index] ?? 0]!
  }

  /** All tags seen, in the order of their first trial. */
  get tags(): string[] {
    return [...new Set(this.traits.flatMap((traits) => traits.tags))]
  }

  private flagAt(column: Column<Uint8Array>, row: number): boolean | null {
    const value = column.values[row]
    return value === 2 ? null : value === 1
  }
}
