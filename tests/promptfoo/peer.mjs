// Lets promptfoo itself judge pairs: JSON on stdin, its verdicts as JSON on stdout. `node peer.mjs <directory where it is installed>`.
import { createRequire, registerHooks } from 'node:module'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { pathToFileURL } from 'node:url'

const write = process.stdout.write.bind(process.stdout)
// What it logs must not stand among the verdicts.
process.stdout.write = process.stderr.write.bind(process.stderr)
const require = createRequire(join(process.argv[2], 'package.json'))
// promptfoo 0.123 imports names from `natural`, which as CommonJS exports none to Node, so that METEOR always fails: they are given to it.
const natural = `
  import natural from ${JSON.stringify(pathToFileURL(require.resolve('natural')).href)}
  export const { PorterStemmer, WordNet } = natural
`
registerHooks({
  resolve: (name, context, next) =>
    name === 'natural' && !context.parentURL?.startsWith('data:')
      ? { url: `data:text/javascript,${encodeURIComponent(natural)}`, shortCircuit: true }
      : next(name, context),
})
const { default: promptfoo } = require('promptfoo')

const spanOf = ({ name, args }, i) => ({
  spanId: String(i),
  name: 'call',
  startTime: i,
  attributes: { 'tool.name': name, 'tool.arguments': JSON.stringify(args) },
})

function traceOf(calls) {
  return { traceId: 'f'.repeat(32), spans: (calls ?? []).map(spanOf) }
}

/** promptfoo's providers hand on tool calls as values; only these assertions see a difference. */
function outputOf({ assert, answer }) {
  if (!assert.some(({ type }) => type.startsWith('is-valid-'))) return answer.output
  try {
    return JSON.parse(answer.output)
  } catch {
    return answer.output
  }
}

async function judge(pair) {
  const { assert, threshold, vars = {}, tools, answer } = pair
  const { toolCalls, latencyMs, costUsd } = answer
  const output = outputOf(pair)
  const shared = {
    prompt: 'prompt',
    provider: { id: () => 'echo', config: tools === undefined ? {} : { tools }, callApi: async () => ({ output }) },
    providerResponse: { output, ...(costUsd !== undefined && { cost: costUsd }) },
    vars: structuredClone(vars),
    ...(latencyMs !== undefined && { latencyMs }),
  }
  try {
    if (assert.length === 1 && /^(?:not-)?trajectory:/.test(assert[0].type)) {
      const trace = { traceId: 'f'.repeat(32), traceData: traceOf(toolCalls) }
      const one = await promptfoo.assertions.runAssertion({ ...shared, ...trace, assertion: assert[0], test: { vars } })
      return { passed: one.pass, score: one.score }
    }
    const all = await promptfoo.assertions.runAssertions({
      ...shared,
      test: { vars, assert, ...(threshold !== undefined && { threshold }) },
    })
    const named = all.namedScores ?? {}
    return { passed: all.pass, score: all.score, ...(Object.keys(named).length > 0 && { named }) }
  } catch (error) {
    return { error: String(error.message).split('\n')[0].slice(0, 160) }
  }
}

const verdicts = []
for (const pair of JSON.parse(await text(process.stdin))) verdicts.push(await judge(pair))
write(`${JSON.stringify(verdicts)}\n`, () => process.exit(0))
