import { Agent, type RequestOptions, request } from 'node:https'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import type { KubernetesObject } from '@agent-ci/delivery/kubernetes/object'
import type { Access } from './kubeconfig.ts'

/** An answer of the API server that is not a success; `status` is the HTTP status. */
export class ApiError extends Error {
  readonly status: number
  /** The Status object; the text of an answer that is none. */
  readonly body: unknown

  constructor(method: string, path: string, status: number, content: string) {
    super(`${method} ${path}: ${status} ${content.slice(0, 500)}`)
    this.status = status
    this.body = parseContent(content)
  }
}

const parseContent = (content: string): unknown => (content.startsWith('{') ? JSON.parse(content) : content)

export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly object: KubernetesObject
}

export type PatchType = 'merge' | 'strategic-merge' | 'json' | 'apply'

/**
 * The tests' own plain client of the API server, apart from the one under test. Paths are the API's:
 * `/api/v1/namespaces/n/pods`. Answers other than 2xx throw an ApiError.
 */
export class ApiClient {
  readonly #options: RequestOptions
  readonly #url: string
  readonly #agent: Agent

  constructor({ url, authority, credentials }: Access) {
    this.#url = url
    this.#agent = new Agent({ keepAlive: true })
    const identity =
      'token' in credentials
        ? { headers: { authorization: `Bearer ${credentials.token}` } }
        : { cert: credentials.certificate, key: credentials.key }
    this.#options = { agent: this.#agent, ca: authority, ...identity }
  }

  get<T = KubernetesObject>(path: string): Promise<T> {
    return this.#send<T>('GET', path)
  }

  async list(path: string): Promise<readonly KubernetesObject[]> {
    return (await this.get<{ items: readonly KubernetesObject[] }>(path)).items
  }

  create<T = KubernetesObject>(path: string, object: object, signal?: AbortSignal): Promise<T> {
    return this.#send<T>('POST', path, 'application/json', object, signal)
  }

  replace(path: string, object: object): Promise<KubernetesObject> {
    return this.#send('PUT', path, 'application/json', object)
  }

  patch(path: string, type: PatchType, patch: object): Promise<KubernetesObject> {
    const contentType = type === 'apply' ? 'application/apply-patch+yaml' : `application/${type}-patch+json`
    return this.#send('PATCH', path, contentType, patch)
  }

  delete(path: string): Promise<unknown> {
    return this.#send('DELETE', path)
  }

  /** Calls `onEvent` for every change of a list after `resourceVersion`, until `signal` aborts; throws when it breaks off. */
  async watch(
    path: string,
    resourceVersion: string,
    onEvent: (event: WatchEvent) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const query = `watch=true&resourceVersion=${resourceVersion}&timeoutSeconds=3600`
    try {
      const answer = await this.#open('GET', `${path}?${query}`, {}, undefined, signal)
      if (answer.statusCode !== 200) throw new ApiError('WATCH', path, answer.statusCode!, await text(answer))
      for await (const line of createInterface({ input: answer })) {
        const event = JSON.parse(line) as WatchEvent | { readonly type: 'ERROR'; readonly object: object }
        if (event.type === 'ERROR') throw new Error(`The watch of ${path} failed: ${JSON.stringify(event.object)}`)
        onEvent(event)
      }
      throw new Error(`The watch of ${path} ended`)
    } catch (error) {
      if (!signal.aborted) throw error
    }
  }

  close(): void {
    this.#agent.destroy()
  }

  async #send<T>(method: string, path: string, contentType?: string, body?: object, signal?: AbortSignal): Promise<T> {
    const headers = contentType === undefined ? {} : { 'content-type': contentType }
    const answer = await this.#open(method, path, headers, body && JSON.stringify(body), signal)
    const content = await text(answer)
    const status = answer.statusCode!
    if (status < 200 || status > 299) throw new ApiError(method, path, status, content)
    return parseContent(content) as T
  }

  #open(method: string, path: string, headers: Record<string, string>, body?: string, signal?: AbortSignal) {
    const { promise, resolve, reject } = Promise.withResolvers<import('node:http').IncomingMessage>()
    const options = {
      ...this.#options,
      method,
      headers: { ...this.#options.headers, ...headers },
      ...(signal && { signal }),
    }
    request(new URL(path, this.#url), options, resolve).once('error', reject).end(body)
    return promise
  }
}
