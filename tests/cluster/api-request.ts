/** A request to the API server as its audit log would describe it. */
export interface ApiRequest {
  /** 1 for the first request that the proxy saw. */
  readonly number: number
  /** 1 for the first one that changes something; undefined for those that do not. */
  readonly write: number | undefined
  readonly verb: Verb
  readonly method: string
  /** Path and query. */
  readonly url: string
  readonly group: string
  readonly resource: string
  readonly subresource: string | undefined
  readonly namespace: string | undefined
  readonly name: string | undefined
  readonly contentType: string | undefined
  /** What a JSON body holds; the text of another. */
  readonly body: unknown
  readonly startedAt: Date
  /** The HTTP status that the client was sent; undefined while it has none, for good when the connection was cut. */
  status: number | undefined
  durationMs: number | undefined
}

type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection' | 'other'

export type Target = Pick<
  ApiRequest,
  'verb' | 'method' | 'url' | 'group' | 'resource' | 'subresource' | 'namespace' | 'name' | 'contentType'
>

const PATH =
  /^\/(?:api|apis\/(?<group>[^/]+))\/[^/]+(?:\/namespaces\/(?<namespace>[^/]+)(?=\/))?\/(?<resource>[^/]+)(?:\/(?<name>[^/]+))?(?:\/(?<subresource>.+))?$/

/** Reads from a request's line and headers what it wants of the API. */
export function readTarget(method: string, url: string, contentType: string | undefined): Target {
  const { pathname, searchParams } = new URL(url, 'https://api')
  const { group = '', namespace, resource = '', name, subresource } = PATH.exec(pathname)?.groups ?? {}
  const verb = resource === '' ? 'other' : verbOf(method, name !== undefined, searchParams.has('watch'))
  return { verb, method, url, group, resource, subresource, namespace, name, contentType }
}

function verbOf(method: string, named: boolean, watch: boolean): Verb {
  if (method === 'GET') return watch ? 'watch' : named ? 'get' : 'list'
  if (method === 'POST') return 'create'
  if (method === 'PUT') return 'update'
  if (method === 'PATCH') return 'patch'
  if (method === 'DELETE') return named ? 'delete' : 'deletecollection'
  return 'other'
}

/** Whether the request changes something: dry runs, and questions that are asked by POST, do not. */
export function isWrite({ verb, url, group }: Target): boolean {
  if (verb === 'get' || verb === 'list' || verb === 'watch' || verb === 'other') return false
  if (group === 'authorization.k8s.io' || group === 'authentication.k8s.io') return false
  return !new URL(url, 'https://api').searchParams.has('dryRun')
}
