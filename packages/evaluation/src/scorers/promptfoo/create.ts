import { readFileSync } from 'node:fs'
import { extname, resolve } from 'node:path'
import type { ScorerConfigOf } from '@agent-ci/core/config/scorers'
import { ConfigurationError, messageOf, type Problem } from '@agent-ci/core/errors'
import type { Example } from '@agent-ci/core/example'
import { isJsonObject, type Json, type JsonObject } from '@agent-ci/core/json'
import type { Reply, Usage } from '@agent-ci/core/reply'
import type { Score, Scorer } from '@agent-ci/core/score'
import { cut } from '@agent-ci/core/untrusted'
import { parse } from 'yaml'
import type { ScorerDeps } from '../deps.ts'
import { STOPPED, unscored } from '../judgement.ts'
import { aggregate, type Component, type Sum } from './aggregate.ts'
import { type Assertion, type AssertionSet, readAssertionOrSet, type Subject } from './assertion.ts'
import { makeCheck } from './checks.ts'
import { type Check, type CheckDeps, type Finding, Malformed, Unjudged } from './finding.ts'

type PromptfooConfig = ScorerConfigOf<'promptfoo'>

/** An assertion that is ready to judge. */
interface Ready {
  readonly assertion: Assertion
  readonly check: (subject: Subject, signal: AbortSignal) => Promise<Finding>
}
interface ReadySet extends Omit<AssertionSet, 'set'> {
  readonly set: readonly Ready[]
}

const SCRIPTS = /\.(?:js|cjs|mjs|ts|cts|mts|py)(?::\w+)?$/

/** The content of a file that a value names: YAML and JSON as a value, anything else as text. Scripts stay names. */
function loadValue(value: Json | undefined, directory: string): Json | undefined {
  if (Array.isArray(value)) return value.map((item) => loadValue(item as Json, directory)!)
  if (typeof value !== 'string' || !value.startsWith('file://') || SCRIPTS.test(value)) return value
  const path = value.slice('file://'.length)
  try {
    const text = readFileSync(resolve(directory, path), 'utf8')
    return ['.json', '.yaml', '.yml'].includes(extname(path)) ? (parse(text) as Json) : text.trim()
  } catch (error) {
    throw new Malformed(
      `Its value names the file ${path}, which cannot be read: ${messageOf(error)}`,
      'Correct the path',
    )
  }
}

async function makeReady(given: Assertion, deps: CheckDeps): Promise<Ready> {
  const assertion = { ...given, value: loadValue(given.value, deps.directory) }
  const scripted = typeof assertion.value === 'string' && assertion.value.startsWith('file://')
  if (scripted && assertion.base !== 'javascript' && assertion.base !== 'python') {
    throw new Malformed(
      `The value of ${assertion.type} is computed by a script`,
      'Write the value, or judge with javascript or python',
    )
  }
  const check: Check = await makeCheck(assertion, deps)
  const { transform } = assertion
  const apply = transform === undefined ? undefined : await prepareTransform(transform, deps)
  return {
    assertion,
    async check(subject, signal) {
      const seen = apply ? await apply(subject, signal) : subject
      const finding = await check(seen, signal)
      // It counts in metrics only.
      return assertion.weight === 0 ? { ...finding, passed: true } : finding
    },
  }
}

const textOf = (output: Json): string => (typeof output === 'string' ? output : JSON.stringify(output))

async function prepareTransform(code: string, deps: Pick<CheckDeps, 'directory' | 'env'>) {
  const [{ makeTransform }, { contextOf }] = await Promise.all([import('./transform.ts'), import('./script.ts')])
  const transform = makeTransform(code, deps)
  return async (subject: Subject, signal: AbortSignal): Promise<Subject> => {
    const output = await transform(subject.output, contextOf(subject), signal)
    return { ...subject, output, text: textOf(output) }
  }
}

const labelOf = (raw: JsonObject, position: number): string =>
  typeof raw.type === 'string' ? `${raw.type} (assertion ${position})` : `assertion ${position}`

interface Prepared {
  readonly ready: readonly (Ready | ReadySet)[]
  /** What can't be judged and was allowed to be left out. */
  readonly skipped: readonly string[]
}

/** Makes all assertions ready, or refuses with every one that can't be judged. */
async function prepare(config: PromptfooConfig, name: string, deps: CheckDeps): Promise<Prepared> {
  const ready: (Ready | ReadySet)[] = []
  const skipped: string[] = []
  const problems: Problem[] = []
  const attempt = async <T>(label: string, work: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof Malformed) && !(error instanceof ConfigurationError)) throw error
      if (config.unjudged === 'skip') skipped.push(`${label}: ${error.message}`)
      else if (error instanceof ConfigurationError) problems.push(...error.problems)
      else {
        problems.push({
          what: `The scorer "${name}" cannot judge ${label}`,
          why: error.message,
          mend: `${error.mend}; or leave such assertions out: scorers: [{type: promptfoo, unjudged: skip}]`,
        })
      }
      return undefined
    }
  }
  for (const [i, raw] of (config.assert ?? []).entries()) {
    const label = labelOf(raw as JsonObject, i + 1)
    const made = await attempt(label, async (): Promise<Ready | ReadySet> => {
      const read = readAssertionOrSet(raw as JsonObject)
      if (!('set' in read)) return makeReady(read, deps)
      const set: Ready[] = []
      for (const inner of read.set) {
        const one = await attempt(`${inner.type} in ${label}`, () => makeReady(inner, deps))
        if (one) set.push(one)
      }
      return { ...read, set }
    })
    if (made && !('set' in made && made.set.length === 0)) ready.push(made)
  }
  if (problems.length > 0) throw new ConfigurationError(problems)
  return { ready, skipped }
}

