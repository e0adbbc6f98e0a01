import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { GithubStub } from './github-stub.ts'

const GIT = '/repos/{owner}/{repo}/git'
const { description } = GithubStub

interface TreeEntry {
  readonly path: string
  readonly mode: string
  readonly type: string
  readonly sha: string | null
}

const failure = (status: number, message: string) => ({
  status,
  body: { message, documentation_url: 'https://docs.github.com/rest', status: String(status) },
})

/** GitHub's Git Data API in front of a real bare repository, so that what is written there is judged by git itself. */
export class GitData {
  readonly directory = mkdtempSync(join(tmpdir(), 'git-data-'))
  private indexes = 0

  constructor(stub: GithubStub) {
    this.git(['init', '--quiet', '--bare', '--initial-branch=main'])
    stub
      .on('GET /repos/{owner}/{repo}', () => {
        // GitHub's own example lacks what its schema requires.
        const { source: _, ...example } = description.example<{ source: object }>('GET /repos/{owner}/{repo}', 200)
        return { status: 200, body: { ...example, language: null } }
      })
      .on(`GET ${GIT}/ref/{ref}`, ({ params }) => {
        const sha = this.shaOf(`refs/${params.ref}`)
        return sha ? { status: 200, body: this.ref(`refs/${params.ref}`, sha) } : failure(404, 'Not Found')
      })
      .on(`GET ${GIT}/trees/{tree_sha}`, ({ params, query }) => {
        const recursive = query.has('recursive') ? ['-r', '-t'] : []
        const lines = this.git(['ls-tree', '-l', '-z', ...recursive, params.tree_sha!])
          .split('\0')
          .filter(Boolean)
        return {
          status: 200,
          body: { ...this.tree(params.tree_sha!), tree: lines.map(entryOf) },
        }
      })
      .on(`GET ${GIT}/blobs/{file_sha}`, ({ params }) => {
        const sha = params.file_sha!
        const bytes = this.bytes(['cat-file', 'blob', sha])
        // As GitHub does: base64 in lines of sixty.
        const content = bytes.toString('base64').replaceAll(/.{60}/g, '$&\n')
        const { content: _, ...example } = description.example<{ content: string }>(`GET ${GIT}/blobs/{file_sha}`, 200)
        return { status: 200, body: { ...example, sha, size: bytes.length, encoding: 'base64', content } }
      })
      .on(`POST ${GIT}/blobs`, ({ body }) => {
        const { content, encoding } = body as { content: string; encoding?: BufferEncoding }
        const bytes = Buffer.from(content, encoding === 'base64' ? 'base64' : 'utf8')
        const sha = this.git(['hash-object', '-w', '--stdin'], { input: bytes })
        return { status: 201, body: { sha, url: `https://api.github.com/blobs/${sha}` } }
      })
      .on(`POST ${GIT}/trees`, ({ body }) => {
        const { tree, base_tree: base } = body as { tree: TreeEntry[]; base_tree?: string }
        const env = { GIT_INDEX_FILE: join(this.directory, `index-${this.indexes++}`) }
        if (base !== undefined) this.git(['read-tree', base], { env })
        const lines = tree.map(({ mode, sha, path }) =>
          sha === null ? `0 ${'0'.repeat(40)}\t${path}` : `${mode} ${sha}\t${path}`,
        )
        this.git(['update-index', '--add', '--index-info'], { env, input: Buffer.from(`${lines.join('\n')}\n`) })
        const sha = this.git(['write-tree'], { env })
        return { status: 201, body: { ...this.tree(sha), tree: [] } }
      })
      .on(`GET ${GIT}/commits/{commit_sha}`, ({ params }) => {
        const sha = params.commit_sha!
        const example = description.example<{ tree: object }>(`GET ${GIT}/commits/{commit_sha}`, 200)
        return { status: 200, body: { ...example, sha, tree: { ...example.tree, sha: this.shaOf(`${sha}^{tree}`) } } }
      })
      .on(`POST ${GIT}/commits`, ({ body }) => {
        const { message, tree, parents } = body as { message: string; tree: string; parents: string[] }
        const sha = this.git(['commit-tree', tree, ...parents.flatMap((parent) => ['-p', parent]), '-m', message])
        return { status: 201, body: { ...description.example<object>(`POST ${GIT}/commits`, 201), sha } }
      })
      .on(`POST ${GIT}/refs`, ({ body }) => {
        const { ref, sha } = body as { ref: string; sha: string }
        if (this.shaOf(ref)) return failure(422, 'Reference already exists')
        this.git(['update-ref', ref, sha])
        return { status: 201, body: this.ref(ref, sha) }
      })
      .on(`PATCH ${GIT}/refs/{ref}`, ({ params, body }) => {
        const { sha, force } = body as { sha: string; force?: boolean }
        const ref = `refs/${params.ref}`
        const old = this.shaOf(ref)
        if (!old) return failure(422, 'Reference does not exist')
        if (!force && this.git(['merge-base', old, sha], { orElse: '' }) !== old)
          return failure(422, 'Update is not a fast forward')
        this.git(['update-ref', ref, sha])
        return { status: 200, body: this.ref(ref, sha) }
      })
  }

