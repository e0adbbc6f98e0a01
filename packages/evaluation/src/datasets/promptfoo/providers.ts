import type { AgentConfig } from '@agent-ci/core/config/agents'
import { isJsonObject, type Json, type JsonObject } from '@agent-ci/core/json'

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

/** An agent for a provider and what of it was left behind, or why there is none. */
export type MappedProvider =
  | {
      readonly agent: Partial<AgentConfig> & { readonly type: AgentConfig['type'] }
      readonly left: readonly { readonly name: string; readonly why: string }[]
    }
  | { readonly why: string }

const ANTHROPIC_KEYS = ['max_tokens', 'temperature', 'tools', 'apiKey', 'apiKeyEnvar', 'apiBaseUrl']

function anthropic(model: string, { config }: Provider): MappedProvider {
  const left = Object.keys(config)
    .filter((key) => !ANTHROPIC_KEYS.includes(key))
    .map((key) => ({ name: `config.${key}`, why: 'The anthropic agent has no such setting' }))
  if (config.apiKey !== undefined)
    left.push({ name: 'config.apiKey', why: 'The key is read from ANTHROPIC_API_KEY, never from a file' })
  if (Array.isArray(config.tools)) {
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

/** `{{prompt}}` in a request is our `{{input}}`. */
function ourTemplate(value: Json): Json {
  if (typeof value === 'string') return value.replaceAll(/\{\{\s*prompt\s*(?:\|[^}]*)?\}\}/g, '{{input}}')
  if (Array.isArray(value)) return (value as readonly Json[]).map(ourTemplate)
  if (!isJsonObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, ourTemplate(inner)]))
}

/** `json.choices[0].message.content` is our `choices.0.message.content`; undefined for any other expression. */
const ourPath = (expression: string): string | undefined =>
  /^json(?:\.[\w$]+|\[\d+\]|\['[\w$-]+'\])+$/.test(expression)
    ? expression
        .slice('json'.length)
        .replaceAll(/\[(?:'([^']+)'|(\d+))\]/g, (_, name, index) => `.${name ?? index}`)
        .slice(1)
    : undefined

const OTHER_PLACEHOLDER = /\{\{\s*(?!input|id\b|model\b)[^}]*\}\}|\{%/

function http(url: string, { config }: Provider): MappedProvider {
  const { method, headers, body, transformResponse, responseParser, ...rest } = config
  const parser = transformResponse ?? responseParser
  const output = typeof parser === 'string' ? ourPath(parser.trim()) : undefined
  const left = Object.keys(rest)
    .filter((key) => key !== 'url')
    .map((key) => ({ name: `config.${key}`, why: 'The http agent has no such setting' }))
  if (parser !== undefined && output === undefined)
    left.push({ name: 'config.transformResponse', why: 'It is code: write the path of the answer as agent.output' })
  const ourBody = body === undefined ? undefined : ourTemplate(body)
  const ourUrl = String(ourTemplate(url))
  if (OTHER_PLACEHOLDER.test(JSON.stringify(ourBody ?? '')) || OTHER_PLACEHOLDER.test(ourUrl)) {
    return { why: 'Its request uses variables other than prompt: write agent.body with {{input}}' }
  }
  return {
    agent: {
      type: 'http',
      url: ourUrl,
      ...(typeof method === 'string' && { method: method.toUpperCase() as 'POST' }),
      ...(isJsonObject(headers) && { headers: headers as Record<string, string> }),
      ...(ourBody !== undefined && { body: ourBody }),
      ...(output !== undefined && { output }),
    },
    left,
  }
}

/** The agent that a provider is for us. */
export function mapProvider(value: Json): MappedProvider {
  const provider = readProvider(value)
  if (!provider) return { why: 'It is no provider' }
  const { id, config, others } = provider
  const model = anthropicModel(id)
  const url = /^https?:\/\//.test(id)
    ? id
    : (id === 'http' || id === 'https') && typeof config.url === 'string'
      ? config.url
      : undefined
  const [, command] = /^exec:\s*(.+)$/s.exec(id) ?? []
  const [, path, name] = /^(?:file:\/\/|python:)(.+\.py)(?::(\w+))?$/.exec(id) ?? []
  const script = /^file:\/\/|\.(?:js|cjs|mjs|ts)$/.test(id)
  const mapped: MappedProvider =
    model !== undefined
      ? anthropic(model, provider)
      : url !== undefined
        ? http(url, provider)
        : command !== undefined
          ? {
              why: `It gets the prompt as an argument: let a script read it from stdin, and write command: ${command.trim()} with mode: once`,
            }
          : path !== undefined
            ? {
                why: `Its function ${name ?? 'call_api'}(prompt, options, context) has promptfoo's form: write one with (input) and agent: python:${path.replace(/\.py$/, '').replaceAll('/', '.')}:run`,
              }
            : script
              ? { why: "It is code of promptfoo's form: write a worker, see agent-ci init --language node" }
              : id.startsWith('openai:')
                ? {
                    why: "agent-ci calls OpenAI's models through an agent of yours: an http agent, or a script that gets OPENAI_BASE_URL",
                  }
                : { why: 'agent-ci has no such agent: call it in an http or command agent' }
  if (!('agent' in mapped)) return mapped
  const left = others.map((key) => ({
    name: key,
    why: key === 'transform' ? 'Write it as options.transform of defaultTest' : 'An agent has no such setting',
  }))
  return { agent: mapped.agent, left: [...mapped.left, ...left] }
}
