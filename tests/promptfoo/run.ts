// Judges the pairs of tests/fixtures/promptfoo with promptfoo and with agent-ci, and prints where they differ.
// `--record` writes promptfoo's verdicts into the fixture that `npm test` compares with.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DIFFERENCES } from '../fixtures/promptfoo/differences.ts'
import { LIBRARY_PAIRS, PAIRS, type Pair } from '../fixtures/promptfoo/pairs.ts'
import { SUITES } from '../fixtures/promptfoo/suites.ts'
import { withFiles } from '../unit/evaluation/datasets/harness.ts'
import { agree, differing, evaluateOurselves, judgeOurselves } from './ours.ts'
import { evaluateByPeer, installPeer, judgeByPeer, PINNED } from './peer.ts'

const record = process.argv.includes('--record')
const directory = installPeer(process.env, (line) => console.error(`promptfoo: ${line}`))
const pairs: readonly Pair[] = [...PAIRS, ...LIBRARY_PAIRS]
console.error(`promptfoo ${PINNED} judges ${pairs.length} pairs`)
const theirs = judgeByPeer(directory, pairs)
if (record) {
  const verdicts = theirs.slice(0, PAIRS.length).map((verdict) => JSON.stringify(verdict))
  const path = join(import.meta.dirname, '../fixtures/promptfoo/verdicts.json')
  writeFileSync(path, `{"promptfoo": "${PINNED}", "verdicts": [\n${verdicts.join(',\n')}\n]}\n`)
}
let unexplained = 0
const counts = new Map<string, { same: number; differ: number }>()
for (const [i, pair] of pairs.entries()) {
  const own = await judgeOurselves(pair, directory)
  const count = counts.get(pair.family) ?? { same: 0, differ: 0 }
  counts.set(pair.family, count)
  if (agree(theirs[i]!, own)) {
    count.same++
    continue
  }
  count.differ++
  const known = DIFFERENCES.find(({ matches }) => matches(pair))
  if (!known) unexplained++
  console.log(
    `${known ? `known, ${known.why}` : 'DIFFERS'}: ${JSON.stringify({ assert: pair.assert, threshold: pair.threshold, answer: pair.answer })}`,
  )
  console.log(`  promptfoo ${JSON.stringify(theirs[i])}\n  agent-ci  ${JSON.stringify(own)}`)
}
const suites = SUITES.map(({ name, files }) => ({ name, results: evaluateByPeer(directory, files) }))
if (record) {
  const lines = suites.map((suite) => JSON.stringify(suite))
  const path = join(import.meta.dirname, '../fixtures/promptfoo/evaluations.json')
  writeFileSync(path, `{"promptfoo": "${PINNED}", "suites": [\n${lines.join(',\n')}\n]}\n`)
}
for (const [i, { name, files }] of SUITES.entries()) {
  const own = await withFiles(files, (cwd) => evaluateOurselves(cwd))
  const { results } = suites[i]!
  const different = differing(results, own)
  console.log(`${name}: ${results.length} results, ${different.length} differ`)
  if (different.length === 0) continue
  unexplained += different.length
  console.log(`  promptfoo ${JSON.stringify(results)}\n  agent-ci  ${JSON.stringify(own)}`)
}
console.table(Object.fromEntries(counts))
console.log(`${pairs.length} pairs, ${unexplained} unexplained differences`)
process.exitCode = unexplained === 0 ? 0 : 1
