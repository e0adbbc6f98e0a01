import type { Json, JsonObject } from '@agent-ci/core/json'
import nunjucks from 'nunjucks'

/** Ways from a value to JavaScript's own functions: a template is data here, and may not run code. */
const FORBIDDEN = new Set(['constructor', '__proto__', 'prototype'])

interface Runtime {
  memberLookup(from: unknown, key: unknown): unknown
}

let engine: nunjucks.Environment | undefined

function environment(): nunjucks.Environment {
  if (engine) return engine
  const runtime = nunjucks.runtime as unknown as Runtime
  const lookup = runtime.memberLookup
  runtime.memberLookup = (from, key) => {
    const name = typeof key === 'number' ? key : String(key)
    return FORBIDDEN.has(String(name)) ? undefined : lookup(from, name)
  }
  engine = new nunjucks.Environment(null, { autoescape: false })
  engine.addFilter('load', (text: string) => JSON.parse(text) as unknown)
  return engine
}

/** What a Nunjucks template comes to. */
export function renderText(template: string, vars: JsonObject, env: JsonObject): string {
  if (!/[{][{%#]/.test(template)) return template
  return environment().renderString(template, { env, ...vars })
}

/** An open brace that no other closes is text. */
const literalIfPartial = (template: string): string =>
  /(?:\{%[^%]*$|\{\{[^}]*$|\{#[^#]*$)/m.test(template) && !/\{%\s*(?:end)?raw\s*%\}/.test(template)
    ? `{% raw %}${template}{% endraw %}`
    : template

const namesIn = (template: string): string[] =>
  [...template.matchAll(/\{\{\s*([A-Za-z_]\w*)|\{%\s*(?:if|for\s+\w+\s+in)\s+([A-Za-z_]\w*)/g)].map(
    ([, a, b]) => (a ?? b)!,
  )

/** Variables that name others become their text, five levels deep at most. */
export function resolveVars(given: JsonObject): JsonObject {
  const vars: Record<string, Json> = {}
  for (const [name, value] of Object.entries(given))
    vars[name] = typeof value === 'string' ? value.replace(/\n$/, '') : value
  for (let i = 0; i < 5; i++) {
    let changed = false
    for (const [name, value] of Object.entries(vars)) {
      if (typeof value !== 'string') continue
      const [placeholder = '', other = ''] = /\{\{\s*(\w+)\s*\}\}/.exec(value) ?? []
      const inner = vars[other]
      if (placeholder === '' || inner === undefined) continue
      vars[name] = value.replace(placeholder, () => (typeof inner === 'string' ? inner : String(inner)))
      changed = true
    }
    if (!changed) break
  }
  return vars
}

/** Renders the texts inside a value. */
export function renderIn(value: Json, vars: JsonObject, env: JsonObject): Json {
  if (typeof value === 'string') return renderText(value, vars, env)
  if (Array.isArray(value)) return (value as readonly Json[]).map((item) => renderIn(item, vars, env))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, renderIn(inner, vars, env)]))
}

/** A prompt with its variables, as promptfoo renders it: one that is JSON stays JSON, whatever the variables hold. */
export function renderPrompt(prompt: string, vars: JsonObject, env: JsonObject): Json {
  let parsed: Json | undefined
  try {
    parsed = JSON.parse(prompt) as Json
  } catch {
    parsed = undefined
  }
  if (parsed !== undefined) return renderIn(parsed, vars, env)
  const rendered = Object.fromEntries(
    Object.entries(vars).map(([name, value]) => {
      const isReady =
        typeof value !== 'string' || namesIn(value).some((other) => other !== 'env' && vars[other] === undefined)
      return [name, isReady ? value : renderText(literalIfPartial(value), vars, env)]
    }),
  )
  return renderText(literalIfPartial(prompt), rendered, env)
}

/** An assertion whose value and metric are rendered; `file://` names a file as it stands. */
export function renderAssertion(assertion: JsonObject, vars: JsonObject, env: JsonObject): JsonObject {
  const { value, metric, assert } = assertion
  const render = (one: Json): Json =>
    typeof one === 'string' && !one.startsWith('file://') ? renderText(one, vars, env) : one
  return {
    ...assertion,
    ...(value !== undefined && {
      value: Array.isArray(value) ? (value as readonly Json[]).map(render) : render(value),
    }),
    ...(typeof metric === 'string' && { metric: renderText(metric, vars, env) }),
    ...(Array.isArray(assert) && {
      assert: (assert as readonly JsonObject[]).map((inner) => renderAssertion(inner, vars, env)),
    }),
  }
}
