import { SettingReader } from '@agent-ci/core/config/setting-reader'
import type { Host } from '@agent-ci/core/host'
import * as quantities from '@agent-ci/core/quantities'
import type { InputName } from './interface.ts'

export const MODES = ['update', 'recreate', 'always-new', 'off'] as const

export interface CommentSettings {
  readonly results: readonly string[]
  /** Globs of artifact names; empty: the files are here. */
  readonly artifacts: readonly string[]
  readonly commentId: string
  readonly section: string
  readonly mode: (typeof MODES)[number]
  readonly pullRequest: number | undefined
  readonly transcripts: boolean
  readonly artifactId: number | undefined
  readonly token: string
}

const LONGEST_NAME = 200

/** All inputs, refused with all problems at once. @throws ConfigurationError */
export function readSettings(host: Pick<Host, 'input' | 'env'>): CommentSettings {
  const reader = new SettingReader<InputName>(host.input, undefined)
  const whole = (text: string, origin: quantities.Origin) => quantities.parseWhole(text, origin, 1)
  const settings = {
    results: reader.read('results', ['agent-ci-results'], quantities.parseList),
    artifacts: reader.read('artifact', [], quantities.parseList),
    commentId: reader.read('comment-id', 'agent-ci', (text) => text.trim().slice(0, LONGEST_NAME)),
    section: reader.read('section', defaultSection(host), (text) => text.trim().slice(0, LONGEST_NAME)),
    mode: reader.read('mode', 'update', (text, origin) => quantities.parseChoice(text, origin, MODES)),
    pullRequest: reader.read<number | undefined>('pr-number', undefined, whole),
    transcripts: reader.read('include-transcripts', false, quantities.parseBoolean),
    artifactId: reader.read<number | undefined>('artifact-id', undefined, whole),
    token: host.input('github-token').trim(),
  }
  reader.refuseProblems()
  return settings
}

/** `Evaluation / evaluate (opus, 3.12)`: what tells this job's leg from all others. */
function defaultSection({ input, env }: Pick<Host, 'input' | 'env'>): string {
  const { GITHUB_WORKFLOW: workflow, GITHUB_JOB: job, GITHUB_ACTION: step = '' } = env
  const values = matrixValues(input('job-context'))
  // The runner numbers steps that use the same action: __org_agent-ci_pr-comment, ..._2
  const named = step === '' || step.startsWith('__') ? (/_(\d+)$/.exec(step)?.[1] ?? '') : step
  const leg = [job, values.length > 0 && `(${values.join(', ')})`, named].filter(Boolean).join(' ')
  return ([workflow, leg].filter(Boolean).join(' / ') || 'this machine').slice(0, LONGEST_NAME)
}

function matrixValues(json: string): string[] {
  try {
    const matrix: unknown = JSON.parse(json)
    return Object.values(matrix ?? {}).map((value) =>
      typeof value === 'object' ? JSON.stringify(value) : String(value),
    )
  } catch {
    return []
  }
}
