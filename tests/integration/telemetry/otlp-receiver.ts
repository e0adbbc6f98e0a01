import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const MODULE = join(import.meta.dirname, 'receiver')

/** Whether the receiver can be built here; without Go a test says so, and in CI it fails. */
export function canBuildReceiver(): boolean {
  if (existsSync(binaryPath()) || spawnSync('go', ['version']).status === 0) return true
  const reason = "There is no Go to build OpenTelemetry's receiver with"
  if (process.env.CI === 'true') throw new Error(reason)
  process.stderr.write(`skipped: ${reason}\n`)
  return false
}

function binaryPath(): string {
  const digest = createHash('sha256')
  for (const file of ['go.mod', 'go.sum', 'main.go']) digest.update(readFileSync(join(MODULE, file)))
  const caches = process.env.XDG_CACHE_HOME || join(homedir(), '.cache')
  return join(caches, 'agent-ci', 'otlp-receiver', digest.digest('hex').slice(0, 16))
}

/** Builds it once for each content of its sources; two builds at once do not meet. */
function build(): string {
  const path = binaryPath()
  if (existsSync(path)) return path
  const unfinished = `${path}.${process.pid}`
  mkdirSync(join(path, '..'), { recursive: true })
  try {
    const flags = ['-trimpath', '-mod=readonly', '-buildvcs=false']
    execFileSync('go', ['build', ...flags, '-o', unfinished, '.'], { cwd: MODULE, stdio: 'inherit' })
    renameSync(unfinished, path)
  } finally {
    rmSync(unfinished, { force: true })
  }
  return path
}

type Value = { stringValue?: string; intValue?: string; doubleValue?: number; boolValue?: boolean; arrayValue?: object }
interface KeyValue {
  key: string
  value: Value
}

/** A span as the receiver understood it. */
export interface ReceivedSpan {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId: string | undefined
  readonly name: string
  readonly kind: number
  readonly startNano: bigint
  readonly endNano: bigint
  readonly attributes: Readonly<Record<string, unknown>>
  readonly events: readonly { readonly name: string; readonly attributes: Readonly<Record<string, unknown>> }[]
  readonly resource: Readonly<Record<string, unknown>>
  readonly failed: boolean
}

const plain = ({ stringValue, intValue, doubleValue, boolValue, arrayValue }: Value): unknown =>
  stringValue ?? (intValue === undefined ? undefined : Number(intValue)) ?? doubleValue ?? boolValue ?? arrayValue

const record = (list: readonly KeyValue[] = []): Record<string, unknown> =>
  Object.fromEntries(list.map(({ key, value }) => [key, plain(value)]))

interface WireSpan {
  traceId: string
  spanId: string
  parentSpanId?: string
  name: string
  kind: number
  startTimeUnixNano: string
  endTimeUnixNano: string
  attributes?: KeyValue[]
  events?: { name: string; attributes?: KeyValue[] }[]
  status?: { code?: number }
}

/** The OpenTelemetry Collector's own OTLP receiver, on loopback. */
export class OtlpReceiver {
  readonly url: string
  /** What it took: one export a line, as the collector's file exporter writes. */
  readonly lines: string[]
  private readonly child: ChildProcess

  private constructor(url: string, lines: string[], child: ChildProcess) {
    this.url = url
    this.lines = lines
    this.child = child
  }

  static async start(): Promise<OtlpReceiver> {
    const child = spawn(build(), [], { stdio: ['pipe', 'pipe', 'inherit'] })
    const lines: string[] = []
    const address = await new Promise<string>((resolve, reject) => {
      child.once('error', reject)
      child.once('exit', (code) => reject(new Error(`the receiver ended with status ${code}`)))
      createInterface({ input: child.stdout! })
        .once('line', resolve)
        .on('line', (line) => line.startsWith('{') && lines.push(line))
    })
    return new OtlpReceiver(`http://${address}`, lines, child)
  }

  get spans(): ReceivedSpan[] {
    return this.lines.flatMap((line) => {
      const { resourceSpans } = JSON.parse(line) as {
        resourceSpans: { resource: { attributes?: KeyValue[] }; scopeSpans: { spans: WireSpan[] }[] }[]
      }
      return resourceSpans.flatMap(({ resource, scopeSpans }) =>
        scopeSpans.flatMap(({ spans }) =>
          spans.map((span) => ({
            traceId: span.traceId,
            spanId: span.spanId,
            parentSpanId: span.parentSpanId || undefined,
            name: span.name,
            kind: span.kind,
            startNano: BigInt(span.startTimeUnixNano),
            endNano: BigInt(span.endTimeUnixNano),
            attributes: record(span.attributes),
            events: (span.events ?? []).map(({ name, attributes }) => ({ name, attributes: record(attributes) })),
            resource: record(resource.attributes),
            failed: span.status?.code === 2,
          })),
        ),
      )
    })
  }

  stop(): void {
    this.child.removeAllListeners('exit')
    this.child.kill('SIGKILL')
  }
}
