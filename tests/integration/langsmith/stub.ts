import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { Ajv, type ValidateFunction } from 'ajv'

interface Operation {
  readonly parameters?: readonly { readonly name: string }[]
  readonly requestBody?: object
  readonly responses?: {
    readonly '200': { readonly content: { readonly 'application/json': { readonly schema: object } } }
  }
}
interface Description {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: object
}

const description = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../fixtures/langsmith-openapi.json'), 'utf8'),
) as Description

export const KEY = 'lsv2_pt_test'
export const TENANT = '11111111-1111-4111-8111-111111111111'
export const DATASET = '22222222-2222-4222-8222-222222222222'
const SESSION = '33333333-3333-4333-8333-333333333333'

type Json = Record<string, unknown>
export interface StubExample {
  readonly id: string
  readonly inputs: Json
  readonly outputs?: Json | null
  readonly metadata?: Json | null
  readonly created_at?: string
}

/** What the stub was told, by where it was told. */
interface Told {
  readonly sessions: Json[]
  readonly ended: Json[]
  readonly runs: Json[]
  readonly feedback: Json[]
}

export interface Langsmith {
  readonly url: string
  /** `METHOD /path`, in their order. */
  readonly requests: string[]
  readonly told: Told
  /** What does not fit the published description, of requests and of our own answers. */
  readonly violations: string[]
  /** Answers every request whose path contains this with the status, as an outage does. */
  fail(path: string, status: number): void
  close(): Promise<void>
}

const ajv = new Ajv({
  strict: false,
  allErrors: true,
  formats: {
    uuid: /^[0-9a-f]{8}-[0-9a-f]{4}-[1-9a-f][0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/,
    'date-time': (text: string) => !Number.isNaN(Date.parse(text)),
  },
})
const validators = new Map<object, ValidateFunction>()
function fits(schema: object, value: unknown): string | undefined {
  const validate = validators.get(schema) ?? ajv.compile({ ...schema, components: description.components })
  validators.set(schema, validate)
  return validate(value) ? undefined : ajv.errorsText(validate.errors)
}

function findOperation(method: string, path: string): Operation | undefined {
  for (const [template, operations] of Object.entries(description.paths)) {
    const pattern = new RegExp(`^${template.replaceAll(/\{\w+\}/g, '[^/]+')}$`)
    if (pattern.test(path) && operations[method.toLowerCase()]) return operations[method.toLowerCase()]
  }
  return undefined
}

function keep(list: Json[], ...items: Json[]): Json {
  list.push(...items)
  return items[0]!
}

/** A LangSmith with one dataset, `refunds`, that has two versions: the example "later" is in the newer one alone, which is tagged `latest`. */
export async function startLangsmith(
  examples: readonly StubExample[],
  versions = { latest: '2026-11-20T10:00:00+00:00', prod: '2026-11-01T00:00:00+00:00' },
): Promise<Langsmith> {
  const told: Told = { sessions: [], ended: [], runs: [], feedback: [] }
  const requests: string[] = []
  const violations: string[] = []
  let failing: { path: string; status: number } | undefined

  const session = (): Json => ({ ...told.sessions[0], id: SESSION, tenant_id: TENANT, start_time: versions.latest })
  const routes: readonly [RegExp, (query: URLSearchParams, body: Json) => unknown][] = [
    [
      /^GET \/datasets$/,
      (query) =>
        query.get('name') === 'refunds'
          ? [{ id: DATASET, name: 'refunds', tenant_id: TENANT, session_count: 0, modified_at: versions.latest }]
          : [],
    ],
    [
      /^GET \/datasets\/[^/]+\/version$/,
      (query) => {
        const tag = query.get('tag') as keyof typeof versions | null
        const time = tag === null ? query.get('as_of')! : versions[tag]
        if (time === undefined) return 404
        const at = Object.values(versions)
          .toSorted()
          .findLast((version) => Date.parse(version) <= Date.parse(time))
        return at === undefined ? 404 : { as_of: at, tags: [] }
      },
    ],
    [
      /^GET \/examples$/,
      (query) => {
        const asOf = Date.parse(query.get('as_of') ?? versions.latest)
        const from = Number(query.get('offset') ?? 0)
        return examples
          .filter(({ created_at = versions.prod }) => Date.parse(created_at) <= asOf)
          .map((example) => ({ created_at: versions.prod, ...example, name: '#', dataset_id: DATASET }))
          .slice(from, from + Number(query.get('limit') ?? 100))
      },
    ],
    [/^POST \/sessions$/, (_, body) => keep(told.sessions, body) && session()],
    [/^PATCH \/sessions\/[^/]+$/, (_, body) => keep(told.ended, body) && session()],
    [/^POST \/runs\/batch$/, (_, body) => keep(told.runs, ...(body.post as Json[]))],
    [/^POST \/feedback$/, (_, body) => keep(told.feedback, body)],
  ]

  const server = createServer(async (request, response) => {
    const url = new URL(request.url!, 'http://stub')
    const path = url.pathname
    const what = `${request.method} ${path}`
    requests.push(what)
    const answer = (status: number, body: unknown) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    const text = await read(request)
    if (request.headers['x-api-key'] !== KEY) return answer(401, { detail: 'Invalid token' })
    if (failing && path.includes(failing.path)) return answer(failing.status, { detail: 'out of order' })
    const operation = findOperation(request.method!, path)
    if (!operation) violations.push(`${what} is not in the description`)
    for (const name of url.searchParams.keys()) {
      const known = operation?.parameters?.some((parameter) => parameter.name === name)
      if (!known) violations.push(`${what} has the parameter ${name}, which is not in the description`)
    }
    const body = text === '' ? {} : (JSON.parse(text) as Json)
    const unfit = operation?.requestBody && fits(operation.requestBody, body)
    if (unfit) violations.push(`${what}: ${unfit}`)
    const route = routes.find(([pattern]) => pattern.test(what))
    const result = route?.[1](url.searchParams, body) ?? 404
    if (typeof result === 'number') return answer(result, { detail: 'Not found' })
    const schema = operation?.responses?.['200'].content['application/json'].schema
    const wrong = schema && fits(schema, result)
    if (wrong) violations.push(`our answer to ${what}: ${wrong}`)
    return answer(200, result)
  })
  await new Promise<void>((ready) => {
    server.listen(0, '127.0.0.1', ready)
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    told,
    violations,
    fail(path, status) {
      failing = { path, status }
    },
    close: () =>
      new Promise((closed) => {
        server.close(() => closed())
        server.closeAllConnections()
      }),
  }
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}
