import { randomUUID } from 'node:crypto'
import { INPUTS } from '@agent-ci/action-canary-deploy/interface'
import { main } from '@agent-ci/action-canary-deploy/main'
import type { Command } from '../command.ts'

/** `agent-ci deploy`: the job of canary-deploy. */
export const deployCommand: Command = {
  summary: 'roll a release out as one unit: code, config, prompts and model (the job of canary-deploy)',
  options: INPUTS,
  flags: { 'force-conflicts': { alone: 'true', words: ['true', 'false'] } },
  run: (host) => main(host, randomUUID().slice(0, 8)),
}
