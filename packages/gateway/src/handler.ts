import type { IncomingMessage, ServerResponse } from 'node:http'
import { messageOf } from '@agent-ci/core/errors'
import { isJsonObject } from '@agent-ci/core/json'
import { canonicalPath, keyHeaders, requestKey } from './cassette/key.ts'
import { forward } from './forward.ts'
import { credentialsOf } from './headers.ts'
import { type RunningAttack, withAttack } from './inject.ts'
import { isForUs } from './loopback.ts'
import { passThrough } from './pass-through.ts'
import { anthropic } from './protocols/anthropic.ts'
import { openai } from './protocols/openai.ts'
import type { ApiError, Endpoint, Protocol, ProtocolName } from './protocols/protocol.ts'
import { Refusal, type RefusalKind } from './refusal.ts'
import { replay } from './replay.ts'
import type { Call, Run } from './run.ts'
import { OWN_SCOPE, parseTarget, type Target } from './scope.ts'
import { parseJson } from './stream/lossless.ts'
import type { Trials } from './trials.ts'

export const PROTOCOLS: Readonly<Record<ProtocolName, Protocol>> = { anthropic, openai }

/** Larger than the providers take (32 MB), so that they say so themselves. */
const MOST_BODY_BYTES = 64 * 1024 * 1024

/** None of these statuses is retried by the providers' SDKs; the two above 500 come with `x-should-retry: false`. */
const ERRORS: Readonly<Record<RefusalKind, Pick<ApiError, 'status' | 'code'>>> = {
  miss: { status: 404, code: 'recording_not_found' },
  budget: { status: 402, code: 'budget_exhausted' },
  unpriced: { status: 400, code: 'price_unknown' },
  'not-recorded': { status: 404, code: 'endpoint_not_recorded' },
  malformed: { status: 400, code: 'malformed_request' },
  'too-large': { status: 413, code: 'request_too_large' },
  foreign: { status: 403, code: 'foreign_request' },
  unreachable: { status: 502, code: 'upstream_unreachable' },
  timeout: { status: 504, code: 'upstream_timeout' },
}

export interface Handling {
  readonly run: Run
  readonly trials: Trials
  readonly hostNames: ReadonlySet<string>
  /** Under which batches are handed on: nobody else can guess it, so that no agent passes the budget by. */
  readonly batchScope: string
  /** Refusals so far, by kind. */
  readonly refused: Set<RefusalKind>
}

/** Both providers' paths begin with /v1; where the base URL does not say whose they are, the endpoint or the key does. */
function protocolOf({ protocol, path }: Target, { method, headers }: IncomingMessage): Protocol {
  if (protocol) return PROTOCOLS[protocol]
  if (anthropic.endpointOf(method ?? '', path)) return anthropic
  return headers['anthropic-version'] !== undefined || headers['x-api-key'] !== undefined ? anthropic : openai
}

/** The model that the calls of a scope are given; undefined where they keep their own. */
const modelFor = ({ scope }: Pick<Target, 'scope'>, { setModel }: Run): string | undefined =>
  scope === OWN_SCOPE ? undefined : setModel

/** Answers one request. Never rejects. */
export async function handle(request: IncomingMessage, response: ServerResponse, handling: Handling): Promise<void> {
  const { run, trials } = handling
  const target = parseTarget(request.url ?? '/')
  const protocol = protocolOf(target, request)
  // Before anything is awaited: the request belongs to the trial that runs when it comes.
  const trial = trials.of(target.scope)
  const { observation } = trial
  const gone = new AbortController()
  response.once('close', () => {
    if (!response.writableFinished) gone.abort(new Error('the agent went away'))
  })
  try {
    if (!isForUs(request.headers, handling.hostNames)) {
      throw new Refusal(
        'foreign',
        'The request names another host, or comes from a web page. The gateway answers programs on this machine.',
      )
    }
    const endpoint = protocol.endpointOf(request.method ?? '', target.path)
    if (!endpoint) {
      const path = `${target.path}${target.search}`
      await passThrough(request, response, protocol, path, gone.signal, target.scope === handling.batchScope, run)
      return
    }
    const asked = await readRequest(request, target, endpoint, protocol, run, trial.attack)
    await exchange({ trial, observation, protocol, endpoint, ...asked, response, signal: gone.signal }, run)
  } catch (error) {
    // `errored`: the agent broke off while it was still sending.
    if (gone.signal.aborted || request.errored || response.headersSent) {
      response.destroy()
      return
    }
    const refusal =
      error instanceof Refusal ? error : new Refusal('unreachable', `The gateway failed: ${messageOf(error)}`)
    for (const seen of [observation, run.total]) seen.refused(refusal.kind, refusal.message)
    const first = !handling.refused.has(refusal.kind)
    handling.refused.add(refusal.kind)
    run.emit({ type: 'refused', scope: target.scope, kind: refusal.kind, message: refusal.message, first })
    refuse(response, protocol, refusal)
  }
}

