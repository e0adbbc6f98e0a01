import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Host } from '@agent-ci/core/host'
import { ACTIONS } from './api-host.ts'
import type { GithubStub } from './github-stub.ts'

const PULL_REQUEST_SHA = 'a'.repeat(40)

/** A step's host in this process, in a workspace of its own; what it says and puts out is remembered. */
export class ActionHost implements Host {
  readonly inputs: Record<string, string>
  readonly env: Record<string, string>
  readonly cwd = mkdtempSync(join(tmpdir(), 'agent-ci-comment-'))
  readonly tempDir = join(this.cwd, '.temp')
  readonly signal = new AbortController().signal
  readonly colour = false
  readonly outputs: Record<string, string | number | null> = {}
  readonly lines: string[] = []
  readonly notices: string[] = []
  readonly warnings: string[] = []
  readonly waits: number[] = []
  shown = ''
  private readonly waitsBriefly: boolean

  /** @param options `event` is the payload; `slow` waits a hundredth of the time, else waiting takes none */
  constructor(
    stub: GithubStub,
    inputs: Record<string, string> = {},
    { env = {}, event, slow = false }: { env?: Record<string, string>; event?: unknown; slow?: boolean } = {},
  ) {
    this.inputs = { 'github-token': 't0ken-of-the-job', ...inputs }
    this.env = { ...ACTIONS, GITHUB_WORKFLOW: 'Evaluation', GITHUB_JOB: 'evaluate', GITHUB_API_URL: stub.url, ...env }
    this.waitsBriefly = slow
    if (event !== undefined) this.env.GITHUB_EVENT_PATH = this.write('.event.json', JSON.stringify(event))
  }

  write(path: string, text: string): string {
    const file = join(this.cwd, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
    return file
  }

  remove(): void {
    rmSync(this.cwd, { recursive: true, force: true })
  }

  readonly input = (name: string) => this.inputs[name] ?? ''
  readonly now = () => performance.now()
  readonly date = () => new Date('2026-11-24T03:00:00Z')
  random: () => number = Math.random
  readonly sleep = async (ms: number, signal: AbortSignal) => {
    this.waits.push(ms)
    if (this.waitsBriefly) await delay(ms / 100, undefined, { signal })
  }
  readonly info = (line: string) => void this.lines.push(line)
  readonly annotate: Host['annotate'] = ({ level, message }) => void this.notices.push(`${level}: ${message}`)
  readonly warn = (_: string, message: string) => void this.warnings.push(message)
  readonly group: Host['group'] = (_, work) => work()
  readonly progress = () => undefined
  readonly output = (name: string, value: string | number | null) => {
    this.outputs[name] = value
  }
  readonly summary = async (markdown: string) => {
    this.shown += markdown
  }
  readonly uploadArtifact = async () => undefined
}

/** The payload of `pull_request`. */
export const pullRequestEvent = (number: number, fork = false) => ({
  pull_request: {
    number,
    head: { sha: PULL_REQUEST_SHA, repo: { full_name: fork ? 'mallory/support' : 'acme/support' } },
  },
})
