// What the statistics weigh in a bundle, and what a boundary takes to compute.
import { build } from 'esbuild'
import { sequentialBoundary } from '../../../packages/core/src/statistics/boundary.ts'
import { atMost, known } from './models.mjs'

const DECISIONS = [
  'effective-size',
  'share-gate',
  'quantile-gate',
  'mean-gate',
  'power',
  'boundary',
  'sequential-gate',
  'sequential-score',
  'look-ahead',
  'run-stop',
  'stopped',
  'paired',
  'paired-delta',
  'pairing',
  'flips',
  'repeats',
]

async function bundled(files) {
  const folder = new URL('../../../packages/core/src/statistics/', import.meta.url)
  const { outputFiles } = await build({
    stdin: {
      contents: files.map((file) => `export * from './${file}.ts'`).join('\n'),
      resolveDir: folder.pathname,
      loader: 'ts',
    },
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'node20',
    write: false,
  })
  return outputFiles[0].contents.length / 1000
}

async function size() {
  return [
    atMost('gates, early stop, comparison and flips, bundled and minified', await bundled(DECISIONS), 12, 'kB'),
    known('  with the sentences of explain.ts', await bundled([...DECISIONS, 'explain']), 'kB'),
  ]
}

function time() {
  const timed = (total) => {
    const start = performance.now()
    sequentialBoundary(total, Math.ceil(0.85 * total), 0.01)
    return performance.now() - start
  }
  timed(100)
  const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)]
  return [100, 200, 1000, 2000].map((total) => {
    const figure = median([timed(total), timed(total), timed(total)])
    const what = `a boundary for N=${total}`
    return total === 1000 ? atMost(what, figure, 200, 'ms') : known(what, figure, 'ms')
  })
}

export const parts = { size, time }
