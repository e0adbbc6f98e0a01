/** A file that makes a provider's code an agent of ours. */
export interface Adapter {
  readonly file: string
  readonly text: string
}

/** `config` is JSON, which in a JSON text is a literal of both languages. */
const literal = (value: unknown): string => JSON.stringify(JSON.stringify(value))

/** The worker of a JavaScript provider: a class with callApi, an object with it, or the function itself. */
export const javascriptAdapter = (path: string, config: unknown): Adapter => ({
  file: 'promptfoo-agent.mjs',
  text: `// The provider of promptfoo as an agent of agent-ci: one JSON object a line on stdin, one answer a line on stdout.
import { createInterface } from 'node:readline'

const loaded = await import(${JSON.stringify(path)})
const exported = loaded.default?.default ?? loaded.default ?? loaded
const config = JSON.parse(${literal(config)})
const provider =
  typeof exported !== 'function' ? exported : exported.prototype?.callApi ? new exported({ config }) : { callApi: exported }

async function answer(input) {
  const prompt = typeof input === 'string' ? input : JSON.stringify(input)
  const { output, error, tokenUsage, cost } = await provider.callApi(prompt, { vars: {}, prompt: { raw: prompt } })
  if (error) return { error: String(error) }
  return { output, usage: { input_tokens: tokenUsage?.prompt, output_tokens: tokenUsage?.completion, cost_usd: cost } }
}

// What the provider prints must not stand among the answers.
const write = process.stdout.write.bind(process.stdout)
console.log = console.error
for await (const line of createInterface({ input: process.stdin })) {
  const { trial, input } = JSON.parse(line)
  answer(input)
    .catch((error) => ({ error: String(error?.message ?? error) }))
    .then((reply) => write(\`\${JSON.stringify({ trial, ...reply })}\\n\`))
}
`,
})

/** The agent of a Python provider: its \`call_api(prompt, options, context)\`. */
export const pythonAdapter = (path: string, name: string, config: unknown): Adapter => ({
  file: 'promptfoo_agent.py',
  text: `"""The provider of promptfoo as an agent of agent-ci."""

import asyncio
import importlib.util
import inspect
import json
import os

HERE = os.path.dirname(os.path.abspath(__file__))
PATH = os.path.join(HERE, ${JSON.stringify(path)})
CONFIG = json.loads(${literal(config)})

spec = importlib.util.spec_from_file_location("promptfoo_provider", PATH)
provider = importlib.util.module_from_spec(spec)
spec.loader.exec_module(provider)


def run(question):
    prompt = question if isinstance(question, str) else json.dumps(question)
    result = provider.${name}(prompt, {"config": CONFIG}, {"vars": {}, "prompt": {"raw": prompt}})
    if inspect.isawaitable(result):
        result = asyncio.run(result)
    if result.get("error"):
        raise RuntimeError(str(result["error"]))
    tokens = result.get("tokenUsage") or {}
    usage = {
        "input_tokens": tokens.get("prompt"),
        "output_tokens": tokens.get("completion"),
        "cost_usd": result.get("cost"),
    }
    return {"output": result.get("output"), "usage": usage}
`,
})
