import type { Octokit } from './octokit.ts'
import { ownerOf } from './run-identity.ts'
import { unzip, type ZipFile, type ZipLimits } from './zip.ts'

export const ARTIFACT_LIMITS = {
  artifacts: 50,
  /** Of one artifact as it is stored. */
  packedBytes: 50_000_000,
  zip: { entries: 5_000, fileBytes: 20_000_000, totalBytes: 100_000_000 } satisfies ZipLimits,
} as const

/**
 * The wanted files of a run's artifacts, their paths below the artifacts' names; nothing is written to disk.
 * @throws what Octokit throws, or Error naming the artifact that breaks a limit
 */
export async function artifactFiles(
  { rest }: Octokit,
  { repository, runId }: { readonly repository: string; readonly runId: string },
  wanted: { readonly artifact: (name: string) => boolean; readonly file: (path: string) => boolean },
): Promise<ZipFile[]> {
  const where = ownerOf(repository)
  const chosen: { id: number; name: string; bytes: number }[] = []
  for (let page = 1; ; page++) {
    const { data } = await rest.actions.listWorkflowRunArtifacts({
      ...where,
      run_id: Number(runId),
      per_page: 100,
      page,
    })
    for (const { id, name, size_in_bytes: bytes, expired } of data.artifacts)
      if (!expired && wanted.artifact(name)) chosen.push({ id, name, bytes })
    if (data.artifacts.length < 100) break
  }
  const { artifacts: most, packedBytes, zip } = ARTIFACT_LIMITS
  if (chosen.length > most) throw new Error(`${chosen.length} artifacts match, more than ${most}`)
  const files: ZipFile[] = []
  for (const { id, name, bytes } of chosen) {
    if (bytes > packedBytes) throw new Error(`the artifact ${name} has ${bytes} bytes, more than ${packedBytes}`)
    const { data } = await rest.actions.downloadArtifact({ ...where, artifact_id: id, archive_format: 'zip' })
    try {
      for (const file of unzip(Buffer.from(data as ArrayBuffer), wanted.file, zip))
        files.push({ ...file, path: `${name}/${file.path}` })
    } catch (error) {
      throw new Error(`the artifact ${name} is refused: ${(error as Error).message}`)
    }
  }
  return files
}