async function judgeAll(
  { ready }: Prepared,
  threshold: number | undefined,
  subject: Subject,
  signal: AbortSignal,
): Promise<Sum> {
  const component = async ({ assertion, check }: Ready): Promise<Component> => ({
    finding: await check(subject, signal),
    weight: assertion.weight,
    metric: assertion.metric,
  })
  const alone: Component[] = []
  const sets: Component[] = []
  for (const one of ready) {
    if (!('set' in one)) alone.push(await component(one))
    else {
      const inner: Component[] = []
      for (const assertion of one.set) inner.push(await component(assertion))
      sets.push({ finding: aggregate(inner, one.threshold), weight: one.weight, metric: one.metric })
    }
  }
  // promptfoo adds the sets behind the single assertions.
  const sum = aggregate([...alone, ...sets], threshold)
  const usages = [...alone, ...sets].flatMap(({ finding }) => finding.usage ?? [])
  return usages.length === 0 ? sum : { ...sum, usage: usages.reduce(plus) }
}

const plus = (a: Usage, b: Usage): Usage => ({
  ...a,
  ...b,
  inputTokens: (a.inputTokens ?? 0) + (b.inputTokens ?? 0),
  outputTokens: (a.outputTokens ?? 0) + (b.outputTokens ?? 0),
})

const objectIn = (metadata: JsonObject | undefined, key: string): JsonObject => {
  const value = metadata?.[key]
  return isJsonObject(value) ? value : {}
}

/** The finding as promptfoo has it, before it is fitted into a score of 0 … 1. */
export type Judge = (example: Pick<Example, 'input' | 'metadata'>, reply: Reply, signal: AbortSignal) => Promise<Sum>

/** Makes what judges by a list of assertions. @throws ConfigurationError with every assertion that can't be judged */
export async function createJudgeOf(
  config: PromptfooConfig,
  name: string,
  deps: ScorerDeps,
): Promise<{ readonly judge: Judge; readonly skipped: readonly string[]; readonly close: () => Promise<void> }> {
  const closing: (() => Promise<void>)[] = []
  const checkDeps: CheckDeps = {
    ...deps,
    name,
    directory: resolve(deps.cwd, config.directory ?? '.'),
    judgeModel: config.judge_model,
    embedder: config.embeddings,
    tools: (config.tools ?? []).filter(isJsonObject) as readonly JsonObject[],
    later: (close) => void closing.push(close),
  }
  const prepared = await prepare(config, name, checkDeps)
  const transform = config.transform === undefined ? undefined : await prepareTransform(config.transform, checkDeps)
  return {
    skipped: prepared.skipped,
    async judge({ input, metadata = {} }, reply, signal) {
      if (prepared.ready.length === 0)
        throw new Unjudged(`No assertion is left to judge by: ${prepared.skipped.join('; ')}`)
      const { vars: _, ...rest } = metadata
      const given: Subject = {
        output: reply.output,
        text: reply.output,
        reply,
        input,
        vars: objectIn(metadata, 'vars'),
        metadata: rest,
      }
      const subject = transform ? await transform(given, signal) : given
      return judgeAll(prepared, config.threshold, subject, signal)
    },
    close: async () => {
      for (const close of closing) await close()
    },
  }
}

const inRange = (score: number): number => Math.min(1, Math.max(0, Number.isFinite(score) ? score : 0))

/**
 * promptfoo's assertions: each judged and all summed up as promptfoo does. What can't be judged at all is refused before the first answer;
 * an assertion that finds nothing to judge by (a webhook that is down) leaves the reply unscored.
 * @throws ConfigurationError with every assertion that can't be judged
 */
export async function createPromptfoo(config: PromptfooConfig, name: string, deps: ScorerDeps): Promise<Scorer> {
  const { judge, skipped, close } = await createJudgeOf(config, name, deps)
  const left = skipped.length === 0 ? '' : ` Not judged: ${skipped.join('; ')}`
  return {
    name,
    judges: 'output',
    appliesTo: () => config.assert !== undefined,
    async score(example, reply, signal): Promise<Score> {
      try {
        const { passed, score, reason, named, usage } = await judge(example, reply, signal)
        const metrics = Object.entries(named).map(([metric, value]) => `${metric} ${value.toFixed(2)}`)
        const names = metrics.length === 0 ? '' : ` Metrics: ${metrics.join(', ')}.`
        const told = cut(`${reason}.${names}${left}`, 1_000)
        return { scorer: name, value: inRange(score), passed, reason: told, ...(usage && { usage }) }
      } catch (error) {
        if (signal.aborted) return unscored(name, STOPPED)
        if (error instanceof Unjudged) return unscored(name, `${cut(error.message, 500)}.`)
        throw error
      }
    },
    close,
  }
}
