import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { type FileSpan, spansOf } from './otlp-lines.ts'
import { toolCallsOf } from './tool-calls.ts'

/** The attribute by which an agent that cannot go on with our trace names its trial, on any span of its own trace. */
export const TRIAL_ATTRIBUTE = 'agent_ci.trial'

const CHUNK = 1 << 20
/** A line without end is no export. */
const LONGEST_LINE = 64 << 20

/** Single steps: where they lie side by side under a trial, none of them says that the others have come. */
const STEPS = new Set(['chat', 'text_completion', 'generate_content', 'embeddings', 'execute_tool'])

const isAround = (span: FileSpan): boolean =>
  !STEPS.has(String(span.attributes['gen_ai.operation.name'])) && toolCallsOf([span]).length === 0

/** A file that grows while a run goes on. What was in it before is of other runs. */
export class TrajectoryFile {
  readonly #path: string
  readonly #traceId: string
  #offset: number
  #rest = Buffer.alloc(0)
  /** By trace and parent. */
  readonly #children = new Map<string, FileSpan[]>()
  /** By trial, the traces that name it. */
  readonly #named = new Map<string, Set<string>>()

  /** @param traceId the run's */
  constructor(path: string, traceId: string) {
    this.#path = path
    this.#traceId = traceId
    this.#offset = statSync(path, { throwIfNoEntry: false })?.size ?? 0
  }

  /** The spans of a trial so far: those under the trial's own, or of a trace that names it. `complete`: one that is around others, and ends after them, is there. */
  trajectoryOf(trial: string, spanId: string): { readonly spans: readonly FileSpan[]; readonly complete: boolean } {
    this.#read()
    const ours = this.#under(this.#traceId, spanId)
    const traces = [...(this.#named.get(trial) ?? [])]
    const named = traces.flatMap((trace) => this.#under(trace, ''))
    const tops = [{ trace: this.#traceId, parent: spanId }, ...traces.map((trace) => ({ trace, parent: '' }))]
    const complete = tops.some(({ trace, parent }) => this.#childrenOf(trace, parent).some(isAround))
    return { spans: [...ours, ...named], complete }
  }

  #childrenOf(trace: string, parent: string): readonly FileSpan[] {
    return this.#children.get(`${trace}/${parent}`) ?? []
  }

  /** The spans under another, at any depth, in the order of the file among those of one parent. */
  #under(trace: string, parent: string): FileSpan[] {
    const found: FileSpan[] = []
    const seen = new Set<string>()
    const open = [parent]
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      if (seen.has(at)) continue
      seen.add(at)
      const children = this.#childrenOf(trace, at)
      found.push(...children)
      open.push(...children.map(({ spanId }) => spanId))
    }
    return found
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
    const key = `${span.traceId}/${span.parentSpanId}`
    const children = this.#children.get(key)
    if (children) children.push(span)
    else this.#children.set(key, [span])
    const trial = span.attributes[TRIAL_ATTRIBUTE]
    if (typeof trial !== 'string') return
    this.#named.set(trial, new Set([...(this.#named.get(trial) ?? []), span.traceId]))
  }
}
