import type { Json } from '@agent-ci/core/json'
import { cut } from '@agent-ci/core/untrusted'
import { type CheckDeps, Malformed, Unjudged } from './finding.ts'
import { scriptFile } from './script.ts'
import { runScript, type Script } from './script-runner.ts'

export type Transform = (value: Json, context: Json, signal: AbortSignal) => Promise<Json>

/** The script of a `transform`; a Python file has `get_transform`. @throws Malformed */
export function transformScript(code: string, directory: string, first: 'output' | 'vars'): Script {
  const file = scriptFile(code, directory)
  if (file && 'file' in file)
    return file.language === 'python' ? { ...file, function: file.function ?? 'get_transform' } : file
  if (code.startsWith('file://')) throw new Malformed(`The transform ${code} is no file of JavaScript or Python`)
  return { language: 'javascript', code: code.includes('\n') ? code : `return ${code}`, first }
}

/** Makes the function that applies a transform to an answer. @throws Malformed */
export function makeTransform(code: string, { directory, env }: Pick<CheckDeps, 'directory' | 'env'>): Transform {
  const script = transformScript(code, directory, 'output')
  return async (value, context, signal) => {
    const outcome = await runScript(script, value, context, { cwd: directory, env }, signal)
    if ('thrown' in outcome) throw new Unjudged(`The transform failed: ${cut(outcome.thrown, 300)}`)
    if (outcome.value === null) throw new Unjudged('The transform returned nothing')
    return outcome.value
  }
}
