import type { Command } from './command.ts'

const plain = (text: string): string => text.replaceAll('`', '')

function table(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([name]) => name.length))
  return rows.map(([name, text]) => `  ${name.padEnd(width)}  ${plain(text)}\n`).join('')
}

/** The page behind `agent-ci` alone. */
export function overview(commands: readonly (readonly [string, string])[]): string {
  return `agent-ci: CI/CD for AI agents\n\nUsage: agent-ci <command> [options]\n\n${table(commands)}\nagent-ci <command> --help lists the options.\n`
}

/** The page behind `agent-ci <command> --help`. */
export function commandHelp(name: string, summary: string, command: Command): string {
  const options = Object.entries(command.options).map(([option, text]) => [`--${option}`, text] as const)
  return `agent-ci ${name}${command.operands === undefined ? '' : ` ${command.operands}`}: ${plain(summary)}\n${options.length > 0 ? `\nOptions\n${table(options)}` : ''}`
}
