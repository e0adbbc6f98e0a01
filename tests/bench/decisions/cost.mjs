// What the statistics weigh in a bundle, and what a boundary takes to compute.
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { sequentialBoundary } from '../../../packages/core/src/statistics/boundary.ts'
import { atMost, known } from './models.mjs'

/** By file: the names that a bundle takes from it. */
const DECISIONS = {
  'effective-size': 'effectiveSample, shrink, tallyOf, ESTIMANDS',
  'share-gate': 'judgeShare',
  power: 'detectableDrop',
  need: 'criticalCounts, needPasses',
  boundary: 'certainBoundary, sequentialBoundary',
  'sequential-gate': 'SequentialGate, STOPS',
  'run-stop': 'RunStop',
  stopped: 'decisiveNeed, judgeStopped',
  paired: 'comparePaired',
  flips: 'isSuspect, confirmFlips, FLIP_RERUNS',
}
const AMOUNTS = {
  'quantile-gate': 'judgeQuantile',
  'mean-gate': 'judgeMean',
  'paired-delta': 'pairedDelta',
  pairing: 'pairExamples',
}
const WORDS = {
  explain: 'explainShare, explainReach, explainDrop, explainNext, explainComparison, explainFlips',
}

/** Kilobytes of these functions and all that they need, as esbuild minifies our bundles. */
async function bundled(names) {
  const imports = Object.entries(names).map(([file, list]) => `import { ${list} } from './${file}.ts'`)
  const uses = `globalThis.kept = [${Object.values(names).join(', ')}]`
  const { outputFiles } = await build({
    stdin: {
      contents: [...imports, uses].join('\n'),
      resolveDir: fileURLToPath(new URL('../../../packages/core/src/statistics', import.meta.url)),
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
    known('  with latency, cost and their differences', await bundled({ ...DECISIONS, ...AMOUNTS }), 'kB'),
    known('  and the sentences for people', await bundled({ ...DECISIONS, ...AMOUNTS, ...WORDS }), 'kB'),
  ]
}

function time() {
  const timed = (total) => {
    const start = performance.now()
    sequentialBoundary(total, Math.ceil(0.85 * total), 0.01)
    return performance.now() - start
  }
  timed(100)
  return [100, 200, 1000, 2000].map((total) => {
    const [, median] = [timed(total), timed(total), timed(total)].sort((a, b) => a - b)
    const what = `a boundary for N=${total}`
    return total === 1000 ? atMost(what, median, 200, 'ms') : known(what, median, 'ms')
  })
}

export const parts = { size, time }
