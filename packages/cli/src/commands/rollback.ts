import { INPUTS } from '@agent-ci/action-rollback/interface'
import { main } from '@agent-ci/action-rollback/main'
import type { Command } from '../command.ts'

/** `agent-ci rollback`: the job of the rollback action. */
export const rollbackCommand: Command = {
  options: INPUTS,
  flags: {},
  run: (host) => main(host),
}
