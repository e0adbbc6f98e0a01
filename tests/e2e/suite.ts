import { cpSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { build } from 'esbuild'

const ROOT = join(import.meta.dirname, '../..')
const STAND_INS = join(import.meta.dirname, 'stand-ins')

/** The local action in the place of each third-party one that our workflows and examples name. */
const REPLACED: Readonly<Record<string, string>> = {
  'actions/checkout': 'checkout',
  'actions/setup-python': 'setup',
  'actions/setup-node': 'setup',
  'actions/upload-artifact': 'upload-artifact',
  'actions/download-artifact': 'download-artifact',
  'github/codeql-action': 'upload-sarif',
}
/** Where in its repository the action lies. */
const INSIDE: Readonly<Record<string, string>> = { 'upload-sarif': 'upload-sarif' }

/** act takes no workflow with a key that it does not know. */
export const withoutQueues = (workflow: string): string => workflow.replaceAll(/^ +queue: max\n/gm, '')

/** What act is told to take from this machine instead of from GitHub: `owner/name@ref` and its directory. */
export type LocalRepositories = ReadonlyMap<string, string>

/**
 * Our repository as users get it, in `directory`: actions, bundles and workflows, and the stand-ins. act knows neither `$/` (the repository of the
 * file that it stands in), which is written as `org/agent-ci/…@v1`, nor `queue: max`, which is left out; nothing else is changed.
 */
export async function stageSuite(directory: string, log: (line: string) => void): Promise<LocalRepositories> {
  const ours = join(directory, 'agent-ci')
  for (const action of globSync('*/action.yml', { cwd: ROOT })) {
    const name = action.split('/')[0]!
    cpSync(join(ROOT, action), join(ours, action))
    cpSync(join(ROOT, 'dist', name), join(ours, 'dist', name), { recursive: true })
  }
  cpSync(join(ROOT, 'suites'), join(ours, 'suites'), { recursive: true })
  const workflows = join(ours, '.github/workflows')
  mkdirSync(workflows, { recursive: true })
  let references = 0
  const used = new Set<string>()
  for (const file of globSync(['.github/workflows/*.yml', 'example-workflows/*.yml'], { cwd: ROOT })) {
    const text = readFileSync(join(ROOT, file), 'utf8')
    for (const [, repository, ref] of text.matchAll(/uses: ([\w-]+\/[\w-]+)(?:\/\S*)?@(\S+)/g))
      used.add(`${repository}@${ref}`)
    if (!file.startsWith('.github')) continue
    const rewritten = withoutQueues(text).replaceAll(/uses: \$\/(\S+)/g, (_, path) => {
      references++
      return `uses: org/agent-ci/${path}@v1`
    })
    writeFileSync(join(workflows, basename(file)), rewritten)
  }
  log(
    `act knows neither $/ nor queue: ${references} references are rewritten to org/agent-ci/…@v1, queue: max is left out`,
  )

  const repositories = new Map([['org/agent-ci@v1', ours]])
  const replaced: string[] = []
  for (const each of [...used].sort()) {
    const name = REPLACED[each.split('@')[0]!]
    if (name === undefined) continue
    const to = join(directory, 'stand-ins', name)
    cpSync(join(STAND_INS, name, 'action.yml'), join(to, INSIDE[name] ?? '', 'action.yml'))
    repositories.set(each, to)
    replaced.push(each.split('@')[0]!)
  }
  for (const main of globSync('*/main.ts', { cwd: STAND_INS })) {
    await build({
      entryPoints: [join(STAND_INS, main)],
      outfile: join(directory, 'stand-ins', main.split('/')[0]!, 'index.mjs'),
      bundle: true,
      platform: 'node',
      format: 'esm',
      logLevel: 'error',
      banner: {
        js: "import * as nodeModule from 'node:module'; const require = nodeModule.createRequire(import.meta.url);",
      },
    })
  }
  log(`replaced by stand-ins of tests/e2e/stand-ins, for they cannot run offline: ${replaced.join(', ')}`)
  return repositories
}

/** Takes all of it away. */
export function removeSuite(directory: string): void {
  rmSync(directory, { recursive: true, force: true })
}
