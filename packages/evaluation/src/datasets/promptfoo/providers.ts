import { isJsonObject, type Json, type JsonObject } from '@agent-ci/core/json'
import { type Adapter, javascriptAdapter, pythonAdapter } from './adapters.ts'

/** `anthropic:messages:<model>` */
export const anthropicModel = (id: string): string | undefined =>
  /^anthropic:(?:messages:)?(claude-[\w.@-]+)$/.exec(id)?.[1]

interface Provider {
  readonly id: string
  readonly config: JsonObject
  /** What stands beside id and config. */
  readonly others: readonly string[]
}

/** `id`, `{id, config}`, or `{<id>: {config}}`. */
export function readProvider(value: Json): Provider | undefined {
  if (typeof value === 'string') return { id: value, config: {}, others: [] }
  if (!isJsonObject(value)) return undefined
  const [only] = Object.keys(value)
  const named =
    typeof value.id === 'string'
      ? value
      : only !== undefined && isJsonObject(value[only])
        ? { id: only, ...value[only] }
        : undefined
  if (named === undefined || typeof named.id !== 'string') return undefined
  const { id, config, label: _, ...rest } = named as JsonObject
  return { id: id as string, config: isJsonObject(config) ? config : {}, others: Object.keys(rest) }
}

/** The definitions of a provider's tools. */
export function toolsOf(value: Json): readonly JsonObject[] {
  const config = readProvider(value)?.config
  return [config?.tools, config?.functions].flatMap((tools) => (Array.isArray(tools) ? tools.filter(isJsonObject) : []))
}

/** Part of a provider that was left behind, and why. */
interface Left {
  readonly name: string
  readonly why: string
}

/** The agent that a provider is for us, as agent-ci.yaml has it; or why it is none. */
export type MappedProvider =
  | { readonly agent: JsonObject; readonly left: readonly Left[]; readonly adapter?: Adapter }
  | { readonly why: string }

const ANTHROPIC_KEYS = ['max_tokens', 'temperature', 'tools', 'apiKey', 'apiBaseUrl']

function anthropic(model: string, config: JsonObject): MappedProvider {
  const left: Left[] = Object.keys(config)
    .filter((key) => !ANTHROPIC_KEYS.includes(key))
    .map((key) => ({ name: `config.${key}`, why: 'An anthropic agent has no such setting' }))
  if (config.apiKey !== undefined) left.push({ name: 'config.apiKey', why: 'The key is read from ANTHROPIC_API_KEY' })
  if (config.tools !== undefined) {
    left.push({ name: 'config.tools', why: 'Tools need results: write them under agent.tools with results' })
  }
  return {
    agent: {
      type: 'anthropic',
      model,
      ...(typeof config.max_tokens === 'number' && { max_tokens: config.max_tokens }),
      ...(typeof config.temperature === 'number' && { temperature: config.temperature }),
      ...(typeof config.apiBaseUrl === 'string' && { base_url: config.apiBaseUrl }),
    },
    left,
  }
}

/** `{{prompt}}` in a request is our `{{input}}`; `{{env.NAME}}` our `${NAME}`, which headers may have. */
function ourTemplate(value: Json): Json {
  if (typeof value === 'string') {
    return value
      .replaceAll(/\{\{\s*prompt\s*(?:\|[^}]*)?\}\}/g, '{{input}}')
      .replaceAll(/\{\{\s*env\.(\w+)\s*\}\}/g, (_, name: string) => `\${${name}}`)
  }
  if (Array.isArray(value)) return (value as readonly Json[]).map(ourTemplate)
  if (!isJsonObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, ourTemplate(inner)]))
}

