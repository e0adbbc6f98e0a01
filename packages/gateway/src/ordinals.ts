/**
 * Counts identical requests within a trial, so that the n-th one gets the n-th recorded answer. Answers are counted, not requests: a
 * request that failed and is made again asks for the same answer. Which of two identical requests under way at once gets which answer
 * makes no difference: they cannot be told apart.
 */
export class Ordinals {
  private readonly taken = new Map<string, number>()
  private readonly written = new Map<string, number>()
  private readonly isRecorded: (key: string, ordinal: number) => boolean

  /** @param isRecorded whether this trial has a recording that may be replayed */
  constructor(isRecorded: (key: string, ordinal: number) => boolean) {
    this.isRecorded = isRecorded
  }

  /** The place of a request that has come: that of the answer it gets. */
  arrive(key: string): number {
    const ordinal = this.taken.get(key) ?? 0
    this.taken.set(key, ordinal + 1)
    return ordinal
  }

  /** The request got no answer: its place is free again. */
  abandon(key: string): void {
    this.taken.set(key, Math.max(0, (this.taken.get(key) ?? 0) - 1))
  }

  /** The place under which a new answer is recorded: the next one without a recording, so that there are no gaps. */
  record(key: string): number {
    let ordinal = this.written.get(key) ?? 0
    while (this.isRecorded(key, ordinal)) ordinal++
    this.written.set(key, ordinal + 1)
    return ordinal
  }
}
