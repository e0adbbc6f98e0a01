import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { isJsonObject, type Json, type JsonObject } from '@agent-ci/core/json'
import { cut } from '@agent-ci/core/untrusted'
import { quoteJson } from '../quotation.ts'
import type { Assertion, Subject } from './assertion.ts'
import { type CheckDeps, type Finding, type MakeCheck, Malformed } from './finding.ts'
import { functionBody } from './javascript-body.ts'
import { runScript, type Script } from './script-runner.ts'

const FORM = 'true or false, a number, or {pass, score, reason}'

/** `file://path/to.js:name` */
export function scriptFile(reference: string, directory: string): Script | undefined {
  const [, path = '', , name] = /^file:\/\/(.+?\.(js|cjs|mjs|ts|cts|mts|py))(?::(\w+))?$/.exec(reference) ?? []
  if (path === '') return undefined
  const file = resolve(directory, path)
  if (!existsSync(file)) throw new Malformed(`It names the script ${path}, which does not exist`, 'Correct the path')
  return { language: path.endsWith('.py') ? 'python' : 'javascript', file, function: name }
}

function scriptOf(assertion: Assertion, language: 'javascript' | 'python', directory: string): Script {
  const { value } = assertion
  if (typeof value !== 'string' || value.trim() === '') throw new Malformed(`Its value is no ${language}`)
  const file = scriptFile(value, directory)
  if (file) return file
  if (value.startsWith('file://')) throw new Malformed(`Its value ${value} is no ${language} file`)
  const code = value.trimEnd()
  if (language === 'python') return { language, code }
  return { language, code: code.includes('\n') ? code : functionBody(code), first: 'output' }
}

/** What a script is told besides the answer. */
export const contextOf = ({ input, vars, metadata, reply, output }: Subject, config?: JsonObject): Json => ({
  prompt: typeof input === 'string' ? input : JSON.stringify(input),
  vars,
  test: { vars, metadata },
  metadata,
  providerResponse: {
    output,
    ...(reply.usage.costUsd !== undefined && { cost: reply.usage.costUsd }),
    latencyMs: reply.latencyMs,
  },
  toolCalls: reply.toolCalls as Json,
  ...(config && { config }),
})

const named = (value: unknown): Record<string, number> | undefined =>
  isJsonObject(value) && Object.values(value).every((score) => typeof score === 'number')
    ? (value as Record<string, number>)
    : undefined

function fromYes({ inverse }: Assertion, yes: boolean, score: number | undefined): Finding {
  const passed = yes !== inverse
  return {
    passed,
    score: score ?? (passed ? 1 : 0),
    reason: passed ? 'The script agrees' : `The script returned ${score ?? yes}`,
  }
}

const fromNumber = (assertion: Assertion, score: number): Finding =>
  fromYes(assertion, assertion.threshold === undefined ? score > 0 : score >= assertion.threshold, score)

/** A result with pass, score and reason; undefined where it is none. */
function fromObject(assertion: Assertion, result: JsonObject): Finding | undefined {
  const { pass, score, reason, namedScores, namedScoreWeights } = result
  if (typeof pass !== 'boolean' || typeof score !== 'number' || typeof reason !== 'string') return undefined
  const scores = named(namedScores)
  const weights = named(namedScoreWeights)
  return {
    passed: pass !== assertion.inverse,
    score,
    reason: cut(reason, 500) || `The script returned ${pass}`,
    ...(scores && { named: scores }),
    ...(weights && { namedWeights: weights }),
  }
}

/** JavaScript's results are taken by their types alone. */
function readJavascript(assertion: Assertion, value: Json): Finding | undefined {
  if (typeof value === 'boolean') return fromYes(assertion, value, undefined)
  if (typeof value === 'number') return fromNumber(assertion, value)
  return isJsonObject(value) ? fromObject(assertion, value) : undefined
}

const CAMEL = { pass_: 'pass', named_scores: 'namedScores' } as const

/** Python's may be texts as well, have names in snake case, and their score must reach the threshold. */
function readPython(assertion: Assertion, given: Json): Finding | undefined {
  let value = given
  if (typeof value === 'string') {
    const word = value.toLowerCase()
    if (word === 'true' || word === 'false') return fromYes(assertion, word === 'true', undefined)
    if (value.startsWith('{')) {
      try {
        value = JSON.parse(value) as Json
      } catch {
        return undefined
      }
    }
  }
  if (typeof value === 'boolean') return fromYes(assertion, value, undefined)
  if (!isJsonObject(value)) {
    const score = Number.parseFloat(String(value))
    return Number.isNaN(score) ? undefined : fromNumber(assertion, score)
  }
  const result: Record<string, Json> = { ...value }
  for (const [snake, camel] of Object.entries(CAMEL)) if (snake in result) result[camel] ??= result[snake]!
  const { threshold } = assertion
  if (threshold !== undefined && typeof result.score === 'number' && result.score < threshold) {
    result.pass = typeof result.pass === 'boolean' ? false : result.pass!
    result.reason = `The score ${result.score} is below the threshold ${threshold}: ${String(result.reason ?? '')}`
  }
  return fromObject(assertion, result)
}

const script =
  (language: 'javascript' | 'python'): MakeCheck =>
  (assertion, deps: CheckDeps) => {
    const code = scriptOf(assertion, language, deps.directory)
    const options = { cwd: deps.directory, env: deps.env }
    return async (subject, signal): Promise<Finding> => {
      const outcome = await runScript(code, subject.output, contextOf(subject, assertion.config), options, signal)
      if ('thrown' in outcome)
        return { passed: false, score: 0, reason: `The script failed: ${cut(outcome.thrown, 300)}` }
      // A file of the other language is taken as promptfoo takes it: by the type of the assertion.
      const finding = (language === 'python' ? readPython : readJavascript)(assertion, outcome.value)
      return (
        finding ?? {
          passed: false,
          score: 0,
          reason: `The script returned ${quoteJson(outcome.value)}, expected ${FORM}`,
        }
      )
    }
  }

export const scriptChecks: Readonly<Record<string, MakeCheck>> = {
  javascript: script('javascript'),
  python: script('python'),
}
