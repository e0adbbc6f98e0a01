import { COMMANDS } from '@agent-ci/cli/command-line'
import { describe, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { actionFiles, type Workflow, workflows } from './files.ts'

/** An input of an action, an input or a secret of a reusable workflow, or an option of a command. */
interface Input {
  readonly where: string
  readonly description: string
  /** Declared, or said by the description; undefined where the action behind it has its own. */
  readonly fallback: string | undefined
}

type Declared = Readonly<Record<string, { readonly description?: string; readonly default?: unknown } | null>>

const saidDefault = (description: string): string | undefined => /\(default ([^\s:;,)]+)[,;)]/.exec(description)?.[1]

const inputs = new Map<string, Input[]>()
const add = (where: string, name: string, description: string, declared?: unknown) => {
  const fallback = declared === undefined ? saidDefault(description) : String(declared)
  inputs.set(name, [...(inputs.get(name) ?? []), { where, description, fallback }])
}

for (const { path, text } of actionFiles) {
  const declared = (parse(text) as { readonly inputs?: Declared }).inputs ?? {}
  for (const [name, input] of Object.entries(declared)) add(path, name, input?.description ?? '', input?.default)
}
for (const { path, text } of workflows) {
  const { on } = parse(text) as Workflow
  const call = typeof on === 'object' && 'workflow_call' in on ? on.workflow_call : undefined
  for (const [name, input] of Object.entries({ ...call?.inputs, ...call?.secrets }))
    add(path, name, input.description ?? '', input.default)
}
// An option of one word of a command, `bless: only …`, is its own.
for (const [name, { load }] of Object.entries(COMMANDS))
  for (const [option, text] of Object.entries((await load()).options))
    if (!/^[a-z]+(?:, [a-z]+)*: /.test(text)) add(`agent-ci ${name}`, option, text)

const shared = [...inputs].filter(([, all]) => all.length > 1).map(([name, all]) => ({ name, all }))

/** What an input is, without its details: up to the first comma, colon, semicolon or bracket. */
const subjectOf = ({ description }: Input): string => description.split(/[,:;(]/)[0]!.trim()

/** Names that mean two things, which their places tell apart; the names are part of the outside contract. */
const TWO_MEANINGS: Readonly<Record<string, string>> = {
  annotations: 'each action annotates what it finds: examples of a dataset, or prompts',
  baseline: 'an earlier run to compare with; the commit of a control arm',
  history: 'of releases; of nights',
  'max-latency-p95': 'a gate of an evaluation, which has none by default; a limit of a canary',
  'max-latency-p99': 'a gate of an evaluation, which has none by default; a limit of a canary',
  mode: 'of the gateway, of a comment, of a rollback',
  'on-inconclusive': 'of a verdict; of a step of a rollout',
  output: 'a file, where one is written, or the directory of several',
  prompts: 'globs of files; sets of prompts of a night',
  timeout: 'of a trial; of the pods of a release',
}

/** Names with one meaning and more than one default. */
const TWO_DEFAULTS: Readonly<Record<string, string>> = {
  'artifact-name': 'artifacts of one run must differ',
  mode: 'two meanings',
  'on-inconclusive': 'two meanings',
  repeats: 'two prompts are told apart by what varies, which needs more than one trial of each example',
  'require-receipt': 'agent-pipeline.yml makes the receipt itself',
  timeout: 'two meanings',
  'timeout-minutes': 'a rollout takes hours, a shard minutes',
}

describe('an input or option that is found in several places', () => {
  test('is no rarity', () => expect(shared.length).toBeGreaterThan(60))

  test.each(shared)('$name says the same of itself everywhere, or it is listed why not', ({ name, all }) => {
    const subjects = [...new Set(all.map(subjectOf))]
    if (name in TWO_MEANINGS) expect(subjects.length).toBeGreaterThan(1)
    else expect(subjects).toEqual([subjects[0]])
  })

  test.each(shared)('$name has one default, or it is listed why not', ({ name, all }) => {
    const fallbacks = [...new Set(all.flatMap(({ fallback }) => fallback ?? []))]
    if (name in TWO_DEFAULTS) expect(fallbacks.length).toBeGreaterThan(1)
    else expect(fallbacks.slice(1)).toEqual([])
  })

  test('is listed only while it is there', () => {
    for (const name of [...Object.keys(TWO_MEANINGS), ...Object.keys(TWO_DEFAULTS)])
      expect(shared.map(({ name }) => name)).toContain(name)
  })
})