/** `json.choices[0].message.content` is our `choices.0.message.content`; undefined for any other expression. */
const ourPath = (expression: string): string | undefined =>
  /^json(?:\.[\w$]+|\[\d+\]|\['[\w$-]+'\])+$/.test(expression)
    ? expression
        .slice('json'.length)
        .replaceAll(/\[(?:'([^']+)'|(\d+))\]/g, (_, name?: string, index?: string) => `.${name ?? index}`)
        .slice(1)
    : undefined

const OTHER_PLACEHOLDER = /\{\{\s*(?!(?:input|id|model)\s*\}\})|\{%/
const SECRET_HEADER = /^(?:authorization|cookie|x-api-key|api-key)$/i

function http(url: string, config: JsonObject): MappedProvider {
  const { method, headers, body, transformResponse, responseParser, url: _, ...rest } = config
  const parser = transformResponse ?? responseParser
  const output = typeof parser === 'string' ? ourPath(parser.trim()) : undefined
  const left: Left[] = Object.keys(rest).map((key) => ({
    name: `config.${key}`,
    why: 'An http agent has no such setting',
  }))
  if (parser !== undefined && output === undefined) {
    left.push({ name: 'config.transformResponse', why: 'It is code: write the path of the answer as agent.output' })
  }
  const ourBody = body === undefined ? undefined : ourTemplate(body)
  const ourUrl = String(ourTemplate(url))
  if (OTHER_PLACEHOLDER.test(`${JSON.stringify(ourBody ?? '')} ${ourUrl}`)) {
    return { why: 'Its request has variables other than prompt: write agent.body with {{input}}' }
  }
  const kept: Record<string, Json> = {}
  for (const [name, value] of Object.entries(isJsonObject(headers) ? (ourTemplate(headers) as JsonObject) : {})) {
    if (SECRET_HEADER.test(name) && !/\$\{\w+\}/.test(String(value))) {
      left.push({
        name: `config.headers.${name}`,
        why: 'A secret does not belong in a file: write a reference to a variable',
      })
    } else kept[name] = value
  }
  return {
    agent: {
      type: 'http',
      url: ourUrl,
      ...(typeof method === 'string' && { method: method.toUpperCase() }),
      ...(Object.keys(kept).length > 0 && { headers: kept }),
      ...(ourBody !== undefined && { body: ourBody }),
      ...(output !== undefined && { output }),
    },
    left,
  }
}

/** Maps an id with what its config holds. @param place makes a path that is relative to the configuration relative to what is written */
function mapId(id: string, config: JsonObject, place: (path: string) => string): MappedProvider {
  const model = anthropicModel(id)
  if (model !== undefined) return anthropic(model, config)
  if (/^https?:\/\//.test(id)) return http(id, config)
  if (/^https?$/.test(id) && typeof config.url === 'string') return http(config.url, config)
  const [, command] = /^exec:\s*(.+)$/s.exec(id) ?? []
  if (command !== undefined) {
    // promptfoo hands over the prompt, the options and the context as arguments; ours comes on stdin.
    const agent = { type: 'command', command: ['sh', '-c', `${command.trim()} "$(cat)" '{}' '{}'`], mode: 'once' }
    return { agent: { ...agent, ...(place('.') !== '.' && { cwd: place('.') }) }, left: [] }
  }
  const [, python, name = 'call_api'] = /^(?:file:\/\/|python:)(.+\.py)(?::(\w+))?$/.exec(id) ?? []
  if (python !== undefined) {
    return {
      agent: { type: 'python', target: 'promptfoo_agent:run' },
      left: [],
      adapter: pythonAdapter(place(python), name, config),
    }
  }
  const [, script] = /^(?:file:\/\/)?(.+\.(?:js|cjs|mjs|ts|mts))$/.exec(id) ?? []
  if (script !== undefined) {
    const path = place(script)
    const adapter = javascriptAdapter(path.startsWith('.') ? path : `./${path}`, config)
    return { agent: { type: 'command', command: ['node', adapter.file] }, left: [], adapter }
  }
  return {
    why: id.startsWith('openai:')
      ? "agent-ci calls OpenAI's models through an agent of yours: an http agent, or a script that is given OPENAI_BASE_URL"
      : 'agent-ci has no such agent: call it in an http or a command agent',
  }
}

/** The agent that a provider is for us. */
export function mapProvider(value: Json, place: (path: string) => string): MappedProvider {
  const provider = readProvider(value)
  if (!provider) return { why: 'It is no provider' }
  const mapped = mapId(provider.id, provider.config, place)
  if (!('agent' in mapped)) return mapped
  const left = provider.others.map((key) => ({
    name: key,
    why: key === 'transform' ? 'Write it as options.transform of defaultTest' : 'An agent has no such setting',
  }))
  return { ...mapped, left: [...mapped.left, ...left] }
}
