import { ConfigurationError } from '@agent-ci/core/errors'
import { suggestName } from '@agent-ci/core/nearest'
import { forLog } from '@agent-ci/core/untrusted'
import { type Arguments, parseArguments } from './arguments.ts'
import type { Command } from './command.ts'

/** By one word, or two. Commands are imported when they are called, so that each pays only for itself. */
export const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  eval: async () => (await import('./commands/eval.ts')).evalCommand,
  merge: async () => (await import('./commands/merge.ts')).mergeCommand,
  demo: async () => (await import('./commands/demo.ts')).demoCommand,
  gateway: async () => (await import('./commands/gateway.ts')).gatewayCommand,
  cassettes: async () => (await import('./commands/cassettes.ts')).cassettesCommand,
  prompts: async () => (await import('./commands/prompts.ts')).promptsCommand,
  'prompts test': async () => (await import('./commands/prompt-test.ts')).promptTestCommand,
  nightly: async () => (await import('./commands/nightly.ts')).nightlyCommand,
  baseline: async () => (await import('./commands/baseline.ts')).baselineCommand,
  deploy: async () => (await import('./commands/deploy.ts')).deployCommand,
  comment: async () => (await import('./commands/comment.ts')).commentCommand,
  rollback: async () => (await import('./commands/rollback.ts')).rollbackCommand,
  import: async () => (await import('./commands/import.ts')).importCommand,
  'import promptfoo': async () => (await import('./commands/import-promptfoo.ts')).importPromptfooCommand,
  export: async () => (await import('./commands/export.ts')).exportCommand,
  init: async () => (await import('./commands/init.ts')).initCommand,
  validate: async () => (await import('./commands/validate.ts')).validateCommand,
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
  const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  if (!load)
    throw new ConfigurationError({
      what: `There is no command "${forLog(name)}"`,
      why: `Expected one of ${Object.keys(COMMANDS).join(', ')}`,
      mend: suggestName(name, Object.keys(COMMANDS)),
    })
  const command = await load()
  const parsed = parseArguments(rest, [...Object.keys(command.options), 'help', 'h'], {
    ...command.flags,
    help: { alone: 'true', words: [] },
    h: { alone: 'true', words: [] },
  })
  return { name, command, parsed }
}
