// Writes what is derived from the sources: inputs and outputs of each action.yml, the tables of its README, the JSON Schemas, and docs/errors.md.
// `node tools/docs.mjs --check` writes nothing and fails when something is out of date.
import { readFileSync, writeFileSync } from 'node:fs'
import * as z from 'zod'
import * as canaryDeploy from '../actions/canary-deploy/dist/interface.js'
import * as evalGate from '../actions/eval-gate/dist/interface.js'
import * as llmGateway from '../actions/llm-gateway/dist/interface.js'
import * as nightlyEval from '../actions/nightly-eval/dist/interface.js'
import * as prComment from '../actions/pr-comment/dist/interface.js'
import * as promptRegression from '../actions/prompt-regression/dist/interface.js'
import * as rollback from '../actions/rollback/dist/interface.js'
import { deployedAgentFileSchema } from '../packages/core/dist/config/deployed-agent.js'
import { configFileSchema } from '../packages/core/dist/config/file.js'
import { quarantineSchema } from '../packages/core/dist/nightly/quarantine.js'
import { receiptSchema } from '../packages/core/dist/receipt.js'
import { messagesPage } from './messages/page.ts'
import { allMessages } from './messages/problems.ts'
import { Sources } from './messages/sources.ts'
import { troublesOf } from './messages/troubles.ts'

const ACTIONS = {
  'canary-deploy': canaryDeploy,
  'eval-gate': evalGate,
  'llm-gateway': llmGateway,
  'nightly-eval': nightlyEval,
  'pr-comment': prComment,
  'prompt-regression': promptRegression,
  rollback,
}
const check = process.argv.includes('--check')
let stale = 0

function put(path, text) {
  let before = ''
  try {
    before = readFileSync(path, 'utf8')
  } catch {}
  if (before === text) return
  stale++
  if (check) console.error(`${path} is out of date: run npm run docs`)
  else writeFileSync(path, text)
}

const between = (text, name, lines, open, close) => {
  const [start, end] = [`${open} generated: ${name}${close}`, `${open} end: ${name}${close}`]
  const from = text.indexOf(start)
  const to = text.indexOf(end)
  if (from < 0 || to < 0) throw new Error(`the markers of ${name} are missing`)
  return `${text.slice(0, from + start.length)}\n${lines.join('\n')}\n${text.slice(text.lastIndexOf('\n', to) + 1)}`
}

const quoted = (text) => JSON.stringify(text)
for (const [name, { INPUTS, OUTPUTS, DEFAULTS = {} }] of Object.entries(ACTIONS)) {
  const yaml = readFileSync(`${name}/action.yml`, 'utf8')
  const lines = [
    'inputs:',
    ...Object.entries(INPUTS).flatMap(([input, description]) => [
      `  ${input}:`,
      `    description: ${quoted(description)}`,
      '    required: false',
      ...(input in DEFAULTS ? [`    default: \${{ ${DEFAULTS[input]} }}`] : []),
    ]),
    'outputs:',
    ...Object.entries(OUTPUTS).flatMap(([output, description]) => [
      `  ${output}:`,
      `    description: ${quoted(description)}`,
    ]),
  ]
  put(`${name}/action.yml`, between(yaml, 'inputs and outputs', lines, '#', ''))
  const table = (head, entries) => [
    `| ${head} | |`,
    '|---|---|',
    ...Object.entries(entries).map(([key, text]) => `| \`${key}\` | ${text.replaceAll('|', '\\|')} |`),
  ]
  let readme = readFileSync(`${name}/README.md`, 'utf8')
  readme = between(readme, 'inputs', table('input', INPUTS), '<!--', ' -->')
  readme = between(readme, 'outputs', table('output', OUTPUTS), '<!--', ' -->')
  put(`${name}/README.md`, readme)
}

const SCHEMAS = {
  'agent-ci': [configFileSchema, 'agent-ci.yaml'],
  'deployed-agent': [deployedAgentFileSchema, 'config/<environment>.yaml'],
  quarantine: [quarantineSchema, 'quarantine.json of a history'],
  receipt: [receiptSchema, 'receipt.json, and the predicate https://agent-ci.dev/attestation/receipt/v1'],
}
for (const [name, [form, title]] of Object.entries(SCHEMAS)) {
  const schema = z.toJSONSchema(form, { io: 'input', target: 'draft-07' })
  put(`schema/${name}.schema.json`, `${JSON.stringify({ ...schema, title }, null, 2)}\n`)
}

const sources = new Sources()
put('docs/errors.md', messagesPage(allMessages(sources), troublesOf(sources)))
if (check && stale > 0) process.exit(1)
