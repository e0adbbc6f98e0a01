import { type ChildProcess, spawn } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'

const ROOT = resolve(import.meta.dirname, '../..')

/** A workspace on disk and the files through which the runner talks to a step. */
export class Workspace {
  readonly directory = mkdtempSync(join(tmpdir(), 'agent-ci-step-'))

  write(path: string, text: string | Uint8Array): string {
    const file = join(this.directory, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
    return file
  }

  executable(path: string, text: string): string {
    const file = this.write(path, text)
    chmodSync(file, 0o755)
    return file
  }

  read(path: string): string {
    return readFileSync(join(this.directory, path), 'utf8')
  }

  json<T = Record<string, unknown>>(path: string): T {
    return JSON.parse(this.read(path)) as T
  }

  lines(path: string): string[] {
    return this.read(path).split('\n').slice(0, -1)
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true })
  }
}

export interface StepResult {
  readonly status: number | null
  readonly signal: NodeJS.Signals | null
  /** stdout and stderr as the runner sees them. */
  readonly log: string
  readonly outputs: Readonly<Record<string, string>>
  readonly summary: string
  /** Annotations as the runner would read them from the log. */
  readonly annotations: readonly { level: string; properties: string; message: string }[]
}

export interface RunningStep {
  readonly process: ChildProcess
  readonly ended: Promise<StepResult>
}

/** Outputs as the runner reads GITHUB_OUTPUT: `name<<delimiter`, value lines, delimiter. */
function parseOutputs(text: string): Record<string, string> {
  const outputs: Record<string, string> = {}
  const lines = text.split('\n')
  for (let at = 0; at < lines.length; at++) {
    const [, name, delimiter] = /^([^<]+)<<(.+)$/.exec(lines[at]!) ?? []
    if (!name || !delimiter) continue
    const end = lines.indexOf(delimiter, at + 1)
    outputs[name] = lines.slice(at + 1, end).join('\n')
    at = end
  }
  return outputs
}

/** Starts a bundled action in a workspace as the runner does. `inputs` by kebab-case name. */
export function startStep(
  action: string,
  workspace: Workspace,
  inputs: Readonly<Record<string, string>>,
  env: Readonly<Record<string, string>> = {},
): RunningStep {
  const files = {
    GITHUB_OUTPUT: workspace.write('.runner/output', ''),
    GITHUB_STEP_SUMMARY: workspace.write('.runner/summary', ''),
    GITHUB_STATE: workspace.write('.runner/state', ''),
  }
  mkdirSync(join(workspace.directory, '.runner/temp'), { recursive: true })
  const child = spawn(process.execPath, [join(ROOT, 'dist', action, 'index.js')], {
    cwd: workspace.directory,
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      GITHUB_ACTIONS: 'true',
      GITHUB_WORKSPACE: workspace.directory,
      RUNNER_TEMP: join(workspace.directory, '.runner/temp'),
      ...files,
      ...Object.fromEntries(Object.entries(inputs).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value])),
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let log = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (log += text))
  const ended = new Promise<StepResult>((done, fail) => {
    child.on('error', fail)
    child.on('close', (status, signal) =>
      done({
        status,
        signal,
        log,
        outputs: parseOutputs(workspace.read('.runner/output')),
        summary: workspace.read('.runner/summary'),
        annotations: [...log.matchAll(/^::(error|warning|notice)([^:]*)::(.*)$/gm)].map(
          ([, level, properties, message]) => ({ level: level!, properties: properties!.trim(), message: message! }),
        ),
      }),
    )
  })
  return { process: child, ended }
}

export const runStep = (...args: Parameters<typeof startStep>): Promise<StepResult> => startStep(...args).ended

/** Waits until a condition holds, looking every few milliseconds; the test's own time limit ends it. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((next) => setTimeout(next, 5))
}

/** `n` examples whose expected answer is `answer <i>`. */
export const numberedExamples = (n: number, more: (i: number) => object = () => ({})): string =>
  Array.from(
    { length: n },
    (_, i) => `${JSON.stringify({ id: `e${i}`, input: `question ${i}`, expected: `answer ${i}`, ...more(i) })}\n`,
  ).join('')
