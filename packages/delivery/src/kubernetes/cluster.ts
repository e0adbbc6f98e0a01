import * as http from 'node:http'
import * as https from 'node:https'
import type { Json, JsonObject } from '@agent-ci/core/json'
import { ApiError, NoAnswerError } from './api-error.ts'
import type { Access, Connection } from './connection.ts'
import type { NamedObject, ObjectReference } from './object.ts'
import { groupPath, knownResource, type Resource } from './resources.ts'

/** The name under which the API server keeps which fields are ours. */
export const FIELD_MANAGER = 'agent-ci'

export type JsonPatch = readonly (
  | { readonly op: 'test' | 'add' | 'replace'; readonly path: string; readonly value: Json }
  | { readonly op: 'remove'; readonly path: string }
)[]

export interface ClusterTimes {
  /** Of one request. */
  readonly timeoutMs: number
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>
  readonly signal: AbortSignal
}

export interface WriteOptions {
  /** The server checks and answers as if, and keeps nothing. */
  readonly dryRun?: boolean
}

interface Call {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly path: string
  readonly query?: Readonly<Record<string, string | undefined>>
  readonly body?: string
  readonly contentType?: string
}

const TRIES = 5
const MAX_BODY = 64 * 1_048_576

/**
 * The API server in one namespace: every object as plain JSON. Reads and server-side applies are tried again when the server is busy or the
 * connection breaks, for they can be repeated; other writes only when they surely did not happen (429, or never sent).
 */
export class Cluster {
  readonly namespace: string
  private readonly connection: Connection
  private readonly times: ClusterTimes
  private readonly discovered = new Map<string, Promise<Resource | undefined>>()

  constructor(connection: Connection, namespace: string, times: ClusterTimes) {
    this.connection = connection
    this.namespace = namespace
    this.times = times
  }

  /** Host and port, for messages. */
  get server(): string {
    return this.connection.server.host
  }

  /** The same cluster for work that must be done although the job was cancelled; credentials are loaded anew. */
  withSignal(signal: AbortSignal): Cluster {
    this.connection.renew()
    return new Cluster(this.connection, this.namespace, { ...this.times, signal })
  }

  close(): void {
    this.connection.close()
  }

  /** An object, or undefined where there is none. 403 is thrown: it never reads as "not found". */
  async get<T extends NamedObject>(reference: ObjectReference): Promise<T | undefined> {
    try {
      return (await this.repeat({ method: 'GET', path: await this.pathOf(reference) })) as T
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return undefined
      throw error
    }
  }

  /** All objects of a kind, by labels and fields where given, page by page. */
  async list<T extends NamedObject>(
    apiVersion: string,
    kind: string,
    selector: { readonly labels?: string; readonly fields?: string } = {},
  ): Promise<T[]> {
    const path = await this.pathOf({ apiVersion, kind, name: '' })
    const items: T[] = []
    let next: string | undefined
    do {
      const page = (await this.repeat({
        method: 'GET',
        path,
        query: { labelSelector: selector.labels, fieldSelector: selector.fields, limit: '500', continue: next },
      })) as { items?: T[]; metadata?: { continue?: string } }
      // Lists leave out apiVersion and kind of their items.
      for (const item of page.items ?? []) items.push({ ...item, apiVersion, kind })
      next = page.metadata?.continue || undefined
    } while (next !== undefined)
    return items
  }

  /** Server-side apply under our name. `force` takes fields over from other managers. */
  async apply<T extends NamedObject>(
    object: T,
    { dryRun, force }: WriteOptions & { readonly force?: boolean } = {},
  ): Promise<T> {
    return (await this.repeat({
      method: 'PATCH',
      path: await this.pathOf({ apiVersion: object.apiVersion, kind: object.kind, name: object.metadata.name }),
      query: { fieldManager: FIELD_MANAGER, force: force ? 'true' : undefined, dryRun: dryRun ? 'All' : undefined },
      body: JSON.stringify(object),
      contentType: 'application/apply-patch+yaml',
    })) as T
  }

