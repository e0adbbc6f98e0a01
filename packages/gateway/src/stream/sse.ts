import { StringDecoder } from 'node:string_decoder'

export interface SseEvent {
  readonly event?: string
  readonly id?: string
  /** The data lines, joined by `\n`. */
  readonly data: string
}

/** What lay between two blank lines. */
export interface SseBlock {
  /** As it came, with its blank line. */
  readonly raw: string
  /** Absent where the block holds only comments or is cut short. */
  readonly event?: SseEvent
}

const BLANK_LINE = /(?:\r\n|\n|\r(?!\n))(?:\r\n|\n|\r(?!\n))/g

function parseBlock(raw: string): SseEvent | undefined {
  const data: string[] = []
  let event: string | undefined
  let id: string | undefined
  for (const line of raw.split(/\r\n|\n|\r/)) {
    const colon = line.indexOf(':')
    const field = colon < 0 ? line : line.slice(0, colon)
    const value = colon < 0 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1)
    if (field === 'data') data.push(value)
    else if (field === 'event') event = value
    else if (field === 'id') id = value
  }
  if (data.length === 0) return undefined
  return { data: data.join('\n'), ...(event !== undefined && { event }), ...(id !== undefined && { id }) }
}

/** Cuts a byte stream into server-sent events (WHATWG HTML, 9.2.6), wherever the chunks are cut. */
export class SseParser {
  private readonly decoder = new StringDecoder('utf8')
  private pending = ''
  private started = false

  push(chunk: Uint8Array): SseBlock[] {
    this.pending += this.decoder.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength))
    if (!this.started && this.pending !== '') {
      this.started = true
      if (this.pending.startsWith('\ufeff')) this.pending = this.pending.slice(1)
    }
    const blocks: SseBlock[] = []
    let start = 0
    BLANK_LINE.lastIndex = 0
    for (let match = BLANK_LINE.exec(this.pending); match; match = BLANK_LINE.exec(this.pending)) {
      // A \r at the very end may be the first half of a \r\n whose other half is still to come.
      if (BLANK_LINE.lastIndex === this.pending.length && match[0].endsWith('\r')) break
      const raw = this.pending.slice(start, BLANK_LINE.lastIndex)
      const event = parseBlock(raw)
      blocks.push(event ? { raw, event } : { raw })
      start = BLANK_LINE.lastIndex
    }
    this.pending = this.pending.slice(start)
    return blocks
  }

  /** What came after the last blank line: an event that is cut short is none. */
  end(): SseBlock[] {
    const raw = this.pending + this.decoder.end()
    this.pending = ''
    if (raw.endsWith('\r')) {
      const event = parseBlock(raw)
      return [event ? { raw, event } : { raw }]
    }
    return raw === '' ? [] : [{ raw }]
  }
}

/** An event as it goes over the wire. */
export function formatSse({ event, id, data }: SseEvent): string {
  const head = `${event === undefined ? '' : `event: ${event}\n`}${id === undefined ? '' : `id: ${id}\n`}`
  return `${head}data: ${data.replaceAll('\n', '\ndata: ')}\n\n`
}
