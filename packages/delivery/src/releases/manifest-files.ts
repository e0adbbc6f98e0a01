import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { ConfigurationError, type Problem } from '@agent-ci/core/errors'
import { gatherAsync } from './gather.ts'

/** A file of manifests as it was read. */
export interface ManifestFile {
  /** As messages name it: relative to the working directory. */
  readonly path: string
  readonly text: string
}

/** More than the API server would take of a single object; no hand writes a file of this size. */
const MOST_BYTES = 8 * 1024 * 1024

const refusal = (path: string, what: string, why: string, mend: string): Problem => ({
  what,
  why,
  mend,
  source: { file: path, line: 1 },
})

/** Files that are input of another tool and no manifests. */
function otherTool(path: string): Problem | undefined {
  const name = basename(path).toLowerCase()
  if (/^kustomization(\.ya?ml)?$/.test(name)) {
    const mend = `Write kubectl kustomize ${join(path, '..')} > manifests.yaml before this step and give that file`
    return refusal(path, `${path} is input of kustomize`, 'Only finished manifests can be applied', mend)
  }
  if (name === 'chart.yaml') {
    const mend = `Write helm template ${join(path, '..')} > manifests.yaml before this step and give that file`
    return refusal(path, `${path} is a Helm chart`, 'Only finished manifests can be applied', mend)
  }
}

async function readManifest(path: string, cwd: string): Promise<ManifestFile> {
  const other = otherTool(path)
  if (other) throw new ConfigurationError(other)
  const bytes = await readFile(resolve(cwd, path))
  if (bytes.length > MOST_BYTES) {
    const why = 'A file of manifests has at most 8 MiB'
    throw new ConfigurationError(refusal(path, `${path} has ${bytes.length} bytes`, why, 'Split the file'))
  }
  try {
    return { path, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) }
  } catch {
    throw new ConfigurationError(
      refusal(path, `${path} is not UTF-8`, 'Manifests are texts in UTF-8', 'Save the file in that encoding'),
    )
  }
}

async function filesAt(path: string, cwd: string): Promise<string[]> {
  const found = await stat(resolve(cwd, path)).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') throw error
    const why = 'Expected a file or a directory of manifests'
    throw new ConfigurationError({ what: `${path} does not exist`, why, mend: 'Check the manifests input' })
  })
  if (!found.isDirectory()) return [path]
  const entries = await readdir(resolve(cwd, path), { withFileTypes: true })
  const names = entries.filter((entry) => !entry.isDirectory() && /\.(?:ya?ml|json)$/.test(entry.name))
  if (names.length > 0) return names.map(({ name }) => join(path, name)).sort()
  throw new ConfigurationError({
    what: `${path} has no manifests`,
    why: 'Expected files ending in .yaml, .yml or .json; directories inside it are not searched',
    mend: 'Name the directory that holds them, or the files',
  })
}

/**
 * Reads files and directories as `kubectl apply -f` does: of a directory its `.yaml`, `.yml` and `.json` files in the order of their
 * names, not those of directories inside it. A file that is named twice is read once.
 *
 * @throws {ConfigurationError} with all paths that cannot be read
 */
export async function readManifestFiles(paths: readonly string[], cwd: string): Promise<ManifestFile[]> {
  const found = await gatherAsync(paths, async (path) => {
    const files = await filesAt(path, cwd)
    return files.map((file) => [resolve(cwd, file), file] as const)
  })
  return gatherAsync(new Map(found.flat()).values(), (file) => readManifest(file, cwd))
}