  async create<T extends NamedObject>(object: T, { dryRun }: WriteOptions = {}): Promise<T> {
    const { apiVersion, kind } = object
    return (await this.once({
      method: 'POST',
      path: await this.pathOf({ apiVersion, kind, name: '' }),
      query: { fieldManager: FIELD_MANAGER, dryRun: dryRun ? 'All' : undefined },
      body: JSON.stringify(object),
      contentType: 'application/json',
    })) as T
  }

  /** Writes a whole object over the one of the same resourceVersion. Throws a conflict when somebody was faster. */
  async replace<T extends NamedObject>(object: T): Promise<T> {
    const { apiVersion, kind, metadata } = object
    return (await this.once({
      method: 'PUT',
      path: await this.pathOf({ apiVersion, kind, name: metadata.name }),
      query: { fieldManager: FIELD_MANAGER },
      body: JSON.stringify(object),
      contentType: 'application/json',
    })) as T
  }

  /** JSON Patch (RFC 6902), or a merge patch (RFC 7396) where an object is given. */
  async patch<T extends NamedObject>(
    reference: ObjectReference,
    patch: JsonPatch | JsonObject,
    { dryRun, subresource }: WriteOptions & { readonly subresource?: 'status' | 'scale' } = {},
  ): Promise<T> {
    const path = await this.pathOf(reference)
    return (await this.once({
      method: 'PATCH',
      path: subresource ? `${path}/${subresource}` : path,
      query: { fieldManager: FIELD_MANAGER, dryRun: dryRun ? 'All' : undefined },
      body: JSON.stringify(patch),
      contentType: Array.isArray(patch) ? 'application/json-patch+json' : 'application/merge-patch+json',
    })) as T
  }

