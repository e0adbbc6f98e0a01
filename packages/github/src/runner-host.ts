import { writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import * as core from '@actions/core'
import type { Annotation, Host, Progress } from '@agent-ci/core/host'
import { forLog } from '@agent-ci/core/untrusted'
import { renderProgressLine } from '@agent-ci/reporting/progress-line'

const PROGRESS_EVERY_MS = 5_000

/** GitHub reads `file` relative to the repository. */
function annotate({ level, title, message, source }: Annotation): void {
  const properties = { title, ...(source && { file: source.file, startLine: source.line }) }
  if (level === 'error') core.error(message, properties)
  else if (level === 'warning') core.warning(message, properties)
  else core.notice(message, properties)
}

/**
 * A host that speaks to the Actions runner; what the runner did not set up (a run outside Actions) is left out. `uploadArtifact` comes
 * from the actions that upload something: the client behind it is half of a bundle.
 */
export function runnerHost(
  signal: AbortSignal,
  uploadArtifact: Host['uploadArtifact'] = async () => undefined,
): Host & { readonly outputs: ReadonlySet<string> } {
  const outputs = new Set<string>()
  // The toolkit refuses to write to a file that is not there; the runner makes them, other callers may only name them.
  for (const path of [
    process.env.GITHUB_OUTPUT,
    process.env.GITHUB_STEP_SUMMARY,
    process.env.GITHUB_STATE,
    process.env.GITHUB_ENV,
  ]) {
    if (path) writeFileSync(path, '', { flag: 'a' })
  }
  let shownAt = performance.now()
  return {
    outputs,
    input: (name) => core.getInput(name),
    env: process.env,
    cwd: process.env.GITHUB_WORKSPACE || process.cwd(),
    tempDir: process.env.RUNNER_TEMP || tmpdir(),
    signal,
    now: () => performance.now(),
    date: () => new Date(),
    random: Math.random,
    sleep: (ms, abort) => delay(ms, undefined, { signal: abort }),
    colour: process.env.GITHUB_ACTIONS === 'true' && !process.env.NO_COLOR,
    info: core.info,
    annotate,
    warn: (title, message) => core.warning(message, { title }),
    group: core.group,
    progress: (progress: Progress) => {
      const now = performance.now()
      if (now - shownAt < PROGRESS_EVERY_MS) return
      shownAt = now
      core.info(renderProgressLine(progress))
    },
    output: (name, value) => {
      outputs.add(name)
      if (process.env.GITHUB_OUTPUT) core.setOutput(name, value ?? '')
    },
    summary: async (markdown) => {
      if (!process.env.GITHUB_STEP_SUMMARY) return
      try {
        await core.summary.addRaw(markdown, true).write()
      } catch (error) {
        core.warning(`The step summary could not be written: ${forLog(String(error))}`, { title: 'Summary' })
      }
    },
    uploadArtifact,
  }
}
