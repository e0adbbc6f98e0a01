import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { type FileSpan, spansOf } from './otlp-lines.ts'

/** The attribute by which an agent that cannot go on with our trace names its trial, on any span of its own trace. */
export const TRIAL_ATTRIBUTE = 'agent_ci.trial'

const CHUNK = 1 << 20
/** A line without end is no export. */
const LONGEST_LINE = 64 << 20

/** A file that grows while a run goes on. What was in it before is of other runs. */
export class TrajectoryFile {
  readonly #path: string
  readonly #traceId: string
  #offset: number
  #rest = Buffer.alloc(0)
  readonly #spans = new Map<string, FileSpan[]>()
  /** By trial, the traces that name it. */
  readonly #named = new Map<string, Set<string>>()

  /** @param traceId the run's */
  constructor(path: string, traceId: string) {
    this.#path = path
    this.#traceId = traceId
    this.#offset = statSync(path, { throwIfNoEntry: false })?.size ?? 0
  }

  /** The spans of a trial so far: those under the trial's own, or of a trace that names it. `complete`: the one above all others is there. */
  trajectoryOf(trial: string, spanId: string): { readonly spans: readonly FileSpan[]; readonly complete: boolean } {
    this.#read()
    const ours = descendants(this.#spans.get(this.#traceId) ?? [], spanId)
    const named = [...(this.#named.get(trial) ?? [])].flatMap((trace) => this.#spans.get(trace) ?? [])
    const complete =
      ours.some(({ parentSpanId }) => parentSpanId === spanId) || named.some(({ parentSpanId }) => parentSpanId === '')
    return { spans: [...ours, ...named], complete }
  }

  #read(): void {
    const size = statSync(this.#path, { throwIfNoEntry: false })?.size ?? 0
    // Begun anew, by an exporter that rotates its file.
    if (size < this.#offset) this.#offset = 0
    if (size === this.#offset) return
    const handle = openSync(this.#path, 'r')
    try {
      const chunk = Buffer.alloc(CHUNK)
      for (let length = -1; length !== 0; ) {
        length = readSync(handle, chunk, 0, CHUNK, this.#offset)
        this.#offset += length
        this.#take(Buffer.concat([this.#rest, chunk.subarray(0, length)]))
      }
    } finally {
      closeSync(handle)
    }
  }

  #take(bytes: Buffer): void {
    const end = bytes.lastIndexOf('\n') + 1
    for (const line of bytes.toString('utf8', 0, end).split('\n')) for (const span of spansOf(line)) this.#add(span)
    this.#rest = bytes.length - end > LONGEST_LINE ? Buffer.alloc(0) : Buffer.from(bytes.subarray(end))
  }

  #add(span: FileSpan): void {
    this.#spans.set(span.traceId, [...(this.#spans.get(span.traceId) ?? []), span])
    const trial = span.attributes[TRIAL_ATTRIBUTE]
    if (typeof trial !== 'string') return
    this.#named.set(trial, new Set([...(this.#named.get(trial) ?? []), span.traceId]))
  }
}

function descendants(spans: readonly FileSpan[], root: string): FileSpan[] {
  const parents = new Map(spans.map(({ spanId, parentSpanId }) => [spanId, parentSpanId]))
  const isUnder = ({ spanId, parentSpanId }: FileSpan): boolean => {
    const seen = new Set([spanId])
    for (let at = parentSpanId; at !== ''; at = parents.get(at) ?? '') {
      if (at === root) return true
      if (seen.has(at)) return false
      seen.add(at)
    }
    return false
  }
  return spans.filter(isUnder)
}
