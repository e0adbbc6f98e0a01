// `npm run soak -- <section> [--name value ...]`: long runs of the bundles under faults. Prints each figure beside its bound; exits with 1 when
// one is broken. Linux only: it reads /proc.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

const SECTIONS = ['runner', 'gateway', 'canary']

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    examples: { type: 'string' },
    minutes: { type: 'string' },
    rate: { type: 'string' },
    seed: { type: 'string' },
    keep: { type: 'boolean' },
  },
})
const [section] = positionals
if (positionals.length !== 1 || !SECTIONS.includes(section))
  throw new Error(`Name one section of ${SECTIONS.join(', ')}, got ${positionals.join(' ') || 'none'}`)

const { run, defaults, page } = await import(`./${section}.mjs`)
const { keep, ...given } = values
const settings = { ...defaults }
for (const [name, text] of Object.entries(given)) {
  if (!(name in defaults)) throw new Error(`--${name} is no option of ${section}`)
  settings[name] = typeof defaults[name] === 'number' ? Number(text) : text
}
const directory = mkdtempSync(join(tmpdir(), 'agent-ci-soak-'))
try {
  const startedAt = performance.now()
  const rows = await run(settings, directory)
  const head = ['what', 'figure', 'bound', '']
  const cells = rows.map(({ what, figure, bound, ok }) => [what, figure, bound, ok ? 'kept' : 'BROKEN'])
  const broken = rows.filter(({ ok }) => !ok).length
  const { table, writeSection } = await import('../bench/page.mjs')
  console.log(table(head, cells))
  console.log(`${section}: ${((performance.now() - startedAt) / 1_000).toFixed(0)} s, ${broken} bounds broken`)
  // A shorter run shows that the soak works, and not what the page promises.
  if (Object.keys(given).length === 0)
    writeSection({ name: `soak-${section}`, ...page, command: `npm run soak -- ${section}`, head, rows: cells })
  if (broken > 0) process.exitCode = 1
} finally {
  if (keep) console.error(directory)
  else rmSync(directory, { recursive: true, force: true })
}
