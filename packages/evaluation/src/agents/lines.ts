const NEWLINE = 10

/** Cuts a stream of bytes into lines; each is decoded whole, so that no character is torn apart. */
export class LineSplitter {
  readonly #most: number
  readonly #onLine: (line: string) => void
  readonly #onTooLong: () => void
  #pieces: Buffer[] = []
  #bytes = 0

  /** @param most bytes of one line; `onTooLong` is told once a line has more, and that line is dropped */
  constructor(most: number, onLine: (line: string) => void, onTooLong: () => void) {
    this.#most = most
    this.#onLine = onLine
    this.#onTooLong = onTooLong
  }

  push(chunk: Buffer): void {
    let from = 0
    for (let newline = chunk.indexOf(NEWLINE); newline !== -1; newline = chunk.indexOf(NEWLINE, from)) {
      this.#keep(chunk.subarray(from, newline))
      this.flush()
      from = newline + 1
    }
    this.#keep(chunk.subarray(from))
  }

  /** Ends the line that is open, as the end of the stream does. */
  flush(): void {
    const whole = this.#pieces.length === 1 ? this.#pieces[0]! : Buffer.concat(this.#pieces)
    const tooLong = this.#bytes > this.#most
    this.#pieces = []
    this.#bytes = 0
    if (!tooLong && whole.length > 0) this.#onLine(whole.toString('utf8'))
  }

  #keep(piece: Buffer): void {
    if (piece.length === 0) return
    const wasTooLong = this.#bytes > this.#most
    this.#bytes += piece.length
    if (this.#bytes <= this.#most) this.#pieces.push(piece)
    else if (!wasTooLong) {
      this.#pieces = []
      this.#onTooLong()
    }
  }
}
