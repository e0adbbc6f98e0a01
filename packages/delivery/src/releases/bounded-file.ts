import { open } from 'node:fs/promises'
import { messageOf } from '@agent-ci/core/errors'

/**
 * A file's text, of which no more than `mostBytes` are read, whatever its size is said to be.
 *
 * @param refuse is told why the file cannot be used, and throws
 */
export async function readBounded(file: string, mostBytes: number, refuse: (why: string) => never): Promise<string> {
  let handle: Awaited<ReturnType<typeof open>> | undefined
  let refused: string
  try {
    handle = await open(file, 'r')
    if ((await handle.stat()).isFile()) {
      const buffer = Buffer.alloc(mostBytes + 1)
      let length = 0
      for (let read = -1; read !== 0 && length < buffer.length; length += read) {
        read = (await handle.read(buffer, length, buffer.length - length)).bytesRead
      }
      if (length <= mostBytes) return buffer.toString('utf8', 0, length)
      refused = `It is larger than ${mostBytes / (1 << 20)} MiB`
    } else {
      refused = `${file} is not a file`
    }
  } catch (error) {
    refused = `It cannot be read: ${messageOf(error)}`
  } finally {
    await handle?.close()
  }
  return refuse(refused)
}
