import { existsSync } from 'node:fs'
import { ConfigurationError, formatProblem } from '@agent-ci/core/errors'
import type { Host, Outcome } from '@agent-ci/core/host'
import { suggestName } from '@agent-ci/core/nearest'
import { forLog } from '@agent-ci/core/untrusted'
import { diffVersions, latestVersion, requirePrompt } from '@agent-ci/prompts/store/read'
import { savePrompt, usePrompt } from '@agent-ci/prompts/store/save'
import { verifyStore } from '@agent-ci/prompts/store/verify'
import { countOf } from '@agent-ci/reporting/numbers'
import { type Command, done } from '../command.ts'
import { parseMetadata, printContent, readContent } from './prompts/content.ts'
import { renderDiff } from './prompts/diff-view.ts'
import { promptTable, unlessDamaged, versionTable } from './prompts/listing.ts'

/** Relative, as the working directory's, so that messages name files as people would. */
const DEFAULT_STORE = 'prompts'

interface Action {
  /** What follows the word: `<required>` and `[optional]`. */
  readonly operands: readonly string[]
  readonly options: readonly string[]
  readonly run: (host: Host, store: string, operands: readonly string[]) => Promise<Outcome>
}

const OPTIONS = {
  store: `Folder of the prompts (default: ${DEFAULT_STORE})`,
  file: 'save: file with the content (default: stdin)',
  metadata: `save: a JSON object to keep beside it: '{"author":"Ada"}'`,
  version: 'get: which version (default: latest)',
  words: 'diff: by words instead of lines',
}

async function save(host: Host, store: string, [name = '']: readonly string[]): Promise<Outcome> {
  const metadata = parseMetadata(host.input('metadata'))
  const saved = await savePrompt(store, name, await readContent(host), metadata, { now: host.date })
  return done(`${saved.name} ${saved.version} ${saved.hash}`)
}

async function get(host: Host, store: string, [name = '']: readonly string[]): Promise<Outcome> {
  printContent((await requirePrompt(store, name, host.input('version') || undefined)).content)
  return done('')
}

async function list(host: Host, store: string, [name]: readonly string[]): Promise<Outcome> {
  if (name === undefined) {
    const { lines, prompts } = await promptTable(store)
    if (prompts > 0) for (const line of lines) host.info(line)
    return done(`${countOf(prompts, 'prompt')} in ${forLog(store)}`)
  }
  const { lines, inUse } = await versionTable(store, name)
  for (const line of lines) host.info(line)
  return done(`${countOf(lines.length, 'version')} of ${name}; in use: ${inUse}`)
}

async function diff(host: Host, store: string, [name = '', from = '', to = '']: readonly string[]): Promise<Outcome> {
  const compared = await diffVersions(store, name, from, to)
  const { base, head, added, removed } = compared
  for (const line of renderDiff(compared, { words: host.input('words') !== '', colour: host.colour })) host.info(line)
  if (compared.hunks.length === 0) return done(`${base.version} and ${head.version} of ${name} read the same`)
  return done(`${countOf(added, 'line')} added, ${countOf(removed, 'line')} removed`)
}

async function use(_: Host, store: string, [name = '', version = '']: readonly string[]): Promise<Outcome> {
  const before = await unlessDamaged(latestVersion(store, name))
  const { version: now } = await usePrompt(store, name, version)
  return done(
    before === now ? `${name}: ${now} is in use already` : `${name}: ${forLog(before ?? 'none', 100)} -> ${now}`,
  )
}

async function verify(host: Host, store: string): Promise<Outcome> {
  const { prompts, versions, problems } = await verifyStore(store)
  if (prompts === 0) {
    throw new ConfigurationError({
      what: `There is no saved prompt in ${store}`,
      why: 'A check of nothing would pass whatever happened to the prompts',
      mend: 'Name the store with --store',
    })
  }
  for (const problem of problems) host.info(forLog(formatProblem(problem)))
  if (problems.length === 0)
    return done(`${countOf(versions, 'version')} of ${countOf(prompts, 'prompt')}: all as they were saved`)
  return { verdict: 'failed', exitStatus: 1, headline: `${countOf(problems.length, 'problem')} in ${forLog(store)}` }
}

const ACTIONS: Readonly<Record<string, Action>> = {
  save: { operands: ['<name>'], options: ['file', 'metadata'], run: save },
  get: { operands: ['<name>'], options: ['version'], run: get },
  list: { operands: ['[name]'], options: [], run: list },
  diff: { operands: ['<name>', '<from>', '<to>'], options: ['words'], run: diff },
  use: { operands: ['<name>', '<version>'], options: [], run: use },
  verify: { operands: [], options: [], run: verify },
}

const usageOf = (word: string, { operands, options }: Action): string =>
  ['agent-ci prompts', word, ...operands, ...[...options, 'store'].map((option) => `[--${option}]`)].join(' ')

/** What is wrong with a command line whose word is known. */
function misuse(host: Host, word: string, action: Action, given: readonly string[]): string | undefined {
  const required = action.operands.filter((operand) => operand.startsWith('<'))
  if (given.length < required.length) return `${word} needs ${required.slice(given.length).join(' and ')}`
  const excess = given[action.operands.length]
  if (excess !== undefined) return `${word} takes no "${forLog(excess, 100)}"`
  const misplaced = Object.keys(OPTIONS).find(
    (option) => option !== 'store' && !action.options.includes(option) && host.input(option) !== '',
  )
  return misplaced && `${word} has no option --${misplaced}`
}

function actionOf(host: Host, word: string, operands: readonly string[]): Action {
  const action = Object.hasOwn(ACTIONS, word) ? ACTIONS[word] : undefined
  if (!action) {
    const words = Object.keys(ACTIONS)
    throw new ConfigurationError({
      what: word === '' ? 'agent-ci prompts was not told what to do' : `agent-ci prompts has no "${forLog(word, 100)}"`,
      why: `Expected one of ${words.join(', ')}`,
      mend:
        word === ''
          ? 'Write for example agent-ci prompts list'
          : suggestName(word, words, 'Write for example agent-ci prompts list'),
    })
  }
  const what = misuse(host, word, action, operands)
  if (what === undefined) return action
  throw new ConfigurationError({
    what,
    why: 'A command line that is only half understood is not run',
    mend: `Write ${usageOf(word, action)}`,
  })
}

/** What the disk refuses, the user can mend; everything else goes on as it is. */
function asProblem(error: unknown): unknown {
  if (!(error instanceof Error && 'syscall' in error)) return error
  return new ConfigurationError({
    what: error.message,
    why: 'The file or folder cannot be read or written',
    mend: 'Check its name, its permissions and the space on the disk',
  })
}

/** `agent-ci prompts save|get|list|diff|use|verify`: the guide's PromptManager in a shell. */
export const promptsCommand: Command = {
  operands: '<action> …',
  options: OPTIONS,
  flags: { words: { alone: 'true', words: [] } },
  run: async (host, [word = '', ...operands]) => {
    const action = actionOf(host, word, operands)
    const store = host.input('store') || DEFAULT_STORE
    if (word !== 'save' && !existsSync(store)) {
      throw new ConfigurationError({
        what: `There is no folder ${store}`,
        why: 'Expected a prompt store: prompts/<name>/<version>.json',
        mend: 'Name it with --store, or begin one: agent-ci prompts save <name> --file prompt.md',
      })
    }
    try {
      return await action.run(host, store, operands)
    } catch (error) {
      throw asProblem(error)
    }
  },
}
