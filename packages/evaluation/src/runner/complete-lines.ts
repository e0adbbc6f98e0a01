import { closeSync, fstatSync, openSync, readSync } from 'node:fs'

const NEWLINE = 10
const CHUNK = 1 << 20

/**
 * The complete lines of an open file with their byte offsets; a last line without its newline (a kill in mid-write) is not complete.
 * @throws RangeError for a line of more than `mostBytes`
 */
export function* completeLines(
  fd: number,
  mostBytes = Number.POSITIVE_INFINITY,
): Generator<{ line: Buffer; offset: number }> {
  const size = fstatSync(fd).size
  let rest = Buffer.alloc(0)
  let restAt = 0
  for (let read = 0; read < size; ) {
    const chunk = Buffer.allocUnsafe(Math.min(CHUNK, size - read))
    const got = readSync(fd, chunk, 0, chunk.length, read)
    if (got === 0) break
    read += got
    rest = rest.length === 0 ? chunk.subarray(0, got) : Buffer.concat([rest, chunk.subarray(0, got)])
    let from = 0
    for (let end = rest.indexOf(NEWLINE); end >= 0; end = rest.indexOf(NEWLINE, from)) {
      yield { line: rest.subarray(from, end), offset: restAt + from }
      from = end + 1
    }
    rest = rest.subarray(from)
    restAt += from
    if (rest.length > mostBytes) throw new RangeError(`a line is longer than ${mostBytes} bytes`)
  }
}

/** The complete lines of a file as text, one by one. */
export function* readLines(path: string): Generator<string> {
  const fd = openSync(path, 'r')
  try {
    for (const { line } of completeLines(fd)) yield line.toString()
  } finally {
    closeSync(fd)
  }
}
