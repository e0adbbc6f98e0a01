import { ConfigurationError } from '@agent-ci/core/errors'
import { suggestName } from '@agent-ci/core/nearest'
import { forLog } from '@agent-ci/core/untrusted'
import { type Arguments, parseArguments } from './arguments.ts'
import type { Command } from './command.ts'

interface Known {
  readonly summary: string
  readonly load: () => Promise<Command>
}

/** By one word, or two. Commands are imported when they are called, so that each pays only for itself. */
export const COMMANDS: Readonly<Record<string, Known>> = {
  eval: {
    summary: 'evaluate an agent on golden examples and decide by the gates (the job of eval-gate)',
    load: async () => (await import('./commands/eval.ts')).evalCommand,
  },
  merge: {
    summary: 'join the output directories of all shards of one run, and decide on the whole: agent-ci merge shards/*',
    load: async () => (await import('./commands/merge.ts')).mergeCommand,
  },
  demo: {
    summary: 'see a green and a red verdict on the example agent: no key, no account, no network',
    load: async () => (await import('./commands/demo.ts')).demoCommand,
  },
  gateway: {
    summary:
      'record, replay, budget and count the model calls of a program: agent-ci gateway --mode auto -- pytest tests/',
    load: async () => (await import('./commands/gateway.ts')).gatewayCommand,
  },
  cassettes: {
    summary: 'stats, verify, pack or prune recorded model answers: agent-ci cassettes verify [directory]',
    load: async () => (await import('./commands/cassettes.ts')).cassettesCommand,
  },
  prompts: {
    summary: 'save, get, list, diff, use or verify prompts in versions: agent-ci prompts save <name> --file prompt.md',
    load: async () => (await import('./commands/prompts.ts')).promptsCommand,
  },
  'prompts test': {
    summary: 'compare the prompts of this branch with those of main on golden examples (the job of prompt-regression)',
    load: async () => (await import('./commands/prompt-test.ts')).promptTestCommand,
  },
  nightly: {
    summary:
      'evaluate datasets x models, hold them against the nights before and tell what moved (the job of nightly-eval)',
    load: async () => (await import('./commands/nightly.ts')).nightlyCommand,
  },
  baseline: {
    summary:
      'bless a nightly run as the new normal, list or show baselines: agent-ci baseline bless <run> --reason "…"',
    load: async () => (await import('./commands/baseline.ts')).baselineCommand,
  },
  deploy: {
    summary: 'roll a release out as one unit: code, config, prompts and model (the job of canary-deploy)',
    load: async () => (await import('./commands/deploy.ts')).deployCommand,
  },
  comment: {
    summary: 'write results into a pull request as one comment (the job of pr-comment)',
    load: async () => (await import('./commands/comment.ts')).commentCommand,
  },
  rollback: {
    summary:
      'take a release back as one unit, prove that it would work (--mode drill), or show the history (--mode list)',
    load: async () => (await import('./commands/rollback.ts')).rollbackCommand,
  },
  import: {
    summary:
      "write another tool's dataset as one of ours: agent-ci import inspect evals/qa.jsonl --output evals/golden.jsonl",
    load: async () => (await import('./commands/import.ts')).importCommand,
  },
  'import promptfoo': {
    summary: 'write a promptfooconfig.yaml as agent-ci.yaml and a dataset, and list what has no counterpart',
    load: async () => (await import('./commands/import-promptfoo.ts')).importPromptfooCommand,
  },
  export: {
    summary: "write a dataset as another tool's: agent-ci export deepeval evals/golden.jsonl --output goldens.json",
    load: async () => (await import('./commands/export.ts')).exportCommand,
  },
  init: {
    summary: 'write a configuration, an adapter for your agent, a dataset of three and a workflow',
    load: async () => (await import('./commands/init.ts')).initCommand,
  },
  validate: {
    summary: 'check agent-ci.yaml and its datasets; nothing is called',
    load: async () => (await import('./commands/validate.ts')).validateCommand,
  },
}

export interface CommandLine {
  readonly name: string
  readonly command: Command
  readonly parsed: Arguments
}

/** @throws {ConfigurationError} for a command or an option that there is not */
export async function readCommandLine(argv: readonly string[]): Promise<CommandLine> {
  const two = argv.slice(0, 2).join(' ')
  const [name = '', ...rest] = Object.hasOwn(COMMANDS, two) && argv.length > 1 ? [two, ...argv.slice(2)] : argv
  const known = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  if (!known)
    throw new ConfigurationError({
      what: `There is no command "${forLog(name)}"`,
      why: `Expected one of ${Object.keys(COMMANDS).join(', ')}`,
      mend: suggestName(name, Object.keys(COMMANDS), 'Look at agent-ci --help'),
    })
  const command = await known.load()
  const parsed = parseArguments(rest, [...Object.keys(command.options), 'help', 'h'], {
    ...command.flags,
    help: { alone: 'true', words: [] },
    h: { alone: 'true', words: [] },
  })
  const [word] = parsed.positionals
  if (word !== undefined && command.operands === undefined && !parsed.option('help'))
    throw new ConfigurationError({
      what: `agent-ci ${name} has no use for "${forLog(word, 100)}"`,
      why: 'It takes options only; a command line that is only half understood is not run',
      mend: `Write the option that it belongs to, or look at agent-ci ${name} --help`,
    })
  return { name, command, parsed }
}
