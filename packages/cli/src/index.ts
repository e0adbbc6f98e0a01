#!/usr/bin/env node
import { runCommand } from './run-command.ts'

// A reader that has seen enough (`agent-ci prompts get support | head -1`) does not end the work, nor change its verdict.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
})

process.exitCode = await runCommand(process.argv.slice(2))
