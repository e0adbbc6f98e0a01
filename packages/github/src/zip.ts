import { inflateRawSync } from 'node:zlib'

export interface ZipLimits {
  /** Entries of the archive, wanted or not. */
  readonly entries: number
  /** Of one file, unpacked. */
  readonly fileBytes: number
  /** Of all wanted files together, unpacked. */
  readonly totalBytes: number
}

export interface ZipFile {
  readonly path: string
  readonly bytes: Buffer
}

const END_SIGNATURE = 0x06054b50
const ENTRY_SIGNATURE = 0x02014b50
const LOCAL_SIGNATURE = 0x04034b50
const END_BYTES = 22
const LONGEST_COMMENT = 65_535

/**
 * The wanted files of a ZIP archive, unpacked in memory: a stranger may have made it, and what is never written to disk can lie nowhere.
 * Sizes are those that come out, not those that the archive claims (APPNOTE.TXT 4.3; without ZIP64 and encryption).
 * @throws Error saying what is wrong with the archive, or which limit it breaks
 */
export function unzip(archive: Buffer, wanted: (path: string) => boolean, limits: ZipLimits): ZipFile[] {
  const end = endOf(archive)
  const entries = archive.readUInt16LE(end + 10)
  if (entries > limits.entries) throw new Error(`it has ${entries} entries, more than ${limits.entries}`)
  const files: ZipFile[] = []
  let room = limits.totalBytes
  let at = archive.readUInt32LE(end + 16)
  for (let entry = 0; entry < entries; entry++) {
    if (at + 46 > archive.length || archive.readUInt32LE(at) !== ENTRY_SIGNATURE) throw damaged()
    const flags = archive.readUInt16LE(at + 8)
    const method = archive.readUInt16LE(at + 10)
    const packedBytes = archive.readUInt32LE(at + 20)
    const nameBytes = archive.readUInt16LE(at + 28)
    const path = archive.toString('utf8', at + 46, at + 46 + nameBytes)
    const local = archive.readUInt32LE(at + 42)
    at += 46 + nameBytes + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32)
    if (path.endsWith('/') || !wanted(path)) continue
    if (flags & 1) throw new Error('it is encrypted')
    if (local + 30 > archive.length || archive.readUInt32LE(local) !== LOCAL_SIGNATURE) throw damaged()
    const from = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28)
    if (from + packedBytes > archive.length) throw damaged()
    const bytes = unpack(archive.subarray(from, from + packedBytes), method, Math.min(limits.fileBytes, room))
    room -= bytes.length
    files.push({ path, bytes })
  }
  return files
}

function endOf(archive: Buffer): number {
  for (let at = archive.length - END_BYTES; at >= Math.max(0, archive.length - END_BYTES - LONGEST_COMMENT); at--)
    if (archive.readUInt32LE(at) === END_SIGNATURE) return at
  throw damaged()
}

function unpack(packed: Buffer, method: number, most: number): Buffer {
  const tooLarge = () => new Error(`its files are larger than ${most} bytes`)
  if (method === 0) {
    if (packed.length > most) throw tooLarge()
    return packed
  }
  if (method !== 8) throw new Error(`its compression method ${method} is not known`)
  try {
    return inflateRawSync(packed, { maxOutputLength: Math.max(1, most) })
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' ? tooLarge() : damaged()
  }
}

const damaged = (): Error => new Error('it is damaged')
