// Bundles tsc's output into dist/<name>/: `node tools/bundle.mjs [name ...]`, from the repository's root, because ncc hashes module
// ids from paths relative to the working directory. One after another: each takes up to 1.5 GB.
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { transformSync } from 'esbuild'
import { BUNDLES } from './bundles.mjs'

const names = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(BUNDLES)

/**
 * Packages whose modules only define things, which they do not say: ncc leaves unused modules out by the `sideEffects` of their package.json.
 * The 4 MB of generated API in @kubernetes/client-node, and the OIDC client in @actions/core with its HTTP library, are never called.
 */
const PURE = ['@actions/core', '@kubernetes/client-node']

/** Runs work while the packages say that they are pure. */
function whilePure(work) {
  const paths = PURE.map((name) => join('node_modules', name, 'package.json'))
  const before = paths.map((path) => readFileSync(path, 'utf8'))
  // Renamed into place, because package managers share files between trees by hard links.
  const put = (path, text) => {
    writeFileSync(`${path}.new`, text)
    renameSync(`${path}.new`, path)
  }
  try {
    for (const [i, path] of paths.entries()) put(path, JSON.stringify({ ...JSON.parse(before[i]), sideEffects: false }))
    work()
  } finally {
    for (const [i, path] of paths.entries()) put(path, before[i])
  }
}

for (const name of names) whilePure(() => bundle(name))

function bundle(name) {
  const directory = join('dist', name)
  rmSync(directory, { recursive: true, force: true })
  execFileSync(
    process.execPath,
    [
      'node_modules/@vercel/ncc/dist/ncc/cli.js',
      'build',
      BUNDLES[name],
      '--out',
      directory,
      '--license',
      'licenses.txt',
      '--no-cache',
      '--quiet',
    ],
    { stdio: 'inherit' },
  )
  let bytes = 0
  for (const file of readdirSync(directory).filter((path) => /\.[cm]?js$/.test(path))) {
    const path = join(directory, file)
    // ncc minifies only index.js; the chunks that load on demand are the larger part. Names stay, for readable stacks.
    const { code } = transformSync(readFileSync(path, 'utf8'), {
      format: 'esm',
      target: 'node20',
      minify: true,
      keepNames: false,
      legalComments: 'none',
      charset: 'utf8',
    })
    writeFileSync(path, code)
    bytes += Buffer.byteLength(code)
  }
  console.log(`${directory}: ${(bytes / 1e6).toFixed(2)} MB of JavaScript in ${readdirSync(directory).length} files`)
}
