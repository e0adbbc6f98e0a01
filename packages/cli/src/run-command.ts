import { ConfigurationError, formatProblem, messageOf, OutsideError } from '@agent-ci/core/errors'
import { suggestName } from '@agent-ci/core/nearest'
import { forLog } from '@agent-ci/core/untrusted'
import { type Arguments, parseArguments } from './arguments.ts'
import type { Command } from './command.ts'
import { commandHelp, overview } from './help.ts'
import { terminalHost } from './terminal-host.ts'

/** By one word, or two. Commands are imported when they are called, so that each pays only for itself. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
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
  init: async () => (await import('./commands/init.ts')).initCommand,
  validate: async () => (await import('./commands/validate.ts')).validateCommand,
}

/** Runs one command line and returns the exit status: 0 passed, 1 not, 130 interrupted twice. */
export async function runCommand(argv: readonly string[]): Promise<number> {
  const two = argv.slice(0, 2).join(' ')
  const [name, ...rest] = Object.hasOwn(COMMANDS, two) && argv.length > 1 ? [two, ...argv.slice(2)] : argv
  try {
    if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
      process.stdout.write(
        overview(
          await Promise.all(
            Object.entries(COMMANDS).map(async ([word, load]) => [word, (await load()).summary] as const),
          ),
        ),
      )
      return 0
    }
    const load = COMMANDS[name]
    if (!load)
      throw new ConfigurationError({
        what: `There is no command "${forLog(name)}"`,
        why: `Known: ${Object.keys(COMMANDS).join(', ')}`,
        mend: suggestName(name, Object.keys(COMMANDS)),
      })
    const command = await load()
    const parsed = parseArguments(rest, [...Object.keys(command.options), 'help', 'h'], {
      ...command.flags,
      help: { alone: 'true', words: [] },
      h: { alone: 'true', words: [] },
    })
    if (parsed.option('help') || parsed.option('h')) {
      process.stdout.write(commandHelp(name, command))
      return 0
    }
    return await execute(command, parsed)
  } catch (error) {
    const text =
      error instanceof ConfigurationError
        ? error.problems.map(formatProblem).join('\n')
        : error instanceof OutsideError
          ? error.message
          : `A defect of agent-ci: ${error instanceof Error ? error.stack : messageOf(error)}`
    process.stderr.write(
      `${text
        .split('\n')
        .map((line) => forLog(line))
        .join('\n')}\n`,
    )
    return 1
  }
}

async function execute(command: Command, parsed: Arguments): Promise<number> {
  const cancel = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      // A second Ctrl-C does not wait for the report.
      if (cancel.signal.aborted) process.exit(130)
      cancel.abort()
    })
  }
  const host = terminalHost(parsed.option, cancel.signal)
  const outcome = await command.run(host, parsed.positionals)
  if (outcome.headline !== '') host.info(outcome.headline)
  return outcome.exitStatus
}
