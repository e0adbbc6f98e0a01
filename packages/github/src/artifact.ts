import * as core from '@actions/core'
import { messageOf } from '@agent-ci/core/errors'
import { forLog } from '@agent-ci/core/untrusted'

/** Uploads files as a workflow artifact. Outside Actions, and where it fails, nothing is uploaded: the report never changes the verdict. */
export async function uploadArtifact(
  name: string,
  files: readonly string[],
  root: string,
  options: { readonly retentionDays?: number } = {},
): Promise<{ id: number; url: string | undefined } | undefined> {
  if (!process.env.ACTIONS_RUNTIME_TOKEN || !process.env.ACTIONS_RESULTS_URL) return undefined
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
    const conflict = /409|conflict|already exists/i.test(messageOf(error))
    core.warning(
      `The artifact ${forLog(name)} was not uploaded: ${forLog(messageOf(error))}.${conflict ? ' Artifact names are unique in a run: give each matrix leg its own artifact-name.' : ''} The results are in the workspace.`,
      { title: 'Artifact' },
    )
    return undefined
  }
}
