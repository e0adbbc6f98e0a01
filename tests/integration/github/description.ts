import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv'

type Node = { readonly [key: string]: unknown }

interface Parameter {
  readonly name: string
  readonly in: 'path' | 'query' | 'header'
  readonly required?: boolean
  readonly schema: Node
}

interface Media {
  readonly schema?: Node
  readonly examples?: Readonly<Record<string, { readonly value?: unknown; readonly $ref?: string }>>
}

interface RawOperation {
  readonly parameters?: readonly (Parameter | { readonly $ref: string })[]
  readonly requestBody?: { readonly required?: boolean; readonly content: Readonly<Record<string, Media>> }
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, Media>>; $ref?: string }>>
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, RawOperation>>>>
  readonly components: Readonly<Record<string, Readonly<Record<string, Node>>>>
}

/** An operation that a request asks for, with what its path holds. */
export interface Route {
  /** `GET /repos/{owner}/{repo}/issues` */
  readonly operation: string
  readonly params: Readonly<Record<string, string>>
}

const IGNORED = new Set(['example', 'examples', 'description', 'discriminator', 'externalDocs', 'xml', 'deprecated'])
const FORMATS: Readonly<Record<string, RegExp>> = {
  uri: /^[a-z][a-z0-9+.-]*:\S*$/i,
  'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/,
}

/** GitHub's published OpenAPI description (`@octokit/openapi`), as far as it is asked for. */
export class ApiDescription {
  private readonly document: Document
  private readonly ajv = new Ajv({ strict: false, allErrors: true, coerceTypes: false, formats: FORMATS })
  private readonly strings = new Ajv({ strict: false, coerceTypes: true, formats: FORMATS })
  private readonly known = new Set<string>()
  private readonly compiled = new Map<string, ValidateFunction>()
  private readonly paths: readonly { path: string; pattern: RegExp; names: readonly string[] }[]

