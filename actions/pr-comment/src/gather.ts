import { posix } from 'node:path'
import type { Host } from '@agent-ci/core/host'
import { isSecretName } from '@agent-ci/core/secret-name'
import { forLog } from '@agent-ci/core/untrusted'
import { Redactor } from '@agent-ci/gateway/cassette/redaction'
import { githubProblem } from '@agent-ci/github/api-problem'
import { artifactFiles } from '@agent-ci/github/artifact-files'
import type { Octokit } from '@agent-ci/github/octokit'
import type { Subject } from '@agent-ci/github/pull-request'
import type { RunIdentity } from '@agent-ci/github/run-identity'
import picomatch from 'picomatch'
import type { NamedResult } from './content.ts'
import { type FoundFile, findFiles, MOST_FILES, nothingFound, readResultFile, resultMatcher } from './result-files.ts'
import type { CommentSettings } from './settings.ts'

export interface Gathered {
  readonly results: readonly NamedResult[]
  /** For the reader of the comment, Markdown. */
  readonly notes: readonly string[]
}

/** Reads the result files, each by its schema. Keys that a model was made to say are blotted out: a comment is no place to mask them. */
export async function gatherResults(
  settings: CommentSettings,
  from: { readonly run: RunIdentity; readonly subject: Subject | undefined },
  host: Host,
  open: () => Promise<Octokit>,
): Promise<Gathered> {
  const secrets = Object.entries(host.env).flatMap(([name, value]) => (value && isSecretName(name) ? [value] : []))
  const redactor = new Redactor({ secrets: settings.token === '' ? secrets : [...secrets, settings.token] })
  const found = await filesOf(settings, from, host, open)
  const shown = found.slice(0, MOST_FILES)
  for (const { path } of shown) host.info(`Results: ${forLog(path, 300)}`)
  const where =
    settings.artifacts.length > 0 ? `artifact ${settings.artifacts.join(', ')}` : settings.results.join(', ')
  return {
    results:
      shown.length === 0
        ? [{ path: where, file: { kind: 'unreadable', problem: nothingFound(where) } }]
        : withoutLegs(shown.map((file) => ({ path: file.path, file: readResultFile(file, redactor) }))),
    notes: found.length > MOST_FILES ? [`Only the first ${MOST_FILES} result files are shown.`] : [],
  }
}

/** Without the evaluations of a night: its own results name them, below their own folder. */
function withoutLegs(results: readonly NamedResult[]): NamedResult[] {
  const legs = new Set(
    results.flatMap(({ path, file }) => {
      if (file.kind !== 'nightly') return []
      const below = file.results.legs.map((leg) => posix.join(posix.dirname(path), leg.results ?? ''))
      return below.filter((leg) => leg.startsWith(posix.join(posix.dirname(path), '/')) && leg !== path)
    }),
  )
  return results.filter(({ path, file }) => file.kind !== 'evaluation' || !legs.has(path))
}

async function filesOf(
  { artifacts, results }: CommentSettings,
  { run, subject }: { readonly run: RunIdentity; readonly subject: Subject | undefined },
  host: Host,
  open: () => Promise<Octokit>,
): Promise<FoundFile[]> {
  if (artifacts.length === 0) return findFiles(results, host.cwd)
  const runId = subject?.measured?.id ?? run.runId
  if (!subject || runId === undefined || run.repository === undefined) return []
  const isGiven = host.input('results').trim() !== ''
  const isResult = isGiven ? resultMatcher(results) : (path: string) => /(?:^|\/)(?:results|timeline)\.json$/.test(path)
  try {
    const files = await artifactFiles(
      await open(),
      { repository: run.repository, runId },
      { artifact: picomatch([...artifacts]), file: isResult },
    )
    return files.map(({ path, bytes }) => ({ path, text: bytes.toString('utf8') }))
  } catch (error) {
    host.warn(
      'Comment',
      githubProblem(error, { failed: `The artifacts of run ${runId} were not read`, permission: 'actions: read' }),
    )
    return []
  }
}
