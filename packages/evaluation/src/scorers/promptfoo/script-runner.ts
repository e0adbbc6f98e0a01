import { randomUUID } from 'node:crypto'
import type { Json } from '@agent-ci/core/json'
import type { ScorerDeps } from '../deps.ts'
import { judgingEnvironment, runProgram } from '../program.ts'
import { Unjudged } from './finding.ts'

const TIMEOUT_MS = 60_000

/** What a script returned, or what it threw. */
export type Outcome = { readonly value: Json } | { readonly thrown: string }

export type Script =
  /** An expression, or with several lines a body that returns. `first` is the name of its first argument. */
  | { readonly language: 'javascript'; readonly code: string; readonly first: 'output' | 'vars' }
  | { readonly language: 'python'; readonly code: string }
  | { readonly language: 'javascript' | 'python'; readonly file: string; readonly function: string | undefined }

/** Says the outcome on a line of its own that begins with a mark: what the script prints itself is left alone. */
const NODE = `
import { pathToFileURL } from 'node:url'
import { text } from 'node:stream/consumers'
const { mark, code, first, file, function: name, input, context } = JSON.parse(await text(process.stdin))
const say = (outcome) => process.stdout.write('\\n' + mark + JSON.stringify(outcome) + '\\n')
try {
  let run
  if (file === undefined) run = new Function(first, 'context', 'process', code)
  else {
    const loaded = await import(pathToFileURL(file).href)
    const named = (from) => (name === undefined ? from : from?.[name])
    run = [named(loaded), named(loaded.default), loaded.default?.default].find((found) => typeof found === 'function')
    if (run === undefined) throw new Error('the file exports no function' + (name === undefined ? ' as its default' : ' ' + name))
  }
  const value = await run(input, context, process)
  say({ value: value === undefined ? null : value, nothing: value === undefined })
} catch (error) {
  say({ thrown: error instanceof Error ? error.message : String(error) })
}
`

const PYTHON = `
import asyncio, importlib.util, inspect, json, os, sys
request = json.loads(sys.stdin.buffer.read().decode("utf-8"))
def say(outcome):
    sys.stdout.write("\\n" + request["mark"] + json.dumps(outcome) + "\\n")
    sys.stdout.flush()
try:
    if "code" in request:
        scope = {}
        exec(request["code"], scope)
        run = scope["main"]
    else:
        path = request["file"]
        sys.path.insert(0, os.path.dirname(path))
        spec = importlib.util.spec_from_file_location("promptfoo_script", path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        run = getattr(module, request["function"])
    value = run(request["input"], request["context"])
    if inspect.isawaitable(value):
        value = asyncio.run(value)
    say({"value": value, "nothing": value is None})
except BaseException as error:
    say({"thrown": f"{type(error).__name__}: {error}"})
`

/** Indents a body so that it can stand in a function; a single line is what the function returns. */
export function pythonFunction(code: string): string {
  if (!code.includes('\n')) return `import json\n\ndef main(output, context):\n    return ${code}\n`
  const indent = /^(?!\s*$)\s+/m.exec(code)?.[0] ?? '    '
  const body = code.split('\n').map((line) => `${indent}${line}`)
  return `import json\n\ndef main(output, context):\n${body.join('\n')}\n`
}

/** Runs a user's script in a process of its own, without what looks like a key; what it prints is not read. @throws Unjudged */
export async function runScript(
  script: Script,
  input: Json,
  context: Json,
  { cwd, env }: Pick<ScorerDeps, 'cwd' | 'env'>,
  signal: AbortSignal,
): Promise<Outcome> {
  const mark = `${randomUUID()} `
  const python = script.language === 'python'
  const argv = python
    ? [env.PROMPTFOO_PYTHON || 'python3', '-c', PYTHON]
    : [process.execPath, '--disable-warning=ExperimentalWarning', '--input-type=module', '-e', NODE]
  const { language: _, ...rest } = script
  const request =
    python && 'code' in rest
      ? { ...rest, code: pythonFunction(rest.code) }
      : python
        ? { ...rest, function: 'function' in rest ? (rest.function ?? 'get_assert') : undefined }
        : rest
  const options = { cwd, env: judgingEnvironment(env), timeoutMs: TIMEOUT_MS }
  const ended = await runProgram(argv, options, JSON.stringify({ mark, ...request, input, context }), signal)
  if ('problem' in ended) throw new Unjudged(`The script ${ended.problem}`)
  const line = ended.stdout.split('\n').findLast((candidate) => candidate.startsWith(mark))
  if (line === undefined) throw new Unjudged('The script ended without a result')
  const outcome = JSON.parse(line.slice(mark.length)) as Outcome & { readonly nothing?: boolean }
  return outcome.nothing ? { thrown: 'it returned nothing' } : outcome
}
