import { closeSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs'
import { ConfigurationError } from '@agent-ci/core/errors'
import type { Dataset, Example } from '@agent-ci/core/example'
import type { Trial } from '@agent-ci/core/trial'
import { exampleDigest, fromRecord, type TrialRecord, toRecord, trialRecordSchema } from '@agent-ci/core/trial-record'
import { forLog } from '@agent-ci/core/untrusted'
import { completeLines } from './complete-lines.ts'

/** Of what another machine wrote; no reply of a model is near it. */
const MOST_LINE_BYTES = 64 << 20

/**
 * `trials.jsonl`: one trial a line, written when the trial ends and before it is counted, so that a killed run loses only what was in
 * flight. It keeps where each trial's line lies, to read them back in the dataset's order without holding them.
 */
export class Journal {
  private readonly fd: number
  private readonly dataset: Dataset
  private readonly repeats: number
  private end = 0
  /** Where the newest line of a trial lies, by its key; -1 where it has none. */
  private readonly offsets: Float64Array
  private readonly lengths: Uint32Array

  private constructor(fd: number, dataset: Dataset, repeats: number) {
    this.fd = fd
    this.dataset = dataset
    this.repeats = repeats
    this.offsets = new Float64Array(dataset.size * repeats).fill(-1)
    this.lengths = new Uint32Array(dataset.size * repeats)
  }

  /** Starts an empty journal in the place of any other. */
  static create(path: string, dataset: Dataset, repeats: number): Journal {
    return new Journal(openSync(path, 'w+'), dataset, repeats)
  }

  /**
   * Opens the journal of a run that was cut off, drops a torn last line, and keeps the trials that were measured on examples which
   * still say the same. `onTrial` gets each of them.
   */
  static resume(
    path: string,
    dataset: Dataset,
    repeats: number,
    onTrial: (trial: Trial, example: Example) => void,
  ): Journal {
    const fd = openSync(path, 'r+')
    const journal = new Journal(fd, dataset, repeats)
    for (const { line, offset } of completeLines(fd)) {
      journal.end = offset + line.length + 1
      const trial = journal.parse(line)
      if (typeof trial === 'object' && trial.outcome !== 'errored') journal.locate(trial, offset, line.length)
    }
    ftruncateSync(fd, journal.end)
    for (const { trial, example } of journal.trials()) onTrial(trial, example)
    return journal
  }

  /**
   * Opens the journal that another machine wrote: of each trial the newest line counts, and every line must be a trial of an example
   * that `isOwn`. `name` is what people call the file.
   * @throws ConfigurationError naming the first line that is none
   */
  static open(
    path: string,
    name: string,
    dataset: Dataset,
    repeats: number,
    isOwn: (index: number) => boolean,
  ): Journal {
    const journal = new Journal(openSync(path, 'r'), dataset, repeats)
    const refuse = (line: number, why: string): never => {
      throw new ConfigurationError({
        what: `${name}:${line} is no trial of this run`,
        why,
        mend: 'Give the output-dir of eval-gate as its shard left it, run on the same commit with the same inputs',
      })
    }
    let number = 0
    try {
      for (const { line, offset } of completeLines(journal.fd, MOST_LINE_BYTES)) {
        number++
        const trial = journal.parse(line)
        if (typeof trial === 'string') refuse(number, trial)
        else if (!isOwn(trial.index)) refuse(number, `${forLog(trial.exampleId, 80)} is not an example of this shard`)
        else journal.locate(trial, offset, line.length)
      }
      return journal
    } catch (error) {
      journal.close()
      if (error instanceof RangeError) refuse(number + 1, error.message)
      throw error
    }
  }

  private has(index: number, repeat: number): boolean {
    return this.offsets[index * this.repeats + repeat]! >= 0
  }

  /** The trial that was made already, by this run or the one it continues. */
  trialOf(index: number, repeat: number): Trial | undefined {
    return this.has(index, repeat) ? this.read(index * this.repeats + repeat).trial : undefined
  }

  /** Appends a trial in one write. */
  append(trial: Trial, example: Example): void {
    const line = Buffer.from(`${JSON.stringify(toRecord(trial, example))}\n`)
    for (let written = 0; written < line.length; ) {
      written += writeSync(this.fd, line, written, line.length - written, this.end + written)
    }
    this.locate(trial, this.end, line.length - 1)
    this.end += line.length
  }

  /** All trials in the order of the dataset, repeats together; read from the file one by one. */
  *trials(): Generator<{ trial: Trial; example: Example }> {
    for (let key = 0; key < this.offsets.length; key++) {
      if (this.offsets[key]! >= 0) yield this.read(key)
    }
  }

  /** The records of all trials, in the same order. */
  *records(): Generator<TrialRecord> {
    for (let key = 0; key < this.offsets.length; key++) {
      if (this.offsets[key]! >= 0) yield this.readRecord(key)
    }
  }

  /** The same for examples at some positions; one that was never run comes alone. */
  *planned(order: Uint32Array): Generator<{ trial: Trial; example: Example } | { trial: null; example: Example }> {
    for (const index of order.toSorted()) {
      let ran = false
      for (let repeat = 0; repeat < this.repeats; repeat++) {
        if (!this.has(index, repeat)) continue
        ran = true
        yield this.read(index * this.repeats + repeat)
      }
      if (!ran) yield { trial: null, example: this.dataset.at(index) }
    }
  }

  close(): void {
    closeSync(this.fd)
  }

  private read(key: number): { trial: Trial; example: Example } {
    const trial = fromRecord(this.readRecord(key))
    return { trial, example: this.dataset.at(trial.index) }
  }

  private readRecord(key: number): TrialRecord {
    const line = Buffer.allocUnsafe(this.lengths[key]!)
    readSync(this.fd, line, 0, line.length, this.offsets[key]!)
    return JSON.parse(line.toString()) as TrialRecord
  }

  private locate({ index, repeat }: Pick<Trial, 'index' | 'repeat'>, offset: number, length: number): void {
    const key = index * this.repeats + repeat
    this.offsets[key] = offset
    this.lengths[key] = length
  }

  /** A line of this run's own dataset as a trial; why it is none, such as that the example says something else today. */
  private parse(line: Buffer): Trial | string {
    let value: unknown
    try {
      value = JSON.parse(line.toString())
    } catch {
      return 'It is not JSON'
    }
    const { data: record, error } = trialRecordSchema.safeParse(value)
    if (!record) return forLog(`${error.issues[0]?.path.join('.')}: ${error.issues[0]?.message}`, 200)
    if (record.index >= this.dataset.size) return `The dataset has no example at position ${record.index}`
    if (record.repeat >= this.repeats) return `It is repeat ${record.repeat + 1} of ${this.repeats}`
    const example = this.dataset.at(record.index)
    return example.id === record.example_id && exampleDigest(example) === record.example_digest
      ? fromRecord(record)
      : `The example at position ${record.index} of the dataset is another one`
  }
}
