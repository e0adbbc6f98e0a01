import { onAbort } from './abort.ts'

/** The numbers 0 … n-1, each lent to one holder at a time; the last one given back is lent first, so that warm workers are reused. */
export class Slots {
  readonly #free: number[]
  readonly #waiting: ((slot: number) => void)[] = []

  constructor(count: number) {
    this.#free = Array.from({ length: count }, (_, i) => count - 1 - i)
  }

  /** Waits for a number, first come first served; undefined when the signal is aborted before there is one. */
  take(signal: AbortSignal): Promise<number | undefined> {
    if (signal.aborted) return Promise.resolve(undefined)
    const slot = this.#free.pop()
    if (slot !== undefined) return Promise.resolve(slot)
    return new Promise((resolve) => {
      const serve = (given: number) => {
        forget()
        resolve(given)
      }
      const leave = () => {
        this.#waiting.splice(this.#waiting.indexOf(serve), 1)
        resolve(undefined)
      }
      const forget = onAbort(signal, leave)
      this.#waiting.push(serve)
    })
  }

  giveBack(slot: number): void {
    const next = this.#waiting.shift()
    if (next) next(slot)
    else this.#free.push(slot)
  }
}