  constructor() {
    const file = createRequire(import.meta.url).resolve('@octokit/openapi/generated/api.github.com.json')
    this.document = JSON.parse(readFileSync(file, 'utf8')) as Document
    this.paths = Object.keys(this.document.paths)
      // What is named goes before what may be anything.
      .toSorted((a, b) => a.split('{').length - b.split('{').length)
      .map((path) => ({
        path,
        pattern: new RegExp(
          `^${path.replaceAll(/[.*+?^$()|[\]\\]/g, '\\$&').replaceAll(/\{[^}]+\}/g, (name) => (name === '{path}' || name === '{ref}' ? '(.+?)' : '([^/]+)'))}$`,
        ),
        names: [...path.matchAll(/\{([^}]+)\}/g)].map(([, name]) => name!),
      }))
  }

  /** The operation of a request, or undefined where GitHub's description has none. */
  route(method: string, pathname: string): Route | undefined {
    for (const { path, pattern, names } of this.paths) {
      const match = pattern.exec(pathname)
      if (!match || !this.document.paths[path]?.[method.toLowerCase()]) continue
      const params = Object.fromEntries(names.map((name, at) => [name, decodeURIComponent(match[at + 1] ?? '')]))
      return { operation: `${method} ${path}`, params }
    }
    return undefined
  }

  /** What is wrong with a request: its path, its query, its body. */
  requestProblems(route: Route, query: URLSearchParams, body: unknown): string[] {
    const operation = this.operation(route.operation)
    const parameters = (operation.parameters ?? []).map((each) => this.resolve<Parameter>(each))
    const problems: string[] = []
    const given = {
      path: new Map(Object.entries(route.params)),
      query: new Map(query),
      header: new Map<string, string>(),
    }
    for (const { name, in: place, required, schema } of parameters) {
      const value = given[place].get(name)
      given[place].delete(name)
      if (value === undefined && required && place !== 'header') problems.push(`${place} ${name} is missing`)
      if (value === undefined) continue
      const validate = this.strings.compile({ type: 'object', properties: { value: this.schema(schema) } })
      // A list is written with commas; a number is text here.
      if (!validate({ value }) && schema.type !== 'array') problems.push(`${place} ${name} is ${JSON.stringify(value)}`)
    }
    problems.push(...[...given.query.keys()].map((name) => `query ${name} is not known`))
    const media = operation.requestBody?.content['application/json']
    if (body === undefined) {
      if (operation.requestBody?.required) problems.push('the body is missing')
    } else if (!media?.schema) problems.push('no body is known here')
    else problems.push(...this.check(`${route.operation} request`, strictAtTop(media.schema), body))
    return problems
  }

  /** What is wrong with an answer; a status that is not in the description is checked for nothing. */
  answerProblems(operation: string, status: number, body: unknown): string[] {
    const declared = this.operation(operation).responses[String(status)]
    if (!declared) return status < 400 ? [`status ${status} is not declared`] : []
    const { content } = this.resolve<{ content?: Readonly<Record<string, Media>> }>(declared)
    const schema = content?.['application/json']?.schema
    if (!schema) return body === undefined || status >= 400 ? [] : ['no body is declared']
    return this.check(`${operation} ${status}`, schema, body)
  }

  /** A copy of GitHub's own example of an answer. */
  example<T>(operation: string, status: number): T {
    const declared = this.operation(operation).responses[String(status)]
    const media = declared && this.resolve<{ content?: Readonly<Record<string, Media>> }>(declared).content
    const example = Object.values(media?.['application/json']?.examples ?? {})[0]
    if (example === undefined) throw new Error(`${operation} has no example for ${status}`)
    let value: unknown = this.resolve<{ value: unknown }>(example).value
    if (typeof value === 'object' && value !== null && '$ref' in value) {
      value = this.resolve<{ value: unknown }>(value as { $ref: string }).value
    }
    return structuredClone(value) as T
  }

  private operation(name: string): RawOperation {
    const [method = '', path = ''] = name.split(' ')
    const operation = this.document.paths[path]?.[method.toLowerCase()]
    if (!operation) throw new Error(`GitHub's description has no ${name}`)
    return operation
  }

  private resolve<T>(node: unknown): T {
    const { $ref } = node as { $ref?: string }
    if ($ref === undefined) return node as T
    const [, , group = '', name = ''] = $ref.split('/')
    return this.document.components[group]?.[name] as T
  }

  private check(label: string, schema: Node, value: unknown): string[] {
    let validate = this.compiled.get(label)
    if (!validate) {
      validate = this.ajv.compile(this.schema(schema))
      this.compiled.set(label, validate)
    }
    return validate(value) ? [] : (validate.errors ?? []).map(describeError)
  }

  /** A schema of OpenAPI 3.0 as JSON Schema; the components that it names are added to both validators. */
  private schema(node: Node): Node {
    const converted = Object.fromEntries(
      Object.entries(node).flatMap(([key, value]): [string, unknown][] => {
        if (IGNORED.has(key) || key.startsWith('x-') || (key === 'format' && !(String(value) in FORMATS))) return []
        if (key === 'properties') {
          const properties = Object.entries(value as Record<string, Node>)
          return [[key, Object.fromEntries(properties.map(([name, each]) => [name, this.schema(each)]))]]
        }
        if (Array.isArray(value)) {
          return [[key, value.map((each) => (isNode(each) && key !== 'enum' ? this.schema(each) : each))]]
        }
        if (key === '$ref') return [[key, this.component(String(value))]]
        return [[key, isNode(value) && key !== 'default' ? this.schema(value) : value]]
      }),
    )
    if (converted.nullable !== true) return converted
    const { nullable: _, ...rest } = converted
    return { anyOf: [rest, { type: 'null' }] }
  }

  private component(ref: string): string {
    const name = ref.split('/').at(-1) ?? ''
    // Marked before it is converted: components name each other in circles.
    if (!this.known.has(name)) {
      this.known.add(name)
      const schema = this.schema(this.resolve<Node>({ $ref: ref }))
      for (const validator of [this.ajv, this.strings]) validator.addSchema(schema, name)
    }
    return name
  }
}

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && !Array.isArray(value)

/** GitHub ignores what it doesn't know; here a misspelt key of a body is refused. */
const strictAtTop = (schema: Node): Node =>
  isNode(schema.properties) && schema.additionalProperties === undefined
    ? { ...schema, additionalProperties: false }
    : schema

const describeError = ({ instancePath, message, params }: ErrorObject): string =>
  `${instancePath || 'the body'} ${message ?? ''} ${JSON.stringify(params)}`
