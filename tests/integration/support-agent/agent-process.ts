import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import type { JsonObject } from '@agent-ci/core/json'
import type Anthropic from '@anthropic-ai/sdk'

const url = new URL('../../../examples/support-agent/', import.meta.url)

/** Of the example project. */
export const directory = fileURLToPath(url)

interface Tools {
  readonly today: string
  readonly toolDefinitions: readonly Anthropic.Tool[]
  readonly runTool: (name: string, args: unknown) => JsonObject
}
export const { today, toolDefinitions, runTool } = (await import(new URL('tools.mjs', url).href)) as Tools

interface ToolCall {
  readonly name: string
  readonly args: JsonObject
}

export interface GoldenExample {
  readonly id: string
  readonly input: string | readonly Anthropic.MessageParam[]
  readonly expected?: string | readonly string[]
  readonly expected_tools?: readonly (string | ToolCall)[]
  readonly scorers?: readonly unknown[]
  readonly tags: readonly string[]
  readonly critical?: boolean
  readonly group?: string
}

export const golden = readFileSync(join(directory, 'golden.jsonl'), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as GoldenExample)

export interface AgentReply {
  readonly id: string
  readonly trial: string
  readonly output: string
  readonly tool_calls: readonly ToolCall[]
  readonly usage: { readonly input_tokens: number; readonly output_tokens: number; readonly model: string }
  readonly error?: { readonly type: string; readonly message: string }
}

export interface Surroundings {
  readonly env?: Readonly<Record<string, string>>
  readonly node?: string
  readonly cwd?: string
  readonly model?: string
}

/** Gives an agent process one line for each question, ends its stdin, and reads what it wrote until it ended. */
export async function runAgent(
  questions: readonly Pick<GoldenExample, 'id' | 'input'>[],
  { env = {}, node = process.execPath, cwd = directory, model }: Surroundings = {},
) {
  const agent = spawn(node, ['agent.mjs'], { cwd, env })
  const ended = once(agent, 'exit')
  const output = Promise.all([text(agent.stdout), text(agent.stderr)])
  agent.stdin.end(
    questions.map(({ id, input }) => `${JSON.stringify({ id, trial: `${id}#0`, input, model })}\n`).join(''),
  )
  const [[stdout, stderr], [code]] = await Promise.all([output, ended])
  const [ready, ...replies] = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown)
  return { ready, replies: replies as AgentReply[], stderr, code: code as number | null }
}

export async function askAgent(input: GoldenExample['input'], surroundings?: Surroundings): Promise<AgentReply> {
  const { replies } = await runAgent([{ id: 'q', input }], surroundings)
  return replies[0]!
}
