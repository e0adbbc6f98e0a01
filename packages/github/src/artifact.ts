import * as core from '@actions/core'
import { messageOf } from '@agent-ci/core/errors'
import { forLog } from '@agent-ci/core/untrusted'

/** What went wrong in the upload: a connection that every address refused has no message of its own. */
function causeOf(error: unknown): string {
  const causes = error instanceof AggregateError ? error.errors : error instanceof Error ? [error.cause] : []
  const said = [error, ...causes].filter((each) => each !== undefined).map(messageOf)
  return said.find((message) => message.trim() !== '') ?? 'no reason was given'
}

/**
 * Uploads files as a workflow artifact. Outside Actions, where the runner takes none, and where it fails, nothing is uploaded: the report
 * never changes the verdict.
 */
export async function uploadArtifact(
  name: string,
  files: readonly string[],
  root: string,
  options: { readonly retentionDays?: number } = {},
): Promise<{ id: number; url: string | undefined } | undefined> {
  const { GITHUB_ACTIONS: inActions, ACTIONS_RUNTIME_TOKEN: token, ACTIONS_RESULTS_URL: service } = process.env
  if (!token || !service) {
    if (inActions === 'true')
      core.info(
        `No artifact was uploaded: this runner gives steps no ${token ? 'ACTIONS_RESULTS_URL' : 'ACTIONS_RUNTIME_TOKEN'}. The results are in the workspace.`,
      )
    return undefined
  }
  try {
    // Imported only here: it drags the Azure storage client along, 85 ms of cold start.
    const { DefaultArtifactClient } = await import('@actions/artifact')
    const { id } = await new DefaultArtifactClient().uploadArtifact(name, [...files], root, options)
    if (id === undefined) return undefined
    const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, GITHUB_RUN_ID: run } = process.env
    return {
      id,
      url: server && repository && run ? `${server}/${repository}/actions/runs/${run}/artifacts/${id}` : undefined,
    }
  } catch (error) {
    const cause = causeOf(error)
    const conflict = /409|conflict|already exists/i.test(cause)
    core.warning(
      `The artifact ${forLog(name)} was not uploaded: ${forLog(cause)}.${conflict ? ' Artifact names are unique in a run: give each matrix leg its own artifact-name.' : ''} The results are in the workspace.`,
      { title: 'Artifact' },
    )
    return undefined
  }
}