function refuse(response: ServerResponse, protocol: Protocol, { kind, message }: Refusal): void {
  const { status, code } = ERRORS[kind]
  const body = JSON.stringify(protocol.errorBody({ status, code, message }))
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'x-should-retry': 'false',
    'x-agent-ci-refused': kind,
    ...(kind === 'too-large' && { connection: 'close' }),
  })
  response.end(body)
}

/** With listeners, because an iterator costs a replayed call a third of its time. */
async function readBody(request: IncomingMessage): Promise<Buffer> {
  return await new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      chunks.push(chunk)
      if (size <= MOST_BODY_BYTES) return
      // Left open, so that the refusal still gets through.
      request.pause()
      reject(new Refusal('too-large', `The request is larger than ${MOST_BODY_BYTES} bytes.`))
    })
    request.once('end', () => resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)))
    request.once('error', reject)
  })
}

type Asked = Pick<Call, 'headers' | 'path' | 'raw' | 'body' | 'redactor' | 'request' | 'key' | 'turn'>

async function readRequest(
  request: IncomingMessage,
  { scope, path, search }: Target,
  endpoint: Endpoint,
  protocol: Protocol,
  run: Run,
  attack: RunningAttack | undefined,
): Promise<Asked> {
  const { headers } = request
  const sent = await readBody(request)
  if ((headers['content-encoding'] ?? 'identity') !== 'identity') {
    throw new Refusal('malformed', `The request is compressed (${headers['content-encoding']}). Send it as plain JSON.`)
  }
  const asked = parseJson(sent.toString())
  if (!isJsonObject(asked)) throw new Refusal('malformed', "The request's body is not a JSON object.")
  const model = endpoint.generates ? modelFor({ scope }, run) : undefined
  const isOther = model !== undefined && asked.model !== model
  const modelled = isOther ? { ...asked, model } : asked
  const body = attack && endpoint.generates ? withAttack(modelled, attack, endpoint.name) : modelled
  const raw = body !== asked ? Buffer.from(JSON.stringify(body)) : sent
  const redactor = run.redactor.knowing(credentialsOf(headers))
  const recorded = {
    protocol: protocol.name,
    endpoint: endpoint.name,
    method: 'POST',
    path: canonicalPath(path, search),
    headers: keyHeaders(headers, protocol.keyHeaders),
    body: redactor.json(body),
  }
  const key = requestKey(recorded, run.rules)
  const turn = attack && endpoint.generates ? { turn: attack.calls } : {}
  return { headers, path: `${path}${search}`, raw, body, redactor, request: recorded, key, ...turn }
}

/** Replays a call or forwards it, as the mode says. */
async function exchange(call: Call, run: Run): Promise<void> {
  const { trial, key } = call
  const ordinal = trial.ordinals.arrive(key)
  let answered = false
  try {
    if (run.mode === 'replay' || run.mode === 'auto') {
      const id = { key, ordinal, ...trial.identity }
      const recording = run.cassettes?.read(id)
      if (recording) {
        answered = true
        await replay(recording, call, run)
        return
      }
      if (run.mode === 'replay') {
        throw new Refusal('miss', run.cassettes?.explainMiss(id, call.request, run.rules) ?? 'There are no recordings.')
      }
    }
    answered = await forward(call, run)
  } finally {
    if (!answered) trial.ordinals.abandon(key)
  }
}
