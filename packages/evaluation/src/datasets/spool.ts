import { closeSync, mkdtempSync, openSync, readSync, rmdirSync, unlinkSync, writeSync } from 'node:fs'
import { join } from 'node:path'

/** Up to here the records stay in memory. */
const MOST_MEMORY = 4 * 1024 * 1024

/** Texts that are appended once and read by their position, outside the JavaScript heap: in a buffer, and when that is full in a file. */
export class Spool {
  /** How many texts there are. */
  size = 0
  private readonly tempDir: string
  private fd: number | undefined
  /** What is not in the file. */
  private tail = Buffer.allocUnsafe(64 * 1024)
  private tailLength = 0
  /** How many bytes are in the file. */
  private flushed = 0
  /** Where each text begins, and behind the last where it ends. */
  private offsets = new Float64Array(1024)
  private closed = false

  constructor(tempDir: string) {
    this.tempDir = tempDir
  }

  append(text: string): void {
    const length = Buffer.byteLength(text)
    this.makeRoom(length)
    this.tailLength += this.tail.write(text, this.tailLength)
    this.size++
    if (this.size === this.offsets.length) {
      const longer = new Float64Array(this.offsets.length * 2)
      longer.set(this.offsets)
      this.offsets = longer
    }
    this.offsets[this.size] = this.flushed + this.tailLength
  }

  read(index: number): string {
    if (this.closed) throw new Error('The dataset is closed')
    if (!(Number.isInteger(index) && index >= 0 && index < this.size)) {
      throw new RangeError(`Expected a position from 0 to ${this.size - 1}, got ${index}`)
    }
    const start = this.offsets[index]!
    const end = this.offsets[index + 1]!
    if (this.fd === undefined || start >= this.flushed) {
      return this.tail.toString('utf8', start - this.flushed, end - this.flushed)
    }
    const bytes = Buffer.allocUnsafe(end - start)
    for (let filled = 0; filled < bytes.length; ) {
      const length = readSync(this.fd, bytes, filled, bytes.length - filled, start + filled)
      if (length === 0) throw new Error('The spooled dataset ended early')
      filled += length
    }
    return bytes.toString('utf8')
  }

  /** Frees memory and file; safe to call twice. */
  close(): void {
    if (this.fd !== undefined) closeSync(this.fd)
    this.fd = undefined
    this.tail = Buffer.alloc(0)
    this.offsets = new Float64Array(0)
    this.closed = true
  }

  private makeRoom(length: number): void {
    const needed = this.tailLength + length
    if (needed <= this.tail.length) return
    if (needed > MOST_MEMORY) this.flush()
    if (this.tailLength + length <= this.tail.length) return
    const larger = Buffer.allocUnsafe(Math.max(this.tail.length * 2, this.tailLength + length))
    this.tail.copy(larger, 0, 0, this.tailLength)
    this.tail = larger
  }

  private flush(): void {
    this.fd ??= openUnnamed(this.tempDir)
    for (let written = 0; written < this.tailLength; ) {
      written += writeSync(this.fd, this.tail, written, this.tailLength - written, this.flushed + written)
    }
    this.flushed += this.tailLength
    this.tailLength = 0
  }
}

/** A file that nobody else can open and that is gone with its descriptor, however the process ends. */
function openUnnamed(tempDir: string): number {
  const directory = mkdtempSync(join(tempDir, 'agent-ci-dataset-'))
  const path = join(directory, 'examples')
  const fd = openSync(path, 'wx+', 0o600)
  unlinkSync(path)
  rmdirSync(directory)
  return fd
}