  /** The text of a file of a branch. */
  show(branch: string, path: string): string {
    return this.bytes(['cat-file', 'blob', `refs/heads/${branch}:${path}`]).toString()
  }

  /** Puts a file on a branch, as somebody with a checkout would. */
  put(branch: string, path: string, content: string | Buffer): void {
    const env = { GIT_INDEX_FILE: join(this.directory, `index-${this.indexes++}`) }
    const parent = this.shaOf(`refs/heads/${branch}`)
    if (parent) this.git(['read-tree', parent], { env })
    const blob = this.git(['hash-object', '-w', '--stdin'], { input: Buffer.from(content) })
    this.git(['update-index', '--add', '--cacheinfo', `100644,${blob},${path}`], { env })
    const commit = [
      'commit-tree',
      this.git(['write-tree'], { env }),
      ...(parent ? ['-p', parent] : []),
      '-m',
      'By hand',
    ]
    this.git(['update-ref', `refs/heads/${branch}`, this.git(commit)])
  }

  /** What git prints, without the last newline. */
  git(
    args: readonly string[],
    { input, env, orElse }: { input?: Buffer; env?: Record<string, string>; orElse?: string } = {},
  ): string {
    try {
      return this.bytes(args, { ...(input && { input }), ...(env && { env }) })
        .toString()
        .replace(/\n$/, '')
    } catch (error) {
      if (orElse === undefined) throw error
      return orElse
    }
  }

  remove(): void {
    rmSync(this.directory, { recursive: true })
  }

  private bytes(
    args: readonly string[],
    { input, env }: { input?: Buffer; env?: Record<string, string> } = {},
  ): Buffer {
    const who = { GIT_AUTHOR_NAME: 'a', GIT_AUTHOR_EMAIL: 'a@b', GIT_COMMITTER_NAME: 'a', GIT_COMMITTER_EMAIL: 'a@b' }
    return execFileSync('git', args, {
      cwd: this.directory,
      env: { PATH: process.env.PATH, ...who, ...env },
      stdio: ['pipe', 'pipe', 'ignore'],
      maxBuffer: 1e9,
      ...(input && { input }),
    })
  }

  private shaOf(name: string): string | undefined {
    // A name of a branch is a small file, as long as nobody packs them: quicker than a process.
    if (name.startsWith('refs/')) {
      const file = join(this.directory, name)
      return existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined
    }
    return this.git(['rev-parse', '--quiet', '--verify', name], { orElse: '' }) || undefined
  }

  private ref(ref: string, sha: string) {
    const example = description.example<{ object: object }>(`GET ${GIT}/ref/{ref}`, 200)
    return { ...example, ref, object: { ...example.object, type: 'commit', sha } }
  }

  private tree(sha: string) {
    return { sha, url: `https://api.github.com/trees/${sha}`, truncated: false }
  }
}

/** A line of `ls-tree -l`: mode, type, sha and size, then the path. */
function entryOf(line: string) {
  const [head = '', path] = line.split('\t')
  const [mode, type, sha, size] = head.split(/ +/)
  const sized = type === 'blob' ? { size: Number(size) } : {}
  return { path, mode, type, sha, ...sized, url: `https://api.github.com/${type}s/${sha}` }
}
