import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Git, ObjectId, Rename, TreeEntry } from './git.ts'
import { type GitDeps, type RunOptions, runGit } from './run.ts'

const FETCH_TIMEOUT_MS = 300_000
const isObjectId = (text: string): boolean => /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(text)

/** The parts of an output with `-z`, which ends each with NUL: a path may hold anything else. */
const parts = (output: Buffer): string[] => output.toString('utf8').split('\0').slice(0, -1)

/** One answer of `git cat-file --batch`: `<oid> <type> <size>` on a line, the content, a line break. */
function parseBatch(output: Buffer): Map<ObjectId, Buffer> {
  const found = new Map<ObjectId, Buffer>()
  for (let at = 0; at < output.length; ) {
    const lineEnd = output.indexOf(0x0a, at)
    const [oid = '', type, size] = output.toString('latin1', at, lineEnd).split(' ')
    at = lineEnd + 1
    if (size === undefined) continue
    if (type === 'blob') found.set(oid, output.subarray(at, at + Number(size)))
    at += Number(size) + 1
  }
  return found
}

/** git itself, run in a directory of the repository. */
export function gitBinary(deps: GitDeps): Git {
  const run = (args: readonly string[], options?: RunOptions) => runGit(deps, args, options)
  const line = async (args: readonly string[], options?: RunOptions) =>
    (await run(args, options)).stdout.toString('utf8').replace(/\r?\n$/, '')

  const isShallow = async () => (await line(['rev-parse', '--is-shallow-repository'])) === 'true'

  /** Commits whose parents a shallow clone does not have. */
  const shallowCommits = async (): Promise<Set<ObjectId>> => {
    const file = resolve(deps.cwd, await line(['rev-parse', '--git-path', 'shallow']))
    return new Set((await readFile(file, 'utf8')).split('\n'))
  }

  return {
    prefix: async () => (await line(['rev-parse', '--show-prefix'])).replace(/\/$/, ''),

    commit: async (name) => {
      // --end-of-options came to rev-parse with git 2.30; no ref begins with a dash.
      if (name.startsWith('-') || name.includes('\0')) return undefined
      const found = await line(['rev-parse', '--verify', '--quiet', `${name}^{commit}`], { allow: [1, 128] })
      return isObjectId(found) ? found : undefined
    },

    isShallow,

    depth: async (commit) => Number(await line(['rev-list', '--count', commit, '--'])),

    mergeBase: async (a, b) => {
      const found = await line(['merge-base', a, b], { allow: [1] })
      const commit = found === '' ? undefined : found
      if (!(await isShallow())) return { commit, certain: true }
      if (commit === undefined) return { commit, certain: false }
      // A newer common ancestor would be reached through commits that are not behind the one found. None of them lacking its
      // parents, there is no other way.
      const between = await line(['rev-list', a, b, `^${commit}`, '--'])
      const shallow = await shallowCommits()
      return { commit, certain: !between.split('\n').some((oid) => shallow.has(oid)) }
    },

    fetch: async (remote, wanted, depth) => {
      const limit = depth === undefined ? [] : depth === 'all' ? ['--unshallow'] : [`--depth=${depth}`]
      const options = ['--quiet', '--no-tags', '--no-recurse-submodules', ...limit]
      await run(['fetch', ...options, '--', remote, ...wanted], {
        timeoutMs: deps.fetchTimeoutMs ?? FETCH_TIMEOUT_MS,
      })
    },

    files: async (commit, wanted) => {
      const { stdout } = await run(['ls-tree', '-r', '-z', '--full-tree', commit])
      return parts(stdout)
        .map(parseTreeLine)
        .filter(({ path }) => wanted(path))
    },

    entry: async (commit, path) => {
      const { stdout } = await run(['ls-tree', '-z', '--full-tree', commit, '--', path])
      return parts(stdout)
        .map(parseTreeLine)
        .find((entry) => entry.path === path)
    },

    renames: async (from, to) => {
      const flags = [
        '-r',
        '-z',
        '--raw',
        '--no-abbrev',
        '-M',
        '-l1000',
        '--diff-filter=R',
        '--no-ext-diff',
        '--no-textconv',
      ]
      const fields = parts((await run(['diff-tree', ...flags, from, to, '--'])).stdout)
      const renames: Rename[] = []
      for (let i = 0; i + 2 < fields.length; i += 3) {
        const [fromMode = '', toMode = '', fromOid = '', toOid = ''] = fields[i]!.slice(1).split(' ')
        renames.push({
          from: { path: fields[i + 1]!, mode: fromMode, oid: fromOid },
          to: { path: fields[i + 2]!, mode: toMode, oid: toOid },
        })
      }
      return renames
    },

    sizes: async (oids) => {
      const lines = await line(['cat-file', '--batch-check'], { input: oids.map((oid) => `${oid}\n`).join('') })
      return new Map(
        lines
          .split('\n')
          .map((text) => text.split(' '))
          .filter(([, type]) => type === 'blob')
          .map(([oid, , size]) => [oid!, Number(size)]),
      )
    },

    blobs: async (oids) => {
      if (oids.length === 0) return new Map()
      return parseBatch((await run(['cat-file', '--batch'], { input: oids.map((oid) => `${oid}\n`).join('') })).stdout)
    },
  }
}

/** `<mode> <type> <oid>\t<path>` */
function parseTreeLine(text: string): TreeEntry {
  const tab = text.indexOf('\t')
  const [mode = '', , oid = ''] = text.slice(0, tab).split(' ')
  return { path: text.slice(tab + 1), mode, oid }
}
