import { relative, sep } from 'node:path'
import { ConfigurationError, formatSource } from '@agent-ci/core/errors'
import type { Json, JsonObject } from '@agent-ci/core/json'
import { FAMILIES } from '../../scorers/promptfoo/types.ts'
import { Unmapped } from '../formats/unmapped.ts'
import type { Adapter } from './adapters.ts'
import { makeExamples } from './examples.ts'
import { mapProvider, readProvider } from './providers.ts'
import { readSuite, type Suite } from './suite.ts'
import type { Unmapped as UnmappedListing } from './unmapped.ts'

/** What a configuration of promptfoo becomes. */
export interface Converted {
  /** Texts by their paths in the directory that is written. */
  readonly files: Readonly<Record<string, string>>
  readonly examples: number
  /** What was mapped, a line each. */
  readonly mapped: readonly string[]
  /** What was not, with its place and why. */
  readonly notMapped: readonly string[]
}

export interface ConvertDeps {
  readonly cwd: string
  /** Where the files will be, absolute. */
  readonly output: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly warn: (message: string) => void
  readonly signal: AbortSignal
}

const DATASET = 'promptfoo.jsonl'

const isGraded = (assertion: JsonObject): boolean => {
  const { type, assert } = assertion
  const base = String(type).replace(/^not-/, '')
  return FAMILIES[base] === 'graded' || (Array.isArray(assert) && (assert as readonly JsonObject[]).some(isGraded))
}

const typesIn = (asserts: readonly JsonObject[]): readonly string[] =>
  asserts.flatMap(({ type, assert }) =>
    Array.isArray(assert) ? typesIn(assert as readonly JsonObject[]) : [String(type)],
  )

interface Agent {
  readonly agent: Json
  readonly adapter?: Adapter
}

/** The agent of the first provider that is one for us. */
function chooseAgent(suite: Suite, output: string, unmapped: Unmapped, mapped: string[]): Agent | undefined {
  const place = (path: string) => {
    const from = relative(output, suite.directory).replaceAll(sep, '/')
    return path === '.' ? from || '.' : [from, path.replace(/^\.\//, '')].filter((part) => part !== '').join('/')
  }
  let chosen: Agent | undefined
  for (const { value, source } of suite.providers) {
    const id = readProvider(value)?.id ?? JSON.stringify(value)
    const provider = mapProvider(value, place)
    if (!('agent' in provider)) unmapped.add(`provider ${id}`, source, provider.why)
    else if (chosen) {
      unmapped.add(
        `provider ${id}`,
        source,
        'agent-ci evaluates one agent a run: import it into a directory of its own',
      )
    } else {
      chosen = provider
      mapped.push(`provider ${id} (${formatSource(source)}) is the agent, of the type ${String(provider.agent.type)}`)
      for (const { name, why } of provider.left) unmapped.add(`${name} of ${id}`, source, why)
    }
  }
  return chosen
}

const EVALUATION: Readonly<Record<string, (value: number) => JsonObject>> = {
  maxConcurrency: (value) => ({ concurrency: value }),
  repeat: (value) => ({ repeats: value }),
  timeoutMs: (value) => (value > 0 ? { timeout: `${value}ms` } : {}),
  maxEvalTimeMs: (value) => (value > 0 ? { run_timeout: `${value}ms` } : {}),
}

function evaluationOf(suite: Suite, file: string, unmapped: Unmapped, mapped: string[]): JsonObject {
  const settings = Object.entries(suite.evaluateOptions).map(([key, value]) => {
    const make = EVALUATION[key]
    if (make && typeof value === 'number') {
      mapped.push(`evaluateOptions.${key} is in evaluation`)
      return make(value)
    }
    unmapped.add(`evaluateOptions.${key}`, { file, line: 1 }, 'agent-ci has no such setting')
    return {}
  })
  return Object.assign({}, ...settings) as JsonObject
}

/** Makes a configuration of promptfoo ours: agent-ci.yaml, the dataset, and what the agent needs. @throws ConfigurationError */
export async function convertPromptfoo(path: string, deps: ConvertDeps): Promise<Converted> {
  const { cwd, output, env, warn, signal } = deps
  const file = relative(cwd, path).replaceAll(sep, '/')
  const listed = new Unmapped()
  const unmapped: UnmappedListing = (name, at, why) => listed.add(name, at, why)
  const suite = readSuite(path, cwd, { unmapped, warn })
  const mapped: string[] = []
  const lines: string[] = []
  const counts = new Map<string, number>()
  let graded = false
  for await (const { value } of makeExamples(suite, { baseDir: output, env, unmapped, signal })) {
    lines.push(JSON.stringify(value))
    const scorers = (value.scorers ?? []) as unknown as readonly {
      readonly assert: readonly JsonObject[]
      readonly judge_model?: string
    }[]
    for (const { assert, judge_model } of scorers) {
      for (const type of typesIn(assert)) counts.set(type, (counts.get(type) ?? 0) + 1)
      graded ||= judge_model === undefined && assert.some(isGraded)
    }
  }
  if (lines.length === 0) {
    const mend = 'Write tests with vars and assert'
    throw new ConfigurationError({
      what: `${file} has no tests`,
      why: 'There would be nothing to evaluate',
      mend,
      source: { file, line: 1 },
    })
  }
  const agent = chooseAgent(suite, output, listed, mapped)
  const evaluation = evaluationOf(suite, file, listed, mapped)
  for (const [type, count] of counts) mapped.push(`${count} × ${type}`)
  const { stringify } = await import('yaml')
  const config = {
    version: 1,
    agent: agent?.agent ?? 'http://127.0.0.1:8080/run',
    datasets: { promptfoo: DATASET },
    // promptfoo fails a run with one failed test.
    gates: ['accuracy >= 1'],
    ...(Object.keys(evaluation).length > 0 && { evaluation }),
  }
  const judge = graded
    ? '# The model that grades; without it the run is refused before the first answer.\nscorers:\n  - type: promptfoo\n    judge_model: claude-haiku-4-5\n'
    : ''
  const note = agent ? '' : '# Write the address of your agent, or command:…, python:… or anthropic:<model>.\n'
  const text = stringify(config, { lineWidth: 0 }).replace(/^agent:/m, `${note}agent:`)
  return {
    files: {
      'agent-ci.yaml': `${text}${judge}`,
      [DATASET]: `${lines.join('\n')}\n`,
      ...(agent?.adapter && { [agent.adapter.file]: agent.adapter.text }),
    },
    examples: lines.length,
    mapped,
    notMapped: listed.warnings('used'),
  }
}
