export type Language = 'python' | 'node'

const config = (
  agent: string,
) => `# yaml-language-server: $schema=https://raw.githubusercontent.com/org/agent-ci/v1/schema/agent-ci.schema.json
version: 1
agent: ${agent}
datasets:
  golden: evals/golden.jsonl
gates:
  - accuracy >= 0.85
  - latency_p95_ms <= 5s
`

const DATASET = `{"id": "greeting", "input": "hello", "expected": "hello", "tags": ["smalltalk"]}
{"id": "order-status", "input": "Where is order 12345?", "expected": "Where is order 12345?", "tags": ["orders"]}
{"id": "farewell", "input": "Thank you, bye!", "expected": "Thank you, bye!", "tags": ["smalltalk"]}
`

const PYTHON_ADAPTER = `"""The agent as agent-ci calls it: one question in, one answer out."""


def answer(question: str) -> str:
    # Call your agent here. Return {"output": ..., "tool_calls": [{"name": ..., "args": {...}}]} to have its tools judged too.
    return question
`

const NODE_ADAPTER = `// The agent as agent-ci calls it: one JSON object a line on stdin, one answer a line on stdout.
import { createInterface } from 'node:readline'

async function answer(question) {
  // Call your agent here. Add tool_calls: [{ name, args }] to the reply below to have its tools judged too.
  return question
}

for await (const line of createInterface({ input: process.stdin })) {
  const { trial, input } = JSON.parse(line)
  console.log(JSON.stringify({ trial, output: await answer(input) }))
}
`

const setup: Readonly<Record<Language, string>> = {
  python: `      - uses: actions/setup-python@a26af69be951a213d495a4c3e4e4022e16d87065 # v5.6.0
        with:
          python-version: '3.12'
`,
  node: `      - uses: actions/setup-node@49933ea5288caeca8642d1e84afbd3f7d6820020 # v4.4.0
        with:
          node-version: 24
`,
}

const workflow = (language: Language) => `name: Evaluation
on:
  pull_request:
  push:
    branches: [main]
permissions:
  contents: read
jobs:
  evaluate:
    runs-on: ubuntu-latest
    timeout-minutes: 15
    steps:
      - uses: actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8 # v5.0.0
        with:
          persist-credentials: false
${setup[language]}      - uses: org/agent-ci/eval-gate@v1
`

/** What `agent-ci init` writes, by path. The adapter echoes, so that the first run is green and the first change is yours. */
export function starterFiles(language: Language): Readonly<Record<string, string>> {
  return {
    'agent-ci.yaml': config(language === 'python' ? 'python:evals.agent:answer' : 'command:node evals/agent.mjs'),
    'evals/golden.jsonl': DATASET,
    ...(language === 'python' ? { 'evals/agent.py': PYTHON_ADAPTER } : { 'evals/agent.mjs': NODE_ADAPTER }),
    '.github/workflows/evaluation.yml': workflow(language),
  }
}