  /** Deletes an object; that there is none is no error. */
  async remove(reference: ObjectReference, { uid }: { readonly uid?: string } = {}): Promise<void> {
    try {
      await this.repeat({
        method: 'DELETE',
        path: await this.pathOf(reference),
        body: JSON.stringify({
          apiVersion: 'v1',
          kind: 'DeleteOptions',
          propagationPolicy: 'Background',
          ...(uid !== undefined && { preconditions: { uid } }),
        }),
        contentType: 'application/json',
      })
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 404)) throw error
    }
  }

  /** Asks the server itself whether we may do something (SelfSubjectAccessReview). */
  async mayI(verb: string, group: string, resource: string): Promise<boolean> {
    const [plural, subresource] = resource.split('/')
    const review = (await this.repeat({
      method: 'POST',
      path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
      body: JSON.stringify({
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SelfSubjectAccessReview',
        spec: { resourceAttributes: { namespace: this.namespace, verb, group, resource: plural, subresource } },
      }),
      contentType: 'application/json',
    })) as { status?: { allowed?: boolean } }
    return review.status?.allowed === true
  }

  /** The resource of a kind; undefined where the cluster does not know it. */
  private resourceOf(apiVersion: string, kind: string): Promise<Resource | undefined> {
    const key = `${apiVersion}/${kind}`
    const found = knownResource(apiVersion, kind)
    if (found) return Promise.resolve(found)
    let asked = this.discovered.get(key)
    if (!asked) {
      asked = this.discover(apiVersion, kind)
      this.discovered.set(key, asked)
    }
    return asked
  }

  private async discover(apiVersion: string, kind: string): Promise<Resource | undefined> {
    try {
      const answer = (await this.repeat({ method: 'GET', path: groupPath(apiVersion) })) as {
        resources?: { name: string; kind: string; namespaced: boolean }[]
      }
      const found = answer.resources?.find((each) => each.kind === kind && !each.name.includes('/'))
      return found && { plural: found.name, namespaced: found.namespaced }
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return undefined
      throw error
    }
  }

  private async pathOf({ apiVersion, kind, name }: ObjectReference): Promise<string> {
    const resource = await this.resourceOf(apiVersion, kind)
    if (!resource)
      throw new ApiError(
        `GET ${groupPath(apiVersion)}`,
        404,
        JSON.stringify({ message: `the cluster knows no ${kind} of ${apiVersion}` }),
        undefined,
      )
    const namespace = resource.namespaced ? `/namespaces/${encodeURIComponent(this.namespace)}` : ''
    return `${groupPath(apiVersion)}${namespace}/${resource.plural}${name === '' ? '' : `/${encodeURIComponent(name)}`}`
  }

  /** A request that may be made again although the first may have been carried out. */
  private repeat(call: Call): Promise<unknown> {
    return this.attempt(
      call,
      (error) =>
        error instanceof NoAnswerError ||
        (error instanceof ApiError && (error.status === 429 || error.status >= 500 || isRace(error))),
    )
  }

  /** A request that must not be carried out twice. */
  private once(call: Call): Promise<unknown> {
    return this.attempt(call, (error) =>
      error instanceof NoAnswerError ? !error.sent : error instanceof ApiError && error.status === 429,
    )
  }

  private async attempt(call: Call, again: (error: unknown) => boolean): Promise<unknown> {
    let renewed = false
    for (let tries = 1; ; tries++) {
      const access = await this.connection.credentials()
      try {
        return await this.exchange(call, access)
      } catch (error) {
        if (this.times.signal.aborted) throw error
        if (error instanceof ApiError && error.status === 401 && !renewed) {
          renewed = true
          this.connection.renew(access)
          continue
        }
        if (tries >= TRIES || !again(error)) throw error
        const asked = error instanceof ApiError ? error.retryAfterMs : undefined
        await this.times.sleep(Math.min(asked ?? 200 * 2 ** tries, 10_000), this.times.signal)
      }
    }
  }

  private async exchange(
    { method, path, query, body, contentType }: Call,
    { agent, headers }: Access,
  ): Promise<unknown> {
    const url = new URL(`${this.connection.server.pathname.replace(/\/$/, '')}${path}`, this.connection.server)
    for (const [name, value] of Object.entries(query ?? {})) if (value !== undefined) url.searchParams.set(name, value)
    const { request } = url.protocol === 'http:' ? http : https
    const name = `${method} ${path}`
    const { signal, timeoutMs } = this.times
    return new Promise((answered, failed) => {
      let sent = false
      const outgoing = request(url, {
        method,
        agent,
        signal,
        headers: {
          accept: 'application/json',
          ...(body !== undefined && { 'content-type': contentType, 'content-length': String(Buffer.byteLength(body)) }),
          ...headers,
        },
      })
      const late = setTimeout(() => outgoing.destroy(new Error(`nothing came within ${timeoutMs} ms`)), timeoutMs)
      const fail = (error: Error) => {
        clearTimeout(late)
        failed(signal.aborted ? error : new NoAnswerError(name, error.message, sent))
      }
      outgoing.on('error', fail)
      outgoing.on('socket', (socket) => {
        if (socket.connecting) socket.once(url.protocol === 'http:' ? 'connect' : 'secureConnect', () => (sent = true))
        else sent = true
      })
      outgoing.on('response', (response) => {
        const chunks: Buffer[] = []
        let size = 0
        response.on('data', (chunk: Buffer) => {
          size += chunk.length
          if (size > MAX_BODY) response.destroy(new Error('the answer is larger than 64 MiB'))
          else chunks.push(chunk)
        })
        response.on('error', fail)
        response.on('aborted', () => fail(new Error('the connection was cut')))
        response.on('end', () => {
          clearTimeout(late)
          const text = Buffer.concat(chunks).toString('utf8')
          const status = response.statusCode ?? 0
          if (status < 200 || status > 299)
            return failed(new ApiError(name, status, text, response.headers['retry-after']))
          try {
            answered(JSON.parse(text))
          } catch {
            failed(new ApiError(name, status, text, undefined))
          }
        })
      })
      outgoing.end(body)
    })
  }
}

/** Two writes met; one that names no resourceVersion can simply be made again. Conflicts over the ownership of fields have causes. */
const isRace = ({ status, reason, causes }: ApiError): boolean =>
  status === 409 && reason === 'Conflict' && causes.length === 0
