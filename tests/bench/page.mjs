// docs/benchmarks.md: a section for each part of `npm run bench` and `npm run soak`. What was not run keeps its table, date and machine.
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, totalmem } from 'node:os'
import { join, resolve } from 'node:path'

const ROOT = resolve(import.meta.dirname, '../..')
const PAGE = join(ROOT, 'docs/benchmarks.md')
/** In the order of the page. */
const SECTIONS = [
  'eval',
  'memory',
  'safety',
  'start',
  'gateway',
  'rollback',
  'sizes',
  'soak-runner',
  'soak-gateway',
  'soak-canary',
]

const HEAD = [
  '# How fast, how large, how steady',
  '',
  'Written by `npm run bench` and `npm run soak`; a section has the date, commit and machine of its own run. Machines differ and drift, so the',
  'ratios count: each figure stands beside the floor of what it does, or beside another tool that does the same. Figures are medians of whole',
  'processes, started as the runner starts them; times that were taken under a load above the number of cores are longer than they need be.',
  '',
].join('\n')

export const table = (head, rows) =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')

const git = (...args) => execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' }).trim()

/** Where and when this run is. */
function circumstances() {
  const model = cpus()[0].model.replaceAll(/\((?:R|TM)\)/g, '')
  const changed = git('status', '--porcelain', '--', '.', ':!docs/benchmarks.md') === '' ? '' : ' with changes'
  return [
    new Date().toISOString().slice(0, 10),
    `commit ${git('rev-parse', '--short=10', 'HEAD')}${changed}`,
    `${cpus().length} cores of ${model} under a load of ${loadavg()[0].toFixed(1)}`,
    `${Math.round(totalmem() / 2 ** 30)} GiB`,
    `Node ${process.versions.node}`,
  ].join(', ')
}

const opening = (name) => `<!-- ${name} -->\n`

function sectionsOf(text) {
  return new Map(
    text
      .split(/^(?=<!-- [a-z-]+ -->$)/m)
      .slice(1)
      .map((part) => [/<!-- ([a-z-]+)/.exec(part)[1], part.trimEnd()]),
  )
}

/** A page with one section written anew; the others stay as they are, in the order of the page. */
export function withSection(page, name, text) {
  if (!SECTIONS.includes(name)) throw new Error(`There is no section ${name}: expected one of ${SECTIONS.join(', ')}`)
  const sections = sectionsOf(page).set(name, `${opening(name)}${text}`)
  return `${HEAD}\n${SECTIONS.flatMap((known) => sections.get(known) ?? []).join('\n\n')}\n`
}

/** Puts a section of this run in its place; `command` makes it again. */
export function writeSection({ name, title, lead, command, head, rows }) {
  const from = `\`${command}\`: ${circumstances()}.`
  const page = existsSync(PAGE) ? readFileSync(PAGE, 'utf8') : ''
  writeFileSync(PAGE, withSection(page, name, `## ${title}\n\n${lead}\n\n${table(head, rows)}\n\n${from}`))
}
