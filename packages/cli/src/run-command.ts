import { ConfigurationError, formatProblem, messageOf, OutsideError } from '@agent-ci/core/errors'
import { forLog } from '@agent-ci/core/untrusted'
import type { Arguments } from './arguments.ts'
import type { Command } from './command.ts'
import { COMMANDS, readCommandLine } from './command-line.ts'
import { commandHelp, overview } from './help.ts'
import { terminalHost } from './terminal-host.ts'

/** Runs one command line and returns the exit status: 0 passed, 1 not, 130 interrupted twice. */
export async function runCommand(argv: readonly string[]): Promise<number> {
  const [name] = argv
  try {
    if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
      process.stdout.write(overview(Object.entries(COMMANDS).map(([word, { summary }]) => [word, summary])))
      return 0
    }
    const { name: found, command, parsed } = await readCommandLine(argv)
    if (parsed.option('help') || parsed.option('h')) {
      process.stdout.write(commandHelp(found, COMMANDS[found]!.summary, command))
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
